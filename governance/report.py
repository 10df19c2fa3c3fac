"""The signed report: one canonical spelling, whose fingerprint is in the audit log, and its CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from governance.models import Decision, Review, ReviewLine
from orgs.models import Organization
from orgs.selectors.audit_export import inert

FORMAT: Final = "chorus-access-review/1"


def canonical(review: Review, organization: Organization, lines: list[ReviewLine]) -> str:
    """Return what is signed, as JSON with sorted keys: the same data is always the same bytes."""
    data = {
        "format": FORMAT,
        "organization": {"id": organization.pk, "slug": organization.slug, "name": organization.name},
        "review": {
            "id": review.pk,
            "kind": str(review.kind),
            "subject": review.subject,
            "opened_by": str(review.opened_by or ""),
            "opened_at": _moment(review.opened_at),
            "due_on": review.due_on.isoformat(),
            "reviewers": sorted(str(one.user) for one in review.reviewers.select_related("user")),
            "signed_by": str(review.signed_by),
            "signed_at": _moment(review.signed_at),
        },
        "lines": [_line(line) for line in lines],
    }
    return json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def digest_of(report: str) -> str:
    """Return the SHA-256 of the report's bytes: what ``sha256sum`` prints for the downloaded file."""
    return hashlib.sha256(report.encode()).hexdigest()


def _line(line: ReviewLine) -> dict[str, Any]:
    return {
        "who": line.who,
        "what": line.what,
        "role": line.role,
        "source": str(line.source),
        "through": line.through,
        "people": line.people,
        "granted_by": line.granted_by,
        "granted_at": _moment(line.granted_at),
        "starts_at": _moment(line.starts_at),
        "expires_at": _moment(line.expires_at),
        "last_used_at": _moment(line.last_used_at),
        "is_unused": line.is_unused,
        "is_gone": line.is_gone,
        "decision": str(line.decision),
        "new_role": line.new_role,
        "note": line.note,
        "decided_by": str(line.decided_by or ""),
        "decided_at": _moment(line.decided_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


# -- for readers -------------------------------------------------------------------------------------------------------


def decision_words(line: dict[str, Any]) -> str:
    """Return what was decided, in the reader's language."""
    if line["is_gone"]:
        return _("Ended meanwhile")
    if line["decision"] == Decision.REDUCE:
        return _("Reduced to %(role)s") % {"role": line["new_role"]}
    return {
        Decision.KEEP: pgettext("of an access", "Kept"),
        Decision.REMOVE: pgettext("of an access", "Removed"),
    }[Decision(line["decision"])]


def source_words(line: dict[str, Any]) -> str:
    label = str(ReviewLine.Source(line["source"]).label)
    return f"{label}: {line['through']}" if line["through"] else label


def day_words(text: str | None) -> str:
    """Return the day in the reader's time zone and language; empty where there is none."""
    moment = parse_datetime(text) if text else None
    return date_format(timezone.localtime(moment), _("j M Y")) if moment else ""


def moment_words(text: str) -> str:
    """Return day and time in the reader's time zone and language."""
    moment = parse_datetime(text)
    # Translators: a date with its year, as in "28 Nov 2027, 18:00".
    return date_format(timezone.localtime(moment), _("j M Y, H:i")) if moment else ""


def csv_of(report: str) -> str:
    """Return the lines as CSV for a spreadsheet, in the reader's language: UTF-8 with its mark, no formulas."""
    lines = json.loads(report)["lines"]
    columns = [
        _("Who"),
        _("What"),
        _("Role"),
        _("Where from"),
        _("People"),
        _("Given by"),
        _("Since"),
        _("Until"),
        _("Last used"),
        _("Unused"),
        _("Decision"),
        _("Note"),
        _("Decided by"),
        _("Decided on"),
    ]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    for line in lines:
        cells = [
            line["who"],
            line["what"],
            line["role"],
            source_words(line),
            line["people"],
            line["granted_by"],
            line["granted_at"],
            line["expires_at"] or "",
            line["last_used_at"] or "",
            _("yes") if line["is_unused"] else _("no"),
            decision_words(line),
            line["note"],
            line["decided_by"],
            line["decided_at"] or "",
        ]
        writer.writerow([inert(cell) for cell in cells])
    return "\ufeff" + stream.getvalue()
