"""Sentences for people, marked for translation without Django.

``_("...")`` here only marks and formats: adapters speak English, and whoever shows a sentence hands it to
``translated`` with Django's ``gettext``. ``makemessages`` finds the marks because it looks for ``_(``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Sentence(str):
    """An English sentence that remembers its template and values, so that it can still be translated."""

    template: str
    values: Mapping[str, object]

    __slots__ = ("template", "values")

    def __new__(cls, template: str, values: Mapping[str, object]) -> Sentence:
        made = super().__new__(cls, template % values if values else template)
        made.template = template
        made.values = values
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]
        return self.template, dict(self.values)


def _(template: str, **values: object) -> Sentence:
    """Return the sentence; ``template`` holds ``%(name)s`` for each value."""
    return Sentence(template, values)


mark = _
"""The same, for modules where ``_`` would be unclear."""


def translated(text: str | Exception, gettext: Callable[[str], str]) -> str:
    """Return ``text`` (or an error's sentence) in the language of ``gettext``; plain strings stay as they
    are.
    """
    sentence: object = text.args[0] if isinstance(text, Exception) and text.args else text
    if not isinstance(sentence, Sentence):
        return str(sentence)
    template = gettext(sentence.template)
    return template % sentence.values if sentence.values else template
