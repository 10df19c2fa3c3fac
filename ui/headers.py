"""Response headers the page's script understands (`frontend/js/app.js`)."""

import json
from typing import Literal, TypeVar
from urllib.parse import quote

from django.http import HttpResponseBase

ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)
Tone = Literal["ok", "info", "warn", "bad"]


def set_reason(response: ResponseT, sentence: str) -> ResponseT:
    """Say why a request was refused: a toast that stays until closed.

    Percent-encoded because headers are ASCII; the script decodes it.
    """
    response["X-Reason"] = quote(sentence)
    return response


def set_toast(response: ResponseT, sentence: str, tone: Tone = "ok") -> ResponseT:
    """Show a toast when the answer of an htmx request arrives; every tone but "bad" leaves by itself.

    Keeps other events that `HX-Trigger` already names in its JSON form.
    """
    events = json.loads(response["HX-Trigger"]) if "HX-Trigger" in response else {}
    response["HX-Trigger"] = json.dumps({**events, "toast": {"text": sentence, "tone": tone}})
    return response
