"""E-mails to people who may have no account yet: in their language, sent once the change is safe in the database.

Whoever has one is told through ``notifications/telling.py``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation


def send_on_commit(*, name: str, to: str, language: str, context: dict[str, Any]) -> None:
    """Send ``templates/emails/<name>_subject.txt`` and ``_message.txt`` once the transaction is through.

    A mail server that does not answer is logged and changes nothing: invitations can be sent again.
    """
    with translation.override(language):
        subject = " ".join(render_to_string(f"emails/{name}_subject.txt", context).split())
        message = render_to_string(f"emails/{name}_message.txt", context)
    transaction.on_commit(lambda: _send(subject, message, to), robust=True)


def _send(subject: str, message: str, to: str) -> None:
    send_mail(subject, message, settings.DEFAULT_FROM_EMAIL, [to])
