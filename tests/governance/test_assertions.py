from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.models import Assertion
from governance.services.assertions import BrokenNow, state_assertion
from permissions.errors import BreaksAssertion
from permissions.services import grant_role
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, role

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def state(acme: Acme, *, knows: bool = False, **fields: Any) -> Assertion:
    fields.setdefault("name", "Rule")
    with organization_open(acme.organization.pk):
        return state_assertion(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            rule=Assertion(**fields),
            now=NOW,
            knows_breaks=knows,
        )


def grant(acme: Acme, person: Any, profile: Any, key: str, **more: Any) -> None:
    with organization_open(acme.organization.pk):
        grant_role(
            actor=acme.access(acme.marc), receiver=person, role=role(key), obj=profile, now=NOW, **more
        )


def test_only_rule_refuses_whoever_is_not_named_and_lets_who_is(acme: Acme) -> None:
    state(
        acme,
        kind="only",
        name="Speaking",
        action="profile.publish_posts",
        where="profiles",
        profile_ids=[acme.quiet.pk],
        people_ids=[acme.mina.pk],
        role_ids=[
            role("standard:owner", acme_scope()).permission_id,
            role("standard:manager", acme_scope()).permission_id,
        ],
    )
    with pytest.raises(BreaksAssertion, match="“Speaking”.*Emil Employee may do it on Acme Quiet"):
        grant(acme, acme.emil, acme.quiet, "standard:editor")
    with organization_open(acme.organization.pk):
        assert not ProfileUserGrant.objects.filter(user=acme.emil).exists(), "nothing is half done"
    grant(acme, acme.mina, acme.quiet, "standard:editor")
    grant(acme, acme.emil, acme.quiet, "standard:moderator")
    grant(acme, acme.emil, acme.sky, "standard:editor")


def acme_scope() -> Any:
    from permissions.catalogue import Scope

    return Scope.ORGANIZATION


def test_window_that_opens_later_is_refused_when_it_is_given(acme: Acme) -> None:
    rule = {"kind": "not_both", "action": "profile.publish_posts", "other_action": "profile.review_posts"}
    with pytest.raises(BrokenNow):
        state(acme, **rule)
    state(acme, knows=True, **rule)
    with pytest.raises(BreaksAssertion):
        grant(acme, acme.emil, acme.news, "standard:administrator", starts_at=NOW + timedelta(days=30))
