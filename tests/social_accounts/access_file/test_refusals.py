"""A bad file names line and reason, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management.base import CommandError

from accounts.models import User
from orgs.models import Organization
from social_accounts.access_file.reading import read
from social_accounts.access_file.state import FileRefused
from tests.social_accounts.access_file.conftest import FULL, SMALL, run

PAUL = "      - {email: paul@small.test, role: standard:member}\n"


def after_line(number: int, line: str) -> str:
    lines = SMALL.splitlines(keepends=True)
    return "".join([*lines[:number], line + "\n", *lines[number:]])


def instead(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


BAD = {
    "no owner": (instead("standard:owner", "standard:member"), 3, "has no owner"),
    "two owners": (instead("standard:member", "standard:owner"), 7, "exactly one owner"),
    "a suspended owner": (
        instead("standard:owner}", "standard:owner, status: suspended}"),
        6,
        "cannot be suspended",
    ),
    "an owner for a while": (
        instead("standard:owner}", "standard:owner, expires: 2027-01-01T00:00:00Z}"),
        6,
        "can begin or end",
    ),
    "a profile role in the organization": (
        instead("standard:member", "standard:editor"),
        7,
        "is a role of a profile, not of an organization",
    ),
    "an unknown role": (instead("standard:member", "standard:membr"), 7, "there is no role"),
    "an unknown own role": (instead("standard:member", "helper"), 7, "there is no role “helper”"),
    "no role": (instead(", role: standard:member", ""), 7, "exactly one role"),
    "two roles": (instead(PAUL, PAUL + PAUL), 8, "stands here twice"),
    "staff": (
        after_line(4, "    packs: [standard, actito]").replace("standard:member", "actito:support"),
        8,
        "vendor staff",
    ),
    "a role of a pack not used": (instead("standard:member", "hootsuite:admin"), 7, "add it to its packs"),
    "an unknown pack": (after_line(4, "    packs: [standard, buffer]"), 5, "there is no pack “buffer”"),
    "an unknown action": (
        after_line(9, "    roles: [{slug: r, scope: profile, actions: [publish_post]}]"),
        10,
        "Did you mean “profile.publish_posts”",
    ),
    "an action of another scope": (
        after_line(9, "    roles:\n      - {slug: r, scope: team, actions: [profile.publish_posts]}"),
        11,
        "is an action of a profile; this role is one of a team",
    ),
    "a scope that is none": (
        after_line(9, "    roles: [{slug: r, scope: page, actions: []}]"),
        10,
        "scope is one of",
    ),
    "a role twice": (
        after_line(
            9,
            "    roles:\n      - {slug: r, scope: team, actions: []}\n      - {slug: r, scope: profile, actions: []}",
        ),
        12,
        "the role “r” stands here twice",
    ),
    "a custom role of the wrong scope": (
        after_line(9, "    roles: [{slug: r, scope: team, actions: []}]").replace("standard:member", "r"),
        7,
        "“r” is a role of a team, not of an organization",
    ),
    "a team role on a profile": (
        after_line(9, "    teams:\n      - slug: t\n        profiles: {small-x: standard:team_admin}"),
        12,
        "is a role of a team, not of a profile",
    ),
    "a profile that is not there": (
        after_line(
            9, "    grants:\n      - {person: paul@small.test, profile: small-y, role: standard:editor}"
        ),
        11,
        "“small-y” is not among the profiles",
    ),
    "a person who is not there": (
        after_line(
            9, "    grants:\n      - {person: eva@small.test, profile: small-x, role: standard:editor}"
        ),
        11,
        "“eva@small.test” is not among the people",
    ),
    "a team member who is not there": (
        after_line(
            9, "    teams:\n      - slug: t\n        members:\n          eva@small.test: standard:team_member"
        ),
        13,
        "is not among the people",
    ),
    "a workspace that is not there": (
        instead("standard:member", "standard:member, workspaces: [eu]"),
        7,
        "there is no workspace “eu”",
    ),
    "a grant twice": (
        after_line(
            9,
            "    grants:"
            + "\n      - {person: paul@small.test, profile: small-x, role: standard:editor}" * 2,
        ),
        12,
        "stands here twice",
    ),
    "a time without a zone": (
        instead("standard:member", "standard:member, expires: 2027-01-01T00:00:00"),
        7,
        "needs its zone",
    ),
    "a time that is none": (instead("standard:member", "standard:member, expires: soon"), 7, "is not a time"),
    "a window that ends before it begins": (
        instead(
            "standard:member", "standard:member, starts: 2027-01-01T00:00:00Z, expires: 2027-01-01T00:00:00Z"
        ),
        7,
        "must come after its start",
    ),
    "partners": (
        after_line(9, "    partners:\n      - organization: agency\n        status: friendly"),
        12,
        "the status of a partner is one of",
    ),
    "an unknown key": (
        instead("email: paul@small.test,", "email: paul@small.test, roel: x,"),
        7,
        "Did you mean “role”",
    ),
    "no address": (instead("email: paul@small.test", "email: paul"), 7, "is not an e-mail address"),
    "a reserved slug": (instead("slug: small\n", "slug: admin\n"), 3, "is reserved"),
    "a slug that is none": (instead("small-x", "small x"), 9, "cannot name"),
    "another version": (instead("version: 1", "version: 2"), 1, "version 1 is read here"),
    "no version": (instead("version: 1", "# none"), 2, "the file needs a version"),
    "no organization": ("version: 1\norganizations: []\n", 2, "names no organization"),
    "an organization twice": (SMALL + SMALL.partition("organizations:\n")[2], 10, "stands here twice"),
    "a key twice": (
        instead("    name: Small", "    name: Small\n    name: Big"),
        5,
        "“name” stands here twice",
    ),
    "no YAML": (instead("role: standard:owner}", "role: standard:owner"), 7, "this is not YAML"),
    "an alias": (
        instead(PAUL, "      - &p {email: a@b.test, role: standard:member}\n      - *p\n"),
        7,
        "aliases",
    ),
    "nothing": ("", 1, "the file is empty"),
    "a list": ("- 1\n", 1, "must be a mapping"),
    "a text for a list": (
        instead("    profiles:\n      - {slug: small-x, network: x}", "    profiles: none"),
        8,
        "must be a list",
    ),
}


@pytest.mark.parametrize(("text", "line", "reason"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read(text)
    found = {problem.line: problem.reason for problem in reversed(caught.value.problems)}
    assert line in found and reason in found[line], str(caught.value)


def test_the_files_of_the_other_tests_are_good() -> None:
    assert len(read(FULL + SMALL.partition("organizations:\n")[2])) == 2


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(FileRefused) as caught:
        read(instead("standard:owner", "standard:ower").replace("network: x", "netwrk: x"))
    assert [problem.line for problem in caught.value.problems] == [3, 6, 9, 9]


@pytest.mark.django_db
def test_a_refused_file_changes_nothing(load: Callable[..., str]) -> None:
    with pytest.raises(CommandError) as caught:
        load(FULL + SMALL.partition("organizations:\n")[2].replace("standard:owner", "standard:member"))
    line = FULL.count("\n") + 1
    assert f"access.yaml, line {line}: the organization “small” has no owner.\nNothing was changed." in str(
        caught.value
    )
    assert not Organization.objects.exists() and not User.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_named(load: Callable[..., str]) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("load", "/nowhere/access.yaml")
