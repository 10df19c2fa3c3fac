"""Approvals over the API: the same services, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import User
from publishing.models import State
from tests.cast import Acme
from tests.publishing.approvals.making import ask, fresh, make_workflow, step

SignIn = Callable[[User], Client]
BASE = "/api/v1/organizations/acme/approvals"


def put(client: Client, address: str, **body: Any) -> Any:
    return client.put(address, json.dumps(body), content_type="application/json")


def test_request_is_listed_read_and_approved(acme: Acme, signed_in: SignIn) -> None:
    make_workflow(acme, step("Words", acme.paul))
    approval = ask(acme, text="Over the API")
    paul = signed_in(acme.paul)
    [listed] = paul.get(BASE).json()["items"]
    assert (listed["id"], listed["text"], listed["step"]) == (approval.pk, "Over the API", "Words")
    assert signed_in(acme.marc).get(BASE).json()["items"] == []
    assert len(signed_in(acme.marc).get(f"{BASE}?show=open").json()["items"]) == 1
    wrong = put(paul, f"{BASE}/{approval.pk}/answer", is_approved=True, digest="another")
    assert wrong.status_code == 422 and "content changed" in wrong.json()["detail"]
    answer = put(paul, f"{BASE}/{approval.pk}/answer", is_approved=True, digest=listed["digest"])
    assert answer.status_code == 200 and answer.json()["answer"] == "approved"
    assert fresh(acme, approval.publication).state == State.SCHEDULED


def test_who_may_not_review_is_refused_and_no_needs_a_note(acme: Acme, signed_in: SignIn) -> None:
    approval = ask(acme)
    address = f"{BASE}/{approval.pk}/answer"
    assert put(signed_in(acme.mina), address, is_approved=False, note="No").status_code == 403
    assert put(signed_in(acme.emil), address, is_approved=False, note="No").status_code == 404
    assert put(signed_in(acme.paul), address, is_approved=False).status_code == 422
    assert put(signed_in(acme.paul), address, is_approved=False, note="No").status_code == 200
    assert fresh(acme, approval.publication).state == State.DECLINED


def test_comments_are_written_and_read(acme: Acme, signed_in: SignIn) -> None:
    address = f"{BASE}/{ask(acme).pk}/comments"
    paul = signed_in(acme.paul)
    sent = paul.post(address, json.dumps({"text": "Fine"}), content_type="application/json")
    assert sent.status_code == 201 and sent.json()["is_external"] is False
    told = paul.get(address).json()
    said = told["items"]
    assert [one["text"] for one in said] == ["Fine"]
