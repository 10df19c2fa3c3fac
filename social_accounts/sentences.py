"""Sentences of adapters, kept in a column and shown later in the reader's language."""

from __future__ import annotations

import json

from django.utils.translation import gettext

from notifications.words import Said
from social_accounts.networks.words import Sentence, translated

KEPT_MAX = 300


def kept(text: str | Exception) -> str:
    """Return what to store: the template and its values where they are known, else the plain text.

    At most 300 characters, the width of the columns that hold it.
    """
    sentence: object = text.args[0] if isinstance(text, Exception) and text.args else text
    if isinstance(sentence, Sentence):
        values = {name: str(value) for name, value in sentence.values.items()}
        as_json = json.dumps({"template": sentence.template, "values": values}, ensure_ascii=False)
        if len(as_json) <= KEPT_MAX:
            return as_json
    return str(text)[:KEPT_MAX]


def shown(stored: str | Exception) -> str:
    """Return a stored sentence, or an error of an adapter, in the reader's language."""
    if isinstance(stored, str) and stored.startswith('{"template"'):
        try:
            found = json.loads(stored)
            return translated(Sentence(found["template"], found["values"]), gettext)
        except (ValueError, KeyError, TypeError):
            return stored
    return translated(stored, gettext)


def as_said(stored: str) -> Said | str:
    """Return a stored sentence as it is told to somebody."""
    if not stored.startswith('{"template"'):
        return stored
    try:
        found = json.loads(stored)
        return Said(found["template"], found["values"])
    except (ValueError, KeyError, TypeError):
        return stored
