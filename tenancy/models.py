from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

from tenancy.context import NoTenantOpen, is_crossing, open_organization_id

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[Row]):
    """Rows of the open organization. Subclass it for nouns and adjectives: ``due(now)``, ``live(now)``."""


class TenantManager(models.Manager[Row]):
    """Filters by the open organization and raises when none is open. The net; row-level security is the wall."""

    def get_queryset(self) -> models.QuerySet[Row]:
        rows = super().get_queryset()
        if is_crossing():
            return rows
        organization_id = open_organization_id()
        if organization_id is None:
            raise NoTenantOpen(f"{self.model.__name__} was queried while no organization was open.")
        return rows.filter(organization_id=organization_id)


class TenantModel(models.Model):
    """A row of one organization. New rows belong to the open organization unless told otherwise."""

    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="+")

    objects = TenantManager()

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args and "organization" not in kwargs and "organization_id" not in kwargs:
            kwargs["organization_id"] = open_organization_id()
        super().__init__(*args, **kwargs)
