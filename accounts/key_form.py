from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class AddKeyForm(AddWebAuthnForm):
    """allauth's, in words that say what the choice means."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it instead of a password (passkey)")
        passwordless.help_text = _(
            "It asks for your fingerprint, your face or a PIN. Otherwise it is the second step after your password."
        )
        passwordless.initial = True
