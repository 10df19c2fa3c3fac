"""The same write sent twice happens once, also at once, and also when the first one crashed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from api.idempotency import forget_old_answers
from api.models import GivenAnswer
from orgs.models import Team
from orgs.services import teams
from tenancy.context import organization_open
from tests.api.conftest import Caller, make_key, problem_in
from tests.cast import Acme, make_acme


def teams_called(acme: Acme, name: str) -> int:
    with organization_open(acme.organization.pk):
        return int(Team.objects.filter(name=name).count())


@pytest.mark.django_db
def test_the_same_key_and_body_replay_the_answer(acme: Acme, olga: Caller) -> None:
    first = olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    again = olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert teams_called(acme, "Launch") == 1


@pytest.mark.django_db
def test_without_a_key_a_write_is_done_each_time(acme: Acme, olga: Caller) -> None:
    for _time in range(2):
        assert olga.post("/teams", {"name": "Launch"}).status_code == 201
    assert teams_called(acme, "Launch") == 2


@pytest.mark.django_db
def test_the_same_key_for_something_else_is_refused(acme: Acme, olga: Caller) -> None:
    olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    problem = problem_in(olga.post("/teams", {"name": "Other"}, Idempotency_Key="k1"), 422)
    assert problem["type"].endswith("#other-request")
    problem_in(olga.post("/workspaces", {"name": "Launch"}, Idempotency_Key="k1"), 422)
    assert teams_called(acme, "Other") == 0


@pytest.mark.django_db
def test_keys_belong_to_who_sends_them(acme: Acme, olga: Caller) -> None:
    _key, secret = make_key(acme.organization, acme.olga)
    for caller in (olga, Caller(acme.marc), Caller(secret=secret)):
        made = caller.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
        assert made.status_code == 201 and "Idempotent-Replayed" not in made
    assert teams_called(acme, "Launch") == 3


@pytest.mark.django_db
def test_a_deletion_is_replayed_though_its_object_is_gone(acme: Acme, olga: Caller) -> None:
    team = olga.post("/teams", {"name": "Launch"}).json()["id"]
    assert olga.delete(f"/teams/{team}", Idempotency_Key="k1").status_code == 204
    assert olga.delete(f"/teams/{team}", Idempotency_Key="k1").status_code == 204
    problem_in(olga.delete(f"/teams/{team}", Idempotency_Key="k2"), 404)


@pytest.mark.django_db
def test_a_refused_request_may_be_mended_under_the_same_key(acme: Acme, olga: Caller) -> None:
    problem_in(olga.post("/teams", {"name": ""}, Idempotency_Key="k1"), 422)
    assert olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1").status_code == 201


@pytest.mark.django_db
def test_a_crash_leaves_neither_the_change_nor_its_answer(
    acme: Acme, olga: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = teams.create_team

    def create_and_die(**given: Any) -> Team:
        done(**given)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(teams, "create_team", create_and_die)
    with pytest.raises(RuntimeError):
        olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    assert teams_called(acme, "Launch") == 0
    monkeypatch.setattr(teams, "create_team", done)
    assert olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1").status_code == 201
    assert teams_called(acme, "Launch") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_is_too_long_or_no_text_is_refused(acme: Acme, olga: Caller, key: str) -> None:
    problem_in(olga.post("/teams", {"name": "Launch"}, Idempotency_Key=key), 400)


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(acme: Acme, olga: Caller) -> None:
    olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    now = datetime.now(UTC)
    assert forget_old_answers(now=now + timedelta(hours=23)) == 0
    assert forget_old_answers(now=now + timedelta(hours=25)) == 1
    with time_machine.travel(now + timedelta(hours=25)):
        assert olga.post("/teams", {"name": "Launch"}, Idempotency_Key="k1").status_code == 201
    assert teams_called(acme, "Launch") == 2


@pytest.mark.django_db(transaction=True)
@override_settings(API_RATE="10000/min")
def test_two_requests_at_once_do_it_once() -> None:
    """The second comes while the first is held inside its service, and is told so; later it gets the answer."""
    acme = make_acme()
    begun, go_on = threading.Event(), threading.Event()
    answers: dict[str, Any] = {}
    done = teams.create_team

    def create_slowly(**given: Any) -> Team:
        team = done(**given)
        begun.set()
        assert go_on.wait(10)
        return team

    def first() -> None:
        try:
            answers["first"] = Caller(acme.olga).post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teams, "create_team", create_slowly)
        thread = threading.Thread(target=first)
        thread.start()
        assert begun.wait(10)
        problem_in(Caller(acme.olga).post("/teams", {"name": "Launch"}, Idempotency_Key="k1"), 409)
        go_on.set()
        thread.join()
    later = Caller(acme.olga).post("/teams", {"name": "Launch"}, Idempotency_Key="k1")
    assert answers["first"].status_code == later.status_code == 201
    assert answers["first"].json() == later.json()
    assert teams_called(acme, "Launch") == 1
    with organization_open(acme.organization.pk):
        assert GivenAnswer.objects.count() == 1
