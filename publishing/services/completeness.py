"""What must be filled in before a post may leave its drafts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.label_rights import SEE_FIELDS
from publishing.models import CustomField, Post


def missing_fields(actor: Access, post: Post) -> str:
    """Return a sentence that names the required fields the post leaves empty, or nothing.

    Who does not see the organization's fields cannot fill them in, and is not asked for them.
    """
    if not actor.can(SEE_FIELDS, post.organization):
        return ""
    filled = post.custom_values.values("field")
    missing = CustomField.objects.filter(is_required=True).exclude(pk__in=filled).order_by("name")
    names = ", ".join(field.name for field in missing)
    return _("Fill in first: %(fields)s.") % {"fields": names} if names else ""
