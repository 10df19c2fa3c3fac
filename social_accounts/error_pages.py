"""Keeping secrets out of Django's own error pages and reports, which show the variables of every frame."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

HOME = __name__.partition(".")[0]


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides the variables of every frame of this app, and of whatever it called: tokens pass through there."""

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        frame: FrameType | None = tb_frame
        while frame is not None:
            if frame.f_globals.get("__name__", "").partition(".")[0] == HOME:
                return {}.items()
            frame = frame.f_back
        return super().get_traceback_frame_variables(request, tb_frame)
