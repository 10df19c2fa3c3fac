"""Rules every template keeps: the strict policy, htmx without its evaluator, colors from tokens."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ui.templatetags.ui import icon_names

BASE = settings.BASE_DIR
TEMPLATES = sorted(
    path
    for folder in [BASE / "templates", *BASE.glob("*/templates")]
    if not folder.is_relative_to(BASE / "node_modules")
    for path in folder.rglob("*.html")
)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
RAW_COLOR = re.compile(r"(?<![&\w])#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b(?![\w-])")

FORBIDDEN = {
    "a style attribute": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline handler": re.compile(r"\son[a-z]+\s*="),
    "a script without src": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>"),
    "hx-on": re.compile(r"\bhx-on\b"),
    "js: values": re.compile(r"hx-(?:vals|headers|vars)[^>]*['\"]?\s*(?:js|javascript):"),
    "a javascript: address": re.compile(r"(?:href|action|src)\s*=\s*['\"]javascript:"),
    "a trigger filter": re.compile(r"hx-trigger[:\w]*\s*=\s*(['\"])(?:(?!\1).)*\[(?:(?!\1).)*==", re.DOTALL),
    "Tailwind's dark variant": re.compile(r"class=\"[^\"]*\bdark:"),
    "a style of htmx": re.compile(r"{%\s*htmx_script"),
}


def name(path: Path) -> str:
    return str(path.relative_to(BASE))


def text(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_keeps_the_strict_policy(path: Path) -> None:
    found = [label for label, pattern in FORBIDDEN.items() if pattern.search(text(path))]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_takes_colors_from_the_tokens(path: Path) -> None:
    lines = [line for line in text(path).splitlines() if 'name="theme-color"' not in line]
    colors = [line for line in lines if RAW_COLOR.search(re.sub(r'(?:href|for|id)="[^"]*"', "", line))]
    assert not colors


@pytest.mark.parametrize("path", sorted((BASE / "frontend/css").glob("*.css")), ids=name)
def test_styles_take_colors_from_the_tokens(path: Path) -> None:
    if path.name != "tokens.css":
        assert not RAW_COLOR.findall(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))


def used_icons() -> Iterator[tuple[str, str]]:
    tag = re.compile(r"{% icon ['\"]([\w-]+)['\"]")
    attribute = re.compile(r"\b(?:icon|glyph)=['\"]([a-z0-9-]+)['\"]")
    for path in TEMPLATES:
        for found in tag.findall(text(path)) + attribute.findall(text(path)):
            yield name(path), found


def test_every_icon_is_listed() -> None:
    listed = icon_names()
    assert not {(path, icon) for path, icon in used_icons() if icon not in listed}


def test_every_page_sends_the_csrf_token_with_htmx() -> None:
    assert 'hx-headers:inherited=\'{"X-CSRFToken": "{{ csrf_token }}"}\'' in text(
        BASE / "templates/base.html"
    )


def test_targets_and_headers_on_parents_say_that_they_are_inherited() -> None:
    """htmx 4 inherits nothing by itself; on <body> and <main> an attribute is always meant for the inside."""
    bare = re.compile(r"<(?:body|main)[^>]*\shx-(?:headers|target|swap)=")
    assert not [name(path) for path in TEMPLATES if bare.search(text(path))]


def test_refusals_are_never_swapped_into_the_page() -> None:
    head = text(BASE / "templates/components/head.html")
    assert '"noSwap": [204, 304, "400", "401", "403", "404", "405", "409", "429", "5xx"]' in head


def test_scripts_are_modules_and_write_no_markup() -> None:
    for path in (BASE / "frontend/js").glob("*.js"):
        script = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(", script
        ), path.name


def test_lock_names_every_platform_and_no_address() -> None:
    lock = (BASE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    for platform in ["darwin-arm64", "darwin-x64", "linux-x64-gnu", "linux-arm64-gnu", "win32-x64-msvc"]:
        assert f"@tailwindcss/oxide-{platform}" in lock
