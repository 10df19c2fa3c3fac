"""The access file in the browser: taken out, tried, and loaded after one has seen what it would do."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import UNPROCESSABLE, OrganizationView
from orgs.views.organizations import settings_tabs
from permissions.errors import NotAllowed, Refused
from permissions.what_if_words import tell
from social_accounts.access_file.acting import LOAD, Loaded, load_as, state_in
from social_accounts.access_file.state import FileRefused, Problem
from social_accounts.access_file.trying import EXPORT, export_file, try_load

YAML: Final = "application/yaml; charset=utf-8"
LARGEST_FILE: Final = 4 * 1024 * 1024  # it travels in the form that confirms it
PROBLEMS_SHOWN: Final = 50
CHANGES_SHOWN: Final = 200


class AccessFileView(OrganizationView):
    any_action: ClassVar[tuple[str, ...]] = (EXPORT, LOAD)
    template_name = "social_accounts/access_file.html"

    def shown(self, status: int = 200, **context: Any) -> HttpResponse:
        rights = {"can_export": self.may("export_access_file"), "can_load": self.may("load_access_file")}
        return self.page(status=status, **settings_tabs(self, "access_file"), **rights, **context)


class AccessFilePage(AccessFileView):
    def get(self, request: Any, organization_slug: str) -> HttpResponse:
        return self.shown()


class AccessFileDownload(OrganizationView):
    """A POST, because taking everybody's rights out is an act that the log keeps."""

    action = EXPORT

    def post(self, request: Any, organization_slug: str) -> HttpResponse:
        now = timezone.now()
        text = export_file(actor=self.access, organization=self.organization, now=now)
        name = f"{self.organization.slug}-access-{now:%Y-%m-%d}.yaml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(text, content_type=YAML, headers=headers)


class AccessFileTry(AccessFileView):
    """Say what the chosen file would do. Nothing happens before it is confirmed."""

    action = LOAD
    any_action = ()

    def post(self, request: Any, organization_slug: str) -> HttpResponse:
        try:
            text = self.sent_text()
            return self.tried(text)
        except FileRefused as refusal:
            return self.refused(refusal)

    def sent_text(self) -> str:
        """Return what was chosen or dropped. Raises FileRefused."""
        chosen = self.request.FILES.get("file")
        if chosen is None:
            raise FileRefused(Problem(1, _("no file was chosen.")))
        if (chosen.size or 0) > LARGEST_FILE:
            raise FileRefused(Problem(1, _("the file is too large for the browser: load it over the API.")))
        try:
            return str(chosen.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise FileRefused(Problem(1, _("the file is not written in UTF-8."))) from error

    def tried(self, text: str, *, has_moved: bool = False) -> HttpResponse:
        loaded, what_if = self.foresee(text)
        return self.shown(
            text=text,
            seen=seen(loaded),
            has_moved=has_moved,
            loaded=loaded,
            changes=[told(line) for line in loaded.changes[:CHANGES_SHOWN]],
            more_changes=max(len(loaded.changes) - CHANGES_SHOWN, 0),
            told=tell(what_if, viewer=self.access),
        )

    def foresee(self, text: str) -> Any:
        """Return what loading would do. Raises FileRefused, for every refusal that the sender can mend."""
        state = state_in(text, self.organization)
        try:
            return try_load(
                actor=self.access, organization=self.organization, state=state, now=timezone.now()
            )
        except NotAllowed:
            raise
        except (PermissionDenied, Refused) as refusal:
            raise FileRefused(Problem(state.line, str(refusal))) from refusal

    def refused(self, refusal: FileRefused) -> HttpResponse:
        return self.shown(
            status=UNPROCESSABLE,
            problems=refusal.problems[:PROBLEMS_SHOWN],
            more_problems=max(len(refusal.problems) - PROBLEMS_SHOWN, 0),
        )


class AccessFileLoad(AccessFileTry):
    """Load what was confirmed; shown anew where the organization has changed since it was looked at."""

    def post(self, request: Any, organization_slug: str) -> HttpResponse:
        text = request.POST.get("text", "").replace("\r\n", "\n")
        try:
            expected, _what_if = self.foresee(text)
            if seen(expected) != request.POST.get("seen"):
                return self.tried(text, has_moved=True)
            state = state_in(text, self.organization)
            load_as(actor=self.access, organization=self.organization, state=state, now=timezone.now())
        except FileRefused as refusal:
            return self.refused(refusal)
        messages.success(request, _("The organization is as the file says."))
        return self.go("access_file")


def seen(loaded: Loaded) -> str:
    """Return a mark of what was shown, to find out whether it is still so."""
    return hashlib.sha256("\n".join([*loaded.changes, "", *loaded.invited]).encode()).hexdigest()


def told(line: str) -> tuple[str, str]:
    """Return a change as its mark (added, removed, changed) and its words."""
    mark, _space, words = line.partition(" ")
    return {"+": "added", "-": "removed"}.get(mark, "changed"), words
