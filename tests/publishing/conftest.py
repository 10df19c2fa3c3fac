"""The browser and its page are those of the interface's own tests."""

from tests.ui.conftest import browser, page

__all__ = ["browser", "page"]
