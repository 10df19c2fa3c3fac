from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from audit.exported import NotAnExport, verify_export
from audit.models import AuditEvent, AuditHead
from audit.services import record_event
from orgs.models import Membership
from orgs.selectors import audit_export
from orgs.selectors.audit_export import inert
from tenancy.context import organization_open
from tests.cast import Acme

SignIn = Callable[[User], Client]
LOG = "/o/acme/audit-log/"
EXPORT = f"{LOG}export/"


@pytest.fixture
def filled(acme: Acme) -> Acme:
    """Seven events: founding words by Olga, changes by Marc, one reason that a spreadsheet would run."""
    with organization_open(acme.organization.pk):
        for number in range(5):
            record_event(
                actor=acme.olga,
                action="team.create",
                obj=acme.brand,
                at=datetime.now(UTC),
                after={"name": f"Team {number}", "née": "Zoé"},
            )
        record_event(
            actor=acme.marc,
            action="access.grant",
            obj=acme.news,
            at=datetime.now(UTC),
            after={"person": "Paul Editor", "person_id": acme.paul.pk, "role": "standard:editor"},
            reason='=HYPERLINK("https://evil.test","click")',
        )
        record_event(actor=acme.marc, action="publication.cancel", obj=acme.news, at=datetime.now(UTC))
    return acme


def body(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def test_json_export_holds_every_event_and_proves_itself(filled: Acme, signed_in: SignIn) -> None:
    response = signed_in(filled.olga).post(EXPORT, {"file": "json"})
    assert response["Content-Disposition"].startswith('attachment; filename="acme-audit-log-')
    text = body(response)
    document = json.loads(text)
    findings = verify_export(text)
    assert findings.holds, findings.problems
    assert (findings.events, findings.gaps, findings.last) == (8, 0, 8)
    assert document["events"][0]["after"] == {"name": "Team 0", "née": "Zoé"}
    with organization_open(filled.organization.pk):
        head = AuditHead.objects.get()
        last = AuditEvent.objects.latest("sequence")
    assert document["head"] == {"sequence": head.sequence, "digest": head.digest}
    assert last.action == "organization.export_audit_log", "the export is itself in the log, and in the file"
    assert last.actor_id == filled.olga.pk
    assert last.after == {"file": "json", "filters": {}, "events": 7}
    assert document["events"][-1]["digest"] == last.digest


def test_export_is_never_cut_off_at_a_page(
    filled: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "EVENTS_AT_ONCE", 3)
    findings = verify_export(body(signed_in(filled.olga).post(EXPORT, {"file": "json"})))
    assert (findings.events, findings.problems) == (8, ())
    rows = list(csv.reader(io.StringIO(body(signed_in(filled.olga).post(EXPORT, {"file": "csv"})))))
    assert len(rows) == 1 + 9


def test_csv_export_holds_what_is_filtered_and_no_formula(filled: Acme, signed_in: SignIn) -> None:
    text = body(signed_in(filled.olga).post(EXPORT, {"file": "csv", "who": "marc"}))
    assert text.startswith("\ufeff"), "so that spreadsheets read it as UTF-8"
    header, *rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[header.index("What")] for row in rows] == ["Role given", "Publication canceled"]
    assert rows[0][header.index("Reason")] == '\'=HYPERLINK("https://evil.test","click")'
    assert rows[0][header.index("Who")] == "Marc Manager"
    with organization_open(filled.organization.pk):
        assert AuditEvent.objects.latest("sequence").after == {
            "file": "csv",
            "filters": {"who": "marc"},
            "events": 2,
        }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_made_inert(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert inert(7) == 7 and inert("Team = 4") == "Team = 4"


def test_filtered_json_export_says_that_it_has_gaps(filled: Acme, signed_in: SignIn) -> None:
    text = body(signed_in(filled.olga).post(EXPORT, {"file": "json", "action": "access.grant"}))
    findings = verify_export(text)
    assert findings.holds and findings.is_filtered and findings.gaps == 1
    assert "each unaltered" in findings.sentence


def test_manager_may_read_the_log_but_not_take_it_out(filled: Acme, signed_in: SignIn) -> None:
    client = signed_in(filled.marc)
    page = client.get(LOG)
    assert page.status_code == 200 and EXPORT not in page.content.decode()
    assert client.post(EXPORT, {"file": "json"}).status_code == 403
    assert EXPORT in signed_in(filled.olga).get(LOG).content.decode()


def damaged(document: Any, how: str) -> Any:
    events = document["events"]
    if how == "altered":
        events[2]["reason"] = "something else"
    elif how == "removed":
        del events[2]
    elif how == "cut off":
        del events[-2:]
    elif how == "swapped":
        events[1], events[2] = events[2], events[1]
    elif how == "another head":
        document["head"]["digest"] = "0" * 64
    elif how == "another organization":
        document["organization"]["id"] += 1
    return document


@pytest.mark.parametrize(
    "how", ["altered", "removed", "cut off", "swapped", "another head", "another organization"]
)
def test_damaged_export_is_found_out(filled: Acme, signed_in: SignIn, tmp_path: Path, how: str) -> None:
    text = body(signed_in(filled.olga).post(EXPORT, {"file": "json"}))
    file = tmp_path / "log.json"
    file.write_text(text)
    call_command("audit", "verify", str(file))
    file.write_text(json.dumps(damaged(json.loads(text), how)))
    with pytest.raises(CommandError, match=r"problems? found"):
        call_command("audit", "verify", str(file))


def test_outsider_verifies_with_one_file_and_nothing_else(
    filled: Acme, signed_in: SignIn, tmp_path: Path
) -> None:
    file = tmp_path / "log.json"
    file.write_text(body(signed_in(filled.olga).post(EXPORT, {"file": "json"})))
    alone = tmp_path / "exported.py"
    alone.write_text(Path("audit/exported.py").read_text())
    command = [sys.executable, "-I", str(alone), str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{file}: 8 events from 1 to 8, unaltered and complete.\n")
    file.write_text(file.read_text().replace("Team 3", "Team 9"))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "event 4 was altered" in done.stdout


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "chorus-audit-log/1"}', '{"format": "x"}', "=1"]
)
def test_what_is_no_export_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NotAnExport):
        verify_export(text)


def test_log_is_filtered_by_object_area_and_words_of_the_person(filled: Acme, signed_in: SignIn) -> None:
    client = signed_in(filled.olga)

    def labels(query: str) -> list[str]:
        return [row.label for row in client.get(f"{LOG}?{query}").context["rows"]]

    assert labels(f"object=social_accounts.socialprofile:{filled.news.pk}") == [
        "Publication canceled",
        "Role given",
    ]
    assert labels("area=posts") == ["Publication canceled"]
    assert labels("area=members") == ["Role given"]
    assert labels("who=manager+marc") == ["Publication canceled", "Role given"]
    assert labels("who=nobody") == []
    assert len(labels("object=rubbish&area=nonsense")) == 0
    assert len(labels("object=rubbish")) == 7, "what makes no sense is left out"


def test_entry_leads_to_its_people_and_its_object(filled: Acme, signed_in: SignIn) -> None:
    with organization_open(filled.organization.pk):
        marc = Membership.objects.get(user=filled.marc)
        paul = Membership.objects.get(user=filled.paul)
    text = signed_in(filled.olga).get(f"{LOG}?action=access.grant").content.decode()
    assert f'href="/o/acme/members/{marc.pk}/"' in text, "who did it"
    assert f'href="/o/acme/members/{paul.pk}/"' in text, "to whom"
    assert f'href="/o/acme/profiles/{filled.news.pk}/"' in text, "on what"
    with organization_open(filled.organization.pk):
        Membership.objects.filter(user=filled.paul).delete()
    text = signed_in(filled.olga).get(f"{LOG}?action=access.grant").content.decode()
    assert f"/members/{paul.pk}/" not in text and "Paul Editor" in text


def test_log_lists_no_members_to_choose_from(filled: Acme, signed_in: SignIn) -> None:
    text = signed_in(filled.olga).get(LOG).content.decode()
    assert "Emil Employee" not in text, "of ten thousand members the page must not name one who did nothing"
