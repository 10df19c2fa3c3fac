"""The audit log as a file: whole, in the order of the chain, read piece by piece however long it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from audit.exported import FORMAT
from audit.models import AuditEvent
from audit.services import sealed_fields
from orgs.models import Organization
from orgs.selectors.audit_log import Filters, action_label
from tenancy.context import organization_open

EVENTS_AT_ONCE = 1000
# What a spreadsheet takes for the beginning of a formula, or skips before one.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def json_pieces(organization: Organization, filters: Filters, head: AuditEvent, count: int) -> Iterator[str]:
    """Yield the file in JSON up to ``head``; its digests can be computed again (``audit/exported.py``)."""
    start = {
        "format": FORMAT,
        "organization": {"id": organization.pk, "slug": organization.slug, "name": organization.name},
        "exported_at": head.at.isoformat(),
        "exported_by": head.actor_label,
        "filters": filters.chosen,
        "head": {"sequence": head.sequence, "digest": head.digest},
        "count": count,
    }
    yield json.dumps(start, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "events": ['
    separator = "\n"
    for events in _pages(organization, filters, head):
        lines = []
        for event in events:
            told = sealed_fields(event) | {"digest": event.digest}
            lines.append(separator + "  " + json.dumps(told, ensure_ascii=False))
            separator = ",\n"
        yield "".join(lines)
    yield "\n ]\n}\n"


def csv_pieces(
    organization: Organization, filters: Filters, head: AuditEvent, language: str
) -> Iterator[str]:
    """Yield the file as CSV for a spreadsheet: UTF-8 with its mark, no cell that could become a formula."""
    with translation.override(language):
        columns = [
            _("Number"),
            _("When (UTC)"),
            _("Who"),
            _("What"),
            _("Action"),
            _("Outcome"),
            _("Kind of object"),
            _("Number of the object"),
            _("Object"),
            _("Before"),
            _("After"),
            _("Reason"),
            _("Fingerprint"),
        ]
    yield "\ufeff" + _lines([columns])
    for events in _pages(organization, filters, head):
        with translation.override(language):
            text = _lines([_cells(event) for event in events])
        yield text


def _cells(event: AuditEvent) -> list[Any]:
    return [
        event.sequence,
        event.at.isoformat(),
        event.actor_label,
        action_label(event.action),
        event.action,
        event.get_outcome_display(),
        event.object_type,
        event.object_id,
        event.object_label,
        _plain(event.before),
        _plain(event.after),
        event.reason,
        event.digest,
    ]


def _plain(values: Any) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)


def _lines(rows: list[list[Any]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([inert(cell) for cell in row] for row in rows)
    return stream.getvalue()


def inert(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs: a text that would be a formula gets an apostrophe before it.

    Source: OWASP, "CSV Injection".
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _pages(organization: Organization, filters: Filters, head: AuditEvent) -> Iterator[list[AuditEvent]]:
    """Yield the events up to ``head``, oldest first, each page in a transaction of its own.

    The log only grows at its end, so nothing is missed or told twice between two pages.
    """
    after = 0
    with organization_open(organization.pk):
        rows = filters.events().filter(sequence__lte=head.sequence).order_by("sequence")
    while True:
        with organization_open(organization.pk):
            events = list(rows.filter(sequence__gt=after)[:EVENTS_AT_ONCE])
        if not events:
            return
        yield events
        after = events[-1].sequence
