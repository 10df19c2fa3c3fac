"""One form, one post: what a sent form is known by, and the post it made already."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Final

from permissions.guard import OrganizationRequest
from publishing.models import Post
from publishing.services.writing import KEY_LENGTH, hold_form

HALF: Final = 32  # hexadecimal digits of a digest: 128 bits tell any two forms apart


def submission_of(request: OrganizationRequest) -> str:
    """Return what the form is known by: half a digest of its key, half one of all it says; empty without a key."""
    key = request.POST.get("form_key", "")
    if not key:
        return ""
    typed = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = [(file.name, file.size) for file in request.FILES.getlist("pictures")]
    return _half_digest(key) + _half_digest(json.dumps([typed, files]))


def _half_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HALF]


def made_before(request: OrganizationRequest, submission: str, now: datetime) -> Post | None:
    """Return the post that this new form made already, when an answer was lost on the way and it is sent again.

    Presses on one form come one after the other here, so that two of them never make two posts.
    """
    hold_form(actor=request.access, key=request.POST["form_key"][:KEY_LENGTH], now=now)
    made = Post.objects.filter(author=request.user, submission__startswith=submission[:HALF])
    return made.filter(deleted_at=None).order_by("pk").first()
