"""The boards of one profile, and the page of each. Every view talks to the network or may have to."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.errors import Refused
from permissions.guard import OrganizationRequest
from social_accounts import tasks
from social_accounts.boards import changing, merging, rights, selectors
from social_accounts.boards.asking import has_boards
from social_accounts.boards.forms import BoardForm, MergeForm, NewSectionForm, SectionForm, TargetForm
from social_accounts.boards.models import Board, BoardChange, BoardSection
from social_accounts.boards.pins import newest_pins
from social_accounts.boards.reading import read_if_old, read_sections_if_old
from social_accounts.models import SocialProfile
from social_accounts.sentences import shown
from social_accounts.views.pages import NetworkView, SeeOther, scope_object, see
from social_accounts.views.profile import profile_tabs
from tenancy.context import organization_open

State = BoardChange.State
INVALID: Final = HTTPStatus.UNPROCESSABLE_ENTITY


class BoardsView(NetworkView):
    """A view of a profile that has boards; for any other there is no such page."""

    model = SocialProfile

    @property
    def profile(self) -> SocialProfile:
        return scope_object(self)

    def check(self, request: OrganizationRequest) -> None:
        super().check(request)
        if not has_boards(self.profile):
            raise Http404

    def board(self) -> Board:
        """Return the board the URL names: 404 for one this person does not see."""
        with organization_open(self.request.organization.pk):
            boards = rights.visible_boards(self.request.access, self.profile).select_related("profile")
            return get_object_or_404(boards, pk=self.kwargs["board_pk"])

    def section(self) -> BoardSection:
        with organization_open(self.request.organization.pk):
            sections = BoardSection.objects.select_related("board__profile")
            return get_object_or_404(sections, board=self.board(), pk=self.kwargs["section_pk"])

    def back_to_list(self) -> SeeOther:
        return see(self.request, "board_list", self.profile.pk)

    def back_to_board(self, board: Board) -> SeeOther:
        return see(self.request, "board", self.profile.pk, board.pk)


class BoardList(BoardsView):
    """Every board the person sees, as the network told of them last."""

    any_action = rights.SEEING

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        read_if_old(profile=self.profile, now=now)
        with organization_open(request.organization.pk):
            reading = selectors.reading_of(self.profile)
            boards = list(selectors.listed_boards(request.access, self.profile))
            context = {
                "profile": self.profile,
                "tabs": profile_tabs(request, self.profile, "board_list"),
                "boards": boards,
                "reading": reading,
                "reading_failed": shown(reading.detail) if reading else "",
                "changes": _told(request, self.profile, now),
                "may_create": rights.may_create(request.access, self.profile),
            }
        if any(
            board.sections_read_at is None for board in boards
        ):  # one call per board: too slow to wait for
            tasks.read_sections.delay(organization_id=request.organization.pk, profile_id=self.profile.pk)
        return render(request, "social_accounts/boards/list.html", context)


class BoardCreate(BoardsView):
    any_action = (rights.PUBLIC, rights.SECRET)

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.draw(self.form())

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                change = changing.create_board(
                    actor=request.access, profile=self.profile, draft=form.draft(), now=timezone.now()
                )
            except Refused as refused:
                form.add_error("name", str(refused))
            else:
                if change.state != State.REFUSED:
                    _tell(request, change, _("The board “%(name)s” is on Pinterest."))
                    return self.back_to_list()
                form.add_error(None, shown(change.detail))
        return self.draw(form, status=INVALID)

    def form(self, *data: Any) -> BoardForm:
        return _board_form(self.request, self.profile, *data)

    def draw(self, form: BoardForm, status: int = HTTPStatus.OK) -> HttpResponse:
        with organization_open(self.request.organization.pk):
            context = {
                "profile": self.profile,
                "tabs": profile_tabs(self.request, self.profile, "board_list"),
                "form": form,
            }
            return render(self.request, "social_accounts/boards/new.html", context, status=status)


class BoardPage(BoardsView):
    """One board: what it says, its sections, and what may be done to it."""

    any_action = rights.SEEING

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board = self.board()
        failed = read_sections_if_old(board=board, now=timezone.now())
        return draw_board(request, self.profile, board, sections_failed=shown(failed))


class BoardUpdate(BoardsView):
    any_action = rights.SEEING

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board = self.board()
        form = _board_form(request, self.profile, request.POST)
        if form.is_valid():
            try:
                change = changing.update_board(
                    actor=request.access, board=board, draft=form.draft(), now=timezone.now()
                )
            except Refused as refused:
                form.add_error("name", str(refused))
            else:
                if change.state != State.REFUSED:
                    _tell(request, change, _("The board “%(name)s” is changed."))
                    return self.back_to_board(board)
                form.add_error(None, shown(change.detail))
        return draw_board(request, self.profile, board, board_form=form)


class BoardDelete(BoardsView):
    """GET is the confirmation without scripts."""

    action = rights.DELETE

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        context = {"profile": self.profile, "board": self.board()}
        return render(request, "social_accounts/boards/delete.html", context)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board = self.board()
        try:
            change = changing.delete_board(actor=request.access, board=board, now=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
            return self.back_to_board(board)
        _tell(request, change, _("The board “%(name)s” is deleted, with every Pin on it."))
        return self.back_to_board(board) if change.state == State.REFUSED else self.back_to_list()


class BoardMerge(BoardsView):
    action = rights.MERGE

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        source, now = self.board(), timezone.now()
        with organization_open(request.organization.pk):
            targets = selectors.merge_targets(request.access, source)
        form = MergeForm(request.POST, targets=targets)
        if form.is_valid():
            try:
                change = merging.merge_board(
                    actor=request.access, source=source, target=form.cleaned_data["target"], now=now
                )
            except Refused as refused:
                form.add_error("target", str(refused))
            else:
                tasks.merge_boards.delay(organization_id=change.organization_id, change_id=change.pk)
                text = _("“%(name)s” is being merged. This page tells how far it is.")
                messages.success(request, text % {"name": source.name})
                return self.back_to_list()
        return draw_board(request, self.profile, source, merge_form=form)


class BoardPins(BoardsView):
    """The newest Pins of a board, and saving one to another board as well."""

    any_action = rights.SEEING

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board, now = self.board(), timezone.now()
        pins, failed = newest_pins(board=board, now=now)
        with organization_open(request.organization.pk):
            context = {
                "profile": self.profile,
                "board": board,
                "tabs": profile_tabs(request, self.profile, "board_list"),
                "pins": pins,
                "failed": shown(failed),
                "targets": selectors.save_targets(request.access, board),
                "changes": _told(request, self.profile, now, of=board),
            }
            return render(request, "social_accounts/boards/pins.html", context)


class PinSave(BoardsView):
    action = rights.ON_PINS

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board, pin_id = self.board(), str(self.kwargs["pin"])
        with organization_open(request.organization.pk):
            form = TargetForm(request.POST, targets=selectors.save_targets(request.access, board))
        if not form.is_valid():
            messages.error(request, " ".join(str(one) for one in form.errors["target"]))
            return see(request, "board_pins", self.profile.pk, board.pk)
        target = form.cleaned_data["target"]
        try:
            change = changing.save_pin(
                actor=request.access, board=board, pin_id=pin_id, target=target, now=timezone.now()
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            _tell(request, change, _("The Pin is on “%(board)s” as well."), board=target.name)
        return see(request, "board_pins", self.profile.pk, board.pk)


class SectionCreate(BoardsView):
    any_action = rights.SEEING

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        board, form = self.board(), NewSectionForm(request.POST)
        if form.is_valid():
            try:
                change = changing.create_section(
                    actor=request.access, board=board, name=form.cleaned_data["name"], now=timezone.now()
                )
            except Refused as refused:
                form.add_error("name", str(refused))
            else:
                if change.state != State.REFUSED:
                    _tell(request, change, _("The section “%(name)s” is on Pinterest."))
                    return self.back_to_board(board)
                form.add_error(None, shown(change.detail))
        return draw_board(request, self.profile, board, section_form=form)


class SectionRename(BoardsView):
    any_action = rights.SEEING

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        section, form = self.section(), SectionForm(request.POST)
        if form.is_valid():
            try:
                change = changing.rename_section(
                    actor=request.access, section=section, name=form.cleaned_data["name"], now=timezone.now()
                )
            except Refused as refused:
                form.add_error("name", str(refused))
            else:
                if change.state != State.REFUSED:
                    _tell(request, change, _("The section is called “%(name)s” now."))
                    return self.back_to_board(section.board)
                form.add_error(None, shown(change.detail))
        return draw_board(request, self.profile, section.board, renaming=(section.pk, form))


class SectionDelete(BoardsView):
    any_action = rights.SEEING

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        section = self.section()
        try:
            change = changing.delete_section(actor=request.access, section=section, now=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            _tell(request, change, _("The section “%(name)s” is deleted. Its Pins stay on the board."))
        return self.back_to_board(section.board)


def draw_board(
    request: OrganizationRequest,
    profile: SocialProfile,
    board: Board,
    *,
    board_form: BoardForm | None = None,
    section_form: SectionForm | None = None,
    merge_form: MergeForm | None = None,
    renaming: tuple[int, SectionForm] | None = None,
    sections_failed: str = "",
) -> HttpResponse:
    """Draw the page of a board; a form that is given came back with errors."""
    access, typed = request.access, {"name": board.name, "description": board.description}
    may_change = rights.may_change(access, board)
    is_wrong = any(given is not None for given in (board_form, section_form, merge_form, renaming))
    with organization_open(request.organization.pk):
        targets = selectors.merge_targets(access, board)
        own_form = _board_form(request, profile, initial={**typed, "is_secret": board.is_secret})
        context = {
            "profile": profile,
            "board": board,
            "tabs": profile_tabs(request, profile, "board_list"),
            "sections": [
                (section, renaming[1] if renaming and renaming[0] == section.pk else _rename_form(section))
                for section in board.sections.order_by("name", "pk")
            ],
            "renaming_pk": renaming[0] if renaming else None,
            "sections_failed": sections_failed,
            "board_form": board_form or (own_form if may_change else None),
            "section_form": section_form or NewSectionForm(),
            "merge_form": merge_form or (MergeForm(targets=targets) if targets else None),
            "may_change_sections": rights.may_change_sections(access, board),
            "may_delete": rights.may_delete(access, board),
            "changes": _told(request, profile, timezone.now(), of=board),
        }
        return render(
            request,
            "social_accounts/boards/board.html",
            context,
            status=INVALID if is_wrong else HTTPStatus.OK,
        )


def _rename_form(section: BoardSection) -> SectionForm:
    return SectionForm(initial={"name": section.name}, auto_id=f"section_{section.pk}_%s")


def _board_form(request: OrganizationRequest, profile: SocialProfile, *data: Any, **more: Any) -> BoardForm:
    access = request.access
    may_public, may_secret = access.can(rights.PUBLIC, profile), access.can(rights.SECRET, profile)
    return BoardForm(*data, may_public=may_public, may_secret=may_secret, **more)


def _tell(request: OrganizationRequest, change: BoardChange, done: str, **values: str) -> None:
    """Say what came of a change; ``done`` may name it, and the ``values``."""
    if change.state == State.DONE:
        messages.success(request, done % {"name": change.name, **values})
    elif change.state == State.REFUSED:
        messages.error(request, shown(change.detail))
    else:
        messages.warning(
            request,
            _(
                "Pinterest gave no clear answer, so it may or may not be done. Chorus looks again as soon as this "
                "page is opened; please do not repeat it before."
            ),
        )


def _told(
    request: OrganizationRequest, profile: SocialProfile, now: datetime, *, of: Board | None = None
) -> list[dict[str, Any]]:
    changes = selectors.changes_to_tell(request.access, profile, now)
    return [
        {"change": change, "detail": shown(change.detail)}
        for change in changes
        if of is None or of.remote_id in (change.board_remote_id, change.target_remote_id)
    ]
