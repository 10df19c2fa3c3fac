"""Fields that name this app's things by their ids."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from api.fields import IdField
from orgs.models import Membership


class MembersField(serializers.ListField):
    """Members of this organization by their ids."""

    child = IdField()

    def to_internal_value(self, data: Any) -> list[User]:
        ids = super().to_internal_value(data)
        found = {row.pk: row.user for row in Membership.objects.filter(pk__in=ids).select_related("user")}
        if missing := [pk for pk in ids if pk not in found]:
            raise serializers.ValidationError(_("There is no member %(id)s here.") % {"id": missing[0]})
        return list(found.values())
