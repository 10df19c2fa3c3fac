from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest

from social_accounts.networks import registry
from social_accounts.networks.base import (
    LimitLevel,
    Limits,
    NetworkError,
    NotSent,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.data import content_limits, oauth_facts
from social_accounts.networks.registry import NetworksConfig, Registry, UnknownNetwork
from social_accounts.networks.words import Sentence, _, translated

from .cast import NOW

# Where limits.json and oauth.json have several kinds of one network.
LIMITS_OF = {"facebook": "facebook_page", "instagram": "instagram_feed", "tiktok": "tiktok_video"}
OAUTH_OF = {"instagram": "instagram_facebook_login"}
FOLDER = Path(registry.__file__).parent


def test_registry_knows_every_network() -> None:
    networks = Registry(NetworksConfig())
    assert set(networks.names) == set(registry.FACTORIES)
    for name in networks.names:
        assert networks.features(name).name == name
        text = content_limits(LIMITS_OF.get(name, name))["text"]
        assert networks.features(name).text_limit == text.get("max", text.get("description_max"))
        assert oauth_facts(OAUTH_OF.get(name, name))["scopes"]
    assert isinstance(networks.adapter("mastodon"), Limits)


def test_network_that_is_switched_off_is_unknown() -> None:
    networks = Registry(NetworksConfig(enabled=("bluesky",)))
    with pytest.raises(UnknownNetwork):
        networks.adapter("mastodon")


def test_adapters_know_nothing_of_django_and_never_sleep() -> None:
    for path in FOLDER.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) != ("time", "sleep"), path
            assert not [name for name in names if name.split(".")[0] in ("django", "logging", "structlog")], (
                path
            )


def test_sentences_can_still_be_translated() -> None:
    sentence = _("There is no server called %(host)s.", host="x.example")
    assert isinstance(sentence, Sentence)
    assert sentence == "There is no server called x.example."
    french = {"There is no server called %(host)s.": "Il n’y a pas de serveur %(host)s."}
    assert translated(sentence, french.__getitem__) == "Il n’y a pas de serveur x.example."
    assert translated(ValueError(sentence), french.__getitem__) == "Il n’y a pas de serveur x.example."
    assert translated("Plain words of a network", french.__getitem__) == "Plain words of a network"
    assert translated(_("100% sure"), str) == "100% sure"


@pytest.mark.parametrize(
    "error",
    [
        Rejected(RejectionReason.POLICY, _("There is no server called %(host)s.", host="x.example")),
        RateLimited(NOW, LimitLevel.PROFILE),
        NotSent(_("%(host)s cannot be reached.", host="x.example")),
    ],
)
def test_errors_travel_between_processes(error: NetworkError) -> None:
    travelled = pickle.loads(pickle.dumps(error))
    assert type(travelled) is type(error)
    assert vars(travelled) == vars(error)
    assert str(travelled) == str(error)
    assert translated(travelled, str) == translated(error, str)
