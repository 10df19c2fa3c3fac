"""A real browser, and somebody who watches it: what a script throws, what a policy forbids, what the console says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page

REPORT = """
document.addEventListener("securitypolicyviolation",
  (e) => violated(`${e.effectiveDirective} ${e.blockedURI} at ${location.pathname}`));
"""
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 20_000
TOO_SLOW = "was preloaded using link preload but not used within a few seconds"  # the machine, not the page


@dataclass
class Watched:
    """One person's browser; every page of it, of ours and of others, is watched."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(WAIT_MS)
        self.context.expose_function("violated", self._complain)
        self.context.add_init_script(REPORT)
        self.context.on("page", self._watch)

    def _complain(self, said: str) -> None:
        self.complaints.append(said)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning") and TOO_SLOW not in message.text:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def new_page(self) -> Page:
        return self.context.new_page()

    def take_complaints(self) -> list[str]:
        """Return what was said so far, and forget it."""
        said, self.complaints[:] = list(self.complaints), []
        return said
