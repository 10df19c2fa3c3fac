"""Every event of the product, and every value it stores as a key, has words in the audit log."""

import ast
from collections.abc import Iterator

from django.conf import settings

from orgs.models import Organization
from orgs.selectors.audit_log import ACTION_LABELS
from orgs.selectors.audit_words import VALUES, worded
from permissions import catalogue
from publishing.models import State
from publishing.services import vocabulary
from publishing.services.delivery import Finding
from social_accounts.boards.models import BoardChange
from social_accounts.models import SocialProfile


def recorded_actions() -> Iterator[str]:
    for app in ("orgs", "permissions", "publishing", "social_accounts", "governance"):
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg == "action":
                    yield from (
                        part.value
                        for part in ast.walk(node.value)
                        if isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                        and "." in part.value
                    )


def test_audit_log_has_a_name_for_every_event_that_is_recorded() -> None:
    recorded = set(recorded_actions())
    assert {"post.create", "profile.connect", "member.role"} <= recorded
    # These are put together: with a state, a kind of change, the name of a thing; and "." is asked of any action.
    recorded -= {"publication.", "board.", ".create", ".update", ".delete", "."}
    recorded |= {f"publication.{state}" for state in State}
    recorded |= {f"board.{kind}" for kind in BoardChange.Kind}
    nouns = {one.noun for one in vars(vocabulary).values() if isinstance(one, vocabulary.Kind)}
    assert "label" in nouns
    recorded |= {f"{noun}.{act}" for noun in nouns for act in ("create", "update", "delete")}
    recorded |= {"publication.approve", "publication.decline"}
    assert sorted(recorded - ACTION_LABELS.keys() - catalogue.ACTIONS.keys()) == []


def test_audit_log_words_are_those_of_the_pages() -> None:
    for field, choices in [
        ("state", State),
        ("status", SocialProfile.Status),
        ("two_factor", Organization.TwoFactor),
    ]:
        assert {key: str(label) for key, label in VALUES[field].items()} == dict(choices.choices)
    assert set(VALUES["finding"]) == set(Finding)


def test_values_without_words_of_their_own_stay_as_they_are() -> None:
    assert worded("name", "draft") == "draft"
    assert worded("state", "draft") == "Draft"
    assert worded("state", None) is None
