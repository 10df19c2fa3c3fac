"""A person at a browser without scripts: follows links, fills in forms, keeps cookies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

Typed = Mapping[str, str | Sequence[str]]
File = tuple[str, bytes, str]
REDIRECTS_MAX = 5
NEVER_SENT = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """A form as it stands in the page, with what it would send untouched."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass
class Control:
    """What is sent for one field."""

    form: str
    tag: str
    name: str
    value: str = ""
    is_sent: bool = True


class Page(HTMLParser):
    """An answer, read."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.url = str(answer.url)
        self.status = answer.status_code
        self.html = answer.text
        self.links: list[tuple[str, str]] = []
        self.controls: list[Control] = []
        self._forms: dict[str, str] = {}
        self._form = ""
        self._href = ""
        self._words: list[str] = []
        self._link_words: list[str] = []
        self._text_of: Control | None = None
        self._hidden_depth = 0
        self.feed(self.html)

    @property
    def text(self) -> str:
        """What one reads on it, white space as one blank."""
        return " ".join(" ".join(self._words).split())

    def link(self, words: str) -> str:
        """Return where the first link with these words leads."""
        for href, shown in self.links:
            if words in shown:
                return urljoin(self.url, href)
        raise AssertionError(
            f"no link says {words!r} at {self.url}: {[shown for _href, shown in self.links]}"
        )

    def form(self, *, holding: str) -> Form:
        """Return the form that holds a field of this name."""
        for key, action in self._forms.items():
            own = [control for control in self.controls if control.form == key]
            if any(control.name == holding for control in own):
                form = Form(urljoin(self.url, action or self.url))
                for control in own:
                    form.names.add(control.name)
                    if control.is_sent:
                        form.values.setdefault(control.name, []).append(control.value)
                return form
        raise AssertionError(f"no form holds {holding!r} at {self.url} ({self.status}): {self.text[:500]}")

    # --- reading ---

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        if tag in ("script", "style", "template"):
            self._hidden_depth += 1
        elif tag == "form":
            self._form = got.get("id") or f"#{len(self._forms)}"
            self._forms[self._form] = got.get("action") or ""
        elif tag == "a" and got.get("href"):
            self._href, self._link_words = got["href"] or "", []
        elif tag in ("input", "textarea", "select") and got.get("name"):
            self._add_control(tag, got)
        elif tag == "option" and self._text_of is not None:
            value = got.get("value") or ""
            if "selected" in got or not self._text_of.is_sent:
                self._text_of.value, self._text_of.is_sent = value, True

    def _add_control(self, tag: str, got: dict[str, str | None]) -> None:
        kind = got.get("type") or "text"
        control = Control(got.get("form") or self._form, tag, got["name"] or "", got.get("value") or "")
        if tag == "input":
            control.is_sent = kind not in NEVER_SENT and (
                kind not in ("checkbox", "radio") or "checked" in got
            )
        else:
            control.is_sent = tag == "textarea"
            self._text_of = control
        self.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self._hidden_depth -= 1
        elif tag == "form":
            self._form = ""
        elif tag == "a" and self._href:
            self.links.append((self._href, " ".join(" ".join(self._link_words).split())))
            self._href = ""
        elif tag in ("textarea", "select"):
            self._text_of = None

    def handle_data(self, data: str) -> None:
        if self._text_of is not None and self._text_of.tag == "textarea":
            self._text_of.value += data
        if not self._hidden_depth:
            self._words.append(data)
            self._link_words.append(data)


class Visitor:
    def __init__(self, base: str) -> None:
        self._base = base
        self._http = httpx.Client(base_url=base, trust_env=False, timeout=60, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def open(self, address: str) -> Page:
        return self._arrive(self._http.get(address))

    def leaves_for(self, address: str) -> str:
        """Open an address that leads away from here; return where to."""
        answer = self._http.get(address)
        assert answer.is_redirect, f"{answer.status_code} {Page(answer).text[:500]}"
        away = answer.headers["Location"]
        assert not away.startswith(("/", self._base)), away
        return str(away)

    def send(
        self, page: Page, typed: Typed, files: Mapping[str, File] | None = None, *, press: Typed | None = None
    ) -> Page:
        """Fill in the form that holds the fields typed, and press its button (``press``: name and value)."""
        form = page.form(holding=next(iter(typed)))
        missing = set(typed) - form.names
        assert not missing, f"the form has no {missing}"
        values: dict[str, str | list[str]] = {name: list(found) for name, found in form.values.items()}
        for name, value in {**typed, **(press or {})}.items():
            values[name] = value if isinstance(value, str) else list(value)
        headers = {"Origin": self._base, "Referer": page.url}
        return self._arrive(self._http.post(form.action, data=values, files=files, headers=headers))

    def _arrive(self, answer: httpx.Response) -> Page:
        for _step in range(REDIRECTS_MAX):
            if not answer.is_redirect:
                break
            target = urljoin(str(answer.url), answer.headers["Location"])
            assert target.startswith(self._base), f"left for {target}"
            answer = self._http.get(target)
        return Page(answer)
