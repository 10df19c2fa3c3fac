from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from audit.models import AuditEvent
from audit.services import record_event, verify_chain
from governance.models import Review, ReviewLine
from orgs.models import TeamUserGrant
from permissions.catalogue import Scope
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, role

SignIn = Callable[[User], Client]
LIST = "/o/acme/reviews/"


def opened(acme: Acme, client: Client, **typed: Any) -> Review:
    """Open a review through the page, by Olga, for Olga and Marc."""
    data = {
        "kind": "profile",
        "profile": acme.news.pk,
        "reviewers": [acme.olga.pk, acme.marc.pk],
        "due_on": timezone.localdate() + timedelta(days=7),
        **typed,
    }
    response = client.post(f"{LIST}new/", data)
    assert response.status_code == 303, response.content.decode()
    with organization_open(acme.organization.pk):
        return Review.objects.latest("pk")


def line_of(acme: Acme, review: Review, who: str, source: str = "") -> ReviewLine:
    with organization_open(acme.organization.pk):
        rows = ReviewLine.objects.filter(review=review, who=who)
        return rows.get(source=source) if source else rows.get()


def decide(client: Client, line: ReviewLine, decision: str, **more: Any) -> Any:
    data = {"decision": decision, "version": line.version, **more}
    return client.post(f"{LIST}{line.review_id}/lines/{line.pk}/", data)


def sign(client: Client, review: Review) -> Any:
    return client.post(f"{LIST}{review.pk}/sign/", follow=True)


def keep_rest(client: Client, acme: Acme, review: Review) -> None:
    with organization_open(acme.organization.pk):
        left = list(ReviewLine.objects.filter(review=review, decision="").values_list("pk", flat=True))
    client.post(f"{LIST}{review.pk}/keep/", {"lines": left})


def finished(acme: Acme, signed_in: SignIn) -> tuple[Client, Review]:
    """A review of News in which Mina is reduced, Gus removed and everybody else kept, signed off by Olga."""
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    guest = role("standard:guest").permission_id
    decide(olga, line_of(acme, review, "Mina Moderator"), "reduce", role=guest, note="Back to reading, été")
    decide(olga, line_of(acme, review, "Gus Guest"), "remove", note="=1+1")
    keep_rest(olga, acme, review)
    keep_rest(signed_in(acme.marc), acme, review)
    answer = sign(signed_in(acme.olga), review)
    assert "Signed off" in answer.content.decode()
    return signed_in(acme.olga), review


def roles_on_news(acme: Acme) -> dict[str, str]:
    with organization_open(acme.organization.pk):
        rows = ProfileUserGrant.objects.filter(content_object=acme.news).select_related(
            "permission__role", "user"
        )
        return {row.user.name: row.permission.role.slug for row in rows}


def test_review_lists_everybody_who_has_something_there_and_where_from(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    review = opened(acme, client)
    with organization_open(acme.organization.pk):
        lines = [
            (line.who, line.role, line.source)
            for line in ReviewLine.objects.filter(review=review).order_by("position")
        ]
    assert lines == [
        ("Gus Guest", "Guest", "direct"),
        ("Mina Moderator", "Moderator", "direct"),
        ("Paul Editor", "Editor", "direct"),
        ("Marc Manager", "Administrator", "organization"),
        ("Olga Owner", "Administrator", "organization"),
        ("Sven Suspended", "Administrator", "organization"),
    ]
    review = opened(acme, client, profile=acme.sky.pk)
    assert line_of(acme, review, "Ana Admin").through == "Brand"
    text = client.get(f"{LIST}{review.pk}/").content.decode()
    assert "Through a team" in text and "0 of 5 lines decided" in text


def test_decisions_are_carried_out_at_sign_off_and_not_before(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    decide(olga, line_of(acme, review, "Gus Guest"), "remove")
    assert roles_on_news(acme)["Gus Guest"] == "guest"
    early = sign(olga, review).content.decode()
    assert "Some lines are not decided yet" in early
    assert roles_on_news(acme)["Gus Guest"] == "guest"
    _client, review = finished(acme, signed_in)
    assert roles_on_news(acme) == {"Paul Editor": "editor", "Mina Moderator": "guest"}
    with organization_open(acme.organization.pk):
        told = AuditEvent.objects.filter(action__in=["access.grant", "access.end"]).order_by("sequence")
        assert [event.actor_id for event in told] == [acme.olga.pk] * 3
        assert "Access review: @acme-news@sandbox.test. Back to reading, été" in {
            event.reason for event in told
        }
        assert list(verify_chain()) == []


def test_nobody_decides_about_himself(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    own = line_of(acme, review, "Olga Owner")
    page = olga.get(f"{LIST}{review.pk}/lines/{own.pk}/").content.decode()
    assert "This is about yourself" in page and 'data-key="k"' not in page
    assert decide(olga, own, "keep").status_code == 422
    olga.post(f"{LIST}{review.pk}/keep/", {"lines": [own.pk]})
    assert line_of(acme, review, "Olga Owner").decision == ""
    assert decide(signed_in(acme.marc), own, "keep").status_code == 303
    assert line_of(acme, review, "Olga Owner").decision == "keep"


def test_only_reviewers_decide_and_others_who_may_run_reviews_read(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga, reviewers=[acme.olga.pk])
    line = line_of(acme, review, "Gus Guest")
    marc = signed_in(acme.marc)
    assert marc.get(f"{LIST}{review.pk}/lines/{line.pk}/").status_code == 200
    answer = decide(marc, line, "remove")
    assert answer.status_code == 422 and "not among the reviewers" in answer.content.decode()
    assert "not among the reviewers" in sign(marc, review).content.decode()
    assert signed_in(acme.mina).get(f"{LIST}{review.pk}/").status_code == 403
    assert decide(signed_in(acme.mina), line, "keep").status_code == 403


def test_second_reviewer_sees_what_the_first_decided_meanwhile(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    line = line_of(acme, review, "Gus Guest")
    assert decide(olga, line, "remove").status_code == 303
    marc = signed_in(acme.marc)
    answer = marc.post(
        f"{LIST}{review.pk}/lines/{line.pk}/", {"decision": "keep", "version": line.version}, follow=True
    )
    assert "Olga Owner decided this line meanwhile" in answer.content.decode()
    assert line_of(acme, review, "Gus Guest").decision == "remove"


def test_line_that_changed_meanwhile_is_shown_as_it_is_and_decided_anew(
    acme: Acme, signed_in: SignIn
) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    line = line_of(acme, review, "Gus Guest")
    until = datetime.now(UTC) + timedelta(days=3)
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.gus).update(expires_at=until)
        ProfileUserGrant.objects.filter(user=acme.mina).delete()
    page = olga.get(f"{LIST}{review.pk}/lines/{line.pk}/").content.decode()
    assert "changed since the review was opened" in page
    answer = olga.post(
        f"{LIST}{review.pk}/lines/{line.pk}/", {"decision": "keep", "version": line.version}, follow=True
    )
    assert "This line changed since you looked at it" in answer.content.decode()
    fresh = line_of(acme, review, "Gus Guest")
    assert (fresh.decision, fresh.expires_at) == ("", until)
    assert decide(olga, fresh, "keep").status_code == 303
    keep_rest(olga, acme, review)
    keep_rest(signed_in(acme.marc), acme, review)
    sign(signed_in(acme.olga), review)
    assert line_of(acme, review, "Mina Moderator").is_gone
    with organization_open(acme.organization.pk):
        assert not Review.objects.get(pk=review.pk).is_open, "what has ended needs no decision"


def test_decision_that_is_refused_undoes_the_sign_off_and_says_why(acme: Acme, signed_in: SignIn) -> None:
    """Marc signs what Olga decided about him: nobody changes his own access, so nothing of it is done."""
    olga = signed_in(acme.olga)
    review = opened(acme, olga, kind="organization")
    decide(olga, line_of(acme, review, "Marc Manager"), "remove")
    decide(olga, line_of(acme, review, "Emil Employee"), "remove")
    keep_rest(olga, acme, review)
    marc = signed_in(acme.marc)
    keep_rest(marc, acme, review)
    answer = sign(marc, review).content.decode()
    assert "Nothing was changed" in answer
    assert "You cannot change your own access" in line_of(acme, review, "Marc Manager").problem
    assert line_of(acme, review, "Marc Manager").decision == ""
    with organization_open(acme.organization.pk):
        assert Review.objects.get(pk=review.pk).is_open
        assert AuditEvent.objects.filter(action="member.remove").count() == 0
    olga = signed_in(acme.olga)
    decide(olga, line_of(acme, review, "Marc Manager"), "remove")
    sign(olga, review)
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="member.remove", actor=acme.olga).count() == 2


def test_unused_rights_are_pointed_out_from_the_audit_log(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        record_event(
            actor=acme.paul, action="post.update", obj=acme.news, at=timezone.now() - timedelta(days=10)
        )
        record_event(
            actor=acme.mina, action="post.update", obj=acme.news, at=timezone.now() - timedelta(days=120)
        )
        record_event(
            actor=acme.gus, action="post.update", obj=acme.sky, at=timezone.now() - timedelta(days=1)
        )
    review = opened(acme, signed_in(acme.olga))
    found = {
        name: line_of(acme, review, name).is_unused for name in ("Paul Editor", "Mina Moderator", "Gus Guest")
    }
    assert found == {"Paul Editor": False, "Mina Moderator": True, "Gus Guest": True}
    text = signed_in(acme.olga).get(f"{LIST}{review.pk}/?show=unused").content.decode()
    assert "Mina Moderator" in text and "Paul Editor" not in text


def test_team_review_takes_people_and_profiles_out_of_the_team(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga, kind="team", team=acme.brand.pk)
    decide(olga, line_of(acme, review, "Paul Editor", "place"), "remove")
    member = role("standard:team_member", Scope.TEAM).permission_id
    assert decide(olga, line_of(acme, review, "Ana Admin", "place"), "reduce", role=member).status_code == 303
    guest = role("standard:guest").permission_id
    decide(olga, line_of(acme, review, "Brand", "link"), "reduce", role=guest)
    sign(olga, review)
    with organization_open(acme.organization.pk):
        places = dict(TeamUserGrant.objects.values_list("user__name", "permission__role__slug"))
        assert places == {"Ana Admin": "team_member"}
        assert acme.sky.group_grants.get().permission_id == guest


@pytest.mark.parametrize(
    ("decision", "more", "said"),
    [
        ("explode", {}, "Choose what to do"),
        ("reduce", {}, "Choose the role"),
        ("reduce", {"role": "999999"}, "Choose the role"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    acme: Acme, signed_in: SignIn, decision: str, more: dict[str, str], said: str
) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    answer = decide(
        olga,
        line_of(acme, review, "Gus Guest" if decision != "reduce" else "Paul Editor"),
        decision[:6],
        **more,
    )
    assert answer.status_code == 422 and said in answer.content.decode()


def test_role_that_comes_with_the_organization_role_can_only_be_kept_on_a_profile(
    acme: Acme, signed_in: SignIn
) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    line = line_of(acme, review, "Marc Manager")
    page = olga.get(f"{LIST}{review.pk}/lines/{line.pk}/").content.decode()
    assert 'value="remove"' not in page and 'value="reduce"' not in page
    answer = decide(olga, line, "remove")
    assert answer.status_code == 422 and "changed there" in answer.content.decode()


def test_signed_report_is_sealed_into_the_log_and_downloads_unchanged(acme: Acme, signed_in: SignIn) -> None:
    client, review = finished(acme, signed_in)
    base = f"{LIST}{review.pk}/report."
    data = client.get(base + "json").content
    with organization_open(acme.organization.pk):
        review.refresh_from_db()
        event = AuditEvent.objects.get(action="review.sign")
    assert hashlib.sha256(data).hexdigest() == review.report_digest == event.after["fingerprint"]
    assert (event.sequence, event.digest) == (review.event_sequence, review.event_digest)
    lines = {line["who"]: line for line in json.loads(data)["lines"]}
    assert (lines["Mina Moderator"]["decision"], lines["Mina Moderator"]["new_role"]) == ("reduce", "Guest")
    assert client.get(base + "pdf").content == client.get(base + "pdf").content
    acme.mina.name = "Somebody Else"
    acme.mina.save()
    assert client.get(base + "json").content == data
    assert signed_in(acme.mina).get(base + "pdf").status_code == 403


def test_report_as_pdf_tells_everything_in_the_language_of_the_reader(acme: Acme, signed_in: SignIn) -> None:
    client, review = finished(acme, signed_in)
    answer = client.get(f"{LIST}{review.pk}/report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    with organization_open(acme.organization.pk):
        review.refresh_from_db()
    for wanted in (
        "Access review: @acme-news@sandbox.test",
        "Mina Moderator",
        "Reduced to Guest",
        "Back to reading, été",
        "Removed",
        "6 lines",
        review.report_digest,
        review.event_digest,
        str(review.event_sequence),
        f"Page 1 of {len(reader.pages)}",
    ):
        assert wanted in text, wanted
    fonts = {
        font.get_object()["/BaseFont"]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert all("Inter" in name for name in fonts), "embedded, so that it prints anywhere"
    acme.olga.language = "fr"
    acme.olga.save()
    french = client.get(f"{LIST}{review.pk}/report.pdf").content
    catalog: Any = PdfReader(io.BytesIO(french)).trailer["/Root"]
    assert catalog["/Lang"] == "fr"


def test_report_as_csv_holds_each_line_and_no_formula(acme: Acme, signed_in: SignIn) -> None:
    client, review = finished(acme, signed_in)
    text = client.get(f"{LIST}{review.pk}/report.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 6
    gus = next(row for row in rows if row["Who"] == "Gus Guest")
    assert (gus["Decision"], gus["Note"], gus["Decided by"]) == ("Removed", "'=1+1", "Olga Owner")


def test_open_review_has_no_report_and_signed_one_no_way_back(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga)
    assert olga.get(f"{LIST}{review.pk}/report.pdf").status_code == 404
    client, signed = finished(acme, signed_in)
    assert "signed off already" in sign(client, signed).content.decode()
    assert "signed off already" in client.post(f"{LIST}{signed.pk}/delete/", follow=True).content.decode()
    assert client.post(f"{LIST}{review.pk}/delete/").status_code == 303
    with organization_open(acme.organization.pk):
        assert list(Review.objects.values_list("pk", flat=True)) == [signed.pk]


def test_list_tells_open_overdue_and_signed_reviews_apart(acme: Acme, signed_in: SignIn) -> None:
    client, _signed = finished(acme, signed_in)
    late = opened(acme, client, profile=acme.sky.pk)
    with organization_open(acme.organization.pk):
        Review.objects.filter(pk=late.pk).update(due_on=date(2026, 1, 1))
    text = client.get(LIST).content.decode()
    assert "Overdue" in text and "1 overdue" in text and "@acme-sky" in text and "@acme-news" not in text
    done = client.get(f"{LIST}?show=done").content.decode()
    assert "@acme-news" in done and "@acme-sky" not in done
    assert (
        client.post(
            f"{LIST}new/", {"kind": "team", "reviewers": [acme.olga.pk], "due_on": "2020-01-01"}
        ).status_code
        == 422
    )


def test_walk_goes_on_to_what_is_left_and_ends_at_the_review(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    review = opened(acme, olga, reviewers=[acme.olga.pk])
    with organization_open(acme.organization.pk):
        lines = list(ReviewLine.objects.filter(review=review).order_by("position"))
    others = [line for line in lines if line.user_id != acme.olga.pk]
    middle = others[2]
    going = decide(olga, middle, "keep")["Location"]
    seen = [middle.pk]
    while "/lines/" in going:
        pk = int(going.rstrip("/").rpartition("/")[2])
        seen.append(pk)
        line = next(line for line in others if line.pk == pk)
        going = decide(olga, line, "keep")["Location"]
    assert going == f"{LIST}{review.pk}/"
    assert sorted(seen) == sorted(line.pk for line in others), "each once, and not the one about herself"
    assert "What is left is about yourself" in olga.get(going).content.decode()
