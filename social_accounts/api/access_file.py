"""The access file over the API: taken out as it is, and loaded as the administrator who sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from api.operations import operation
from api.problems import LineError, Problem
from api.views import GuardedAPIView
from social_accounts.access_file.acting import LOAD, Loaded, load_as, state_in
from social_accounts.access_file.state import FileRefused
from social_accounts.access_file.trying import EXPORT, export_file, try_load
from social_accounts.api.serializers import LoadedSerializer, LoadQuery

YAML: Final = "application/yaml"
LARGEST_FILE: Final = 32 * 1024 * 1024


class TextParser(BaseParser):
    """A file as text; what it says is read by ``access_file.reading``."""

    media_type = YAML

    def parse(  # type: ignore[override]
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> str:
        try:
            return str(stream.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ParseError(_("The file is not written in UTF-8.")) from error


class AccessFile(GuardedAPIView):
    tag = "Access file"
    action = EXPORT
    parser_classes = (TextParser,)
    largest_body = LARGEST_FILE

    @operation("Download the access file", answers_file=YAML)
    def get(self) -> str:
        return export_file(actor=self.access, organization=self.organization, now=timezone.now())

    @operation(
        "Make the organization equal to a file",
        description="With `dry_run` nothing is changed. Problems name the lines of the file.",
        query=LoadQuery,
        takes_file=YAML,
        answers=LoadedSerializer,
        action=LOAD,
    )
    def put(self) -> dict[str, Any]:
        now, is_dry_run = timezone.now(), self.query["dry_run"]
        try:
            state = state_in(self.given, self.organization)
            asked: dict[str, Any] = {"actor": self.access, "organization": self.organization}
            if not is_dry_run:
                return _told(load_as(**asked, state=state, now=now), is_dry_run=False)
            loaded, what_if = try_load(**asked, state=state, now=now)
        except FileRefused as refusal:
            lines = [LineError(problem.line, problem.reason) for problem in refusal.problems]
            raise Problem(422, _("The file cannot be loaded. Nothing was changed."), lines=lines) from refusal
        told = _told(loaded, is_dry_run=True)
        told["gained_count"], told["lost_count"] = what_if.gained_count, what_if.lost_count
        return told


def _told(loaded: Loaded, *, is_dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": is_dry_run,
        "changes": loaded.changes,
        "invited": loaded.invited,
        "waiting": loaded.waiting,
    }
