"""Translations without GNU gettext: compile, check that they are complete, bring catalogs up to date.

`compile` writes the .mo files Django reads (they are not in git). `check` fails on a string of the code that
a language does not have, has fuzzily, or has with other placeholders, and on one that has left the code.
`update` adds new strings to the .po files and drops unused ones.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from devstack.steps import ROOT, say

SKIPPED = {
    "node_modules",
    "build",
    "staticfiles",
    "tests",
    "docs",
    "locale",
    "bench",
    "sandbox",
    "devstack",
    "scripts",
}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%[sd]")


def catalogs() -> Iterator[tuple[str, Path]]:
    """Yield (locale, path of its django.po)."""
    for path in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        yield path.parent.parent.name, path


def read(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale.replace("-", "_"), domain="django")


def compile_catalogs() -> int:
    """Compile every .po that is newer than its .mo; returns how many were compiled."""
    count = 0
    for locale, path in catalogs():
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        written = io.BytesIO()
        write_mo(written, read(path, locale))
        temporary = target.with_suffix(".mo.new")
        temporary.write_bytes(written.getvalue())
        temporary.replace(target)
        count += 1
    return count


def sources() -> Iterator[Path]:
    """Yield the Python files and templates of the product."""
    for top in sorted(ROOT.iterdir()):
        if top.is_dir() and top.name not in SKIPPED and not top.name.startswith("."):
            yield from sorted(path for path in top.rglob("*") if path.suffix in {".py", ".html", ".txt"})


def extract() -> Catalog:
    """Return a catalog of every string in the code and the templates, with where it stands."""
    from django.utils.translation.template import templatize

    found = Catalog(domain="django")
    for path in sources():
        name = str(path.relative_to(ROOT))
        if path.suffix == ".py":
            code = path.read_text()
        elif "templates" in path.parts:
            # Parentheses make the tokenizer indifferent to the indentation of the page.
            code = "(" + templatize(path.read_text(), name) + "\n)"
        else:
            continue
        results: Iterator[Any] = extract_python(io.BytesIO(code.encode()), KEYWORDS, ["Translators"], {})
        for line, function, texts, comments in results:
            add(found, f"{name}:{line}", function, texts, comments)
    return found


def add(
    found: Catalog, place: str, function: str, texts: str | tuple[str | None, ...], comments: list[str]
) -> None:
    """Add one call of a gettext function to the catalog, unless its text is a variable."""
    parts = list(texts) if isinstance(texts, tuple) else [texts]
    context = parts.pop(0) if "pgettext" in function else None
    plural = function.startswith(("ng", "np"))
    wanted = [text for text in parts[: 2 if plural else 1] if text]
    if len(wanted) == (2 if plural else 1):
        name, _colon, line = place.rpartition(":")
        key = tuple(wanted) if plural else wanted[0]
        found.add(key, locations=[(name, int(line))], auto_comments=comments, context=context)


def problems(locale: str, translated: Catalog, wanted: Catalog) -> Iterator[str]:
    """Yield one line for every string this language lacks, has wrong, or has though nothing shows it."""
    for message in wanted:
        if not message.id:
            continue
        place = ":".join(map(str, message.locations[0])) if message.locations else "?"
        first = message.id[0] if isinstance(message.id, tuple | list) else message.id
        own = translated.get(first, message.context)
        said = f"{locale}: {place}: {first[:70]!r}"
        if own is None:
            yield f"{said} is missing"
        elif own.fuzzy:
            yield f"{said} is fuzzy"
        else:
            yield from wrong_texts(said, message, own)
    for message in translated:
        first = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if first and wanted.get(first, message.context) is None:
            yield f"{locale}: {first[:70]!r} is no longer in the code"


def wrong_texts(said: str, message: Message, own: Message) -> Iterator[str]:
    ids = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    strings = list(own.string) if isinstance(own.string, tuple | list) else [own.string]
    if len(ids) > 1 and len(strings) < 2:
        yield f"{said} lacks its plural"
    allowed = [placeholders(text) for text in ids]
    for text in strings:
        if not text:
            yield f"{said} is not translated"
        elif placeholders(text) not in allowed:
            yield f"{said} has other placeholders"


def placeholders(text: str) -> frozenset[str]:
    return frozenset(match.group(0) for match in PLACEHOLDER.finditer(text))


def check(languages: Iterable[str]) -> int:
    """Return the number of problems, each printed on a line; a language without a catalog is one."""
    wanted = extract()
    count = 0
    for locale in sorted(set(languages) - {locale for locale, _path in catalogs()}):
        print(f"{locale}: there is no locale/{locale}/LC_MESSAGES/django.po")
        count += 1
    for locale, path in catalogs():
        for problem in problems(locale, read(path, locale), wanted):
            print(problem)
            count += 1
    say(f"{len(wanted)} strings, {count} problems")
    return count


def offered_languages() -> list[str]:
    """Return the locales of the settings other than the one the code is written in."""
    from django.utils.translation import to_locale

    from config import settings

    return [to_locale(code) for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def update() -> None:
    """Bring every .po to the strings of the code; what is new is empty, what is gone is dropped."""
    wanted = extract()
    for locale, path in catalogs():
        catalog = read(path, locale)
        catalog.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        for message in catalog:  # a file once, not every line: catalogs change less
            message.locations = list({name: (name, line) for name, line in message.locations}.values())
        with path.open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)


def main(arguments: list[str]) -> int:
    action = arguments[0] if arguments else "check"
    if action == "check":
        return 1 if check(offered_languages()) else 0
    if action == "compile":
        compile_catalogs()
    elif action == "update":
        update()
    else:
        print("usage: messages check | compile | update", file=sys.stderr)
        return 2
    return 0
