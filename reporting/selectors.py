"""Reads of what was measured."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from publishing.models import Publication
from publishing.numbers import Number, Numbers
from reporting.metrics import label_of, place_of
from reporting.models import MetricPoint


def numbers_of(publication: Publication) -> Numbers | None:
    """Return the latest numbers of a post; None when it was never measured."""
    latest = MetricPoint.objects.filter(publication=publication, metric=OuterRef("metric")).order_by("-slot")
    rows = MetricPoint.objects.filter(publication=publication, pk=Subquery(latest.values("pk")[:1]))
    points = sorted(rows, key=lambda point: (place_of(point.metric), point.metric))
    if not points:
        return None
    return Numbers(
        measured_at=max(point.measured_at for point in points),
        numbers=tuple(Number(label_of(point.metric), point.value) for point in points),
    )
