"""Importing posts from a file: template, upload, preview, progress, result, undoing (AP12)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Min
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orgs.views.base import UNPROCESSABLE, ActView, OrganizationView
from permissions.guard import OrganizationRequest
from publishing import tasks
from publishing.bulk.book import Names, importable_profiles
from publishing.bulk.columns import LANGUAGES
from publishing.bulk.files import Template, rows_to_correct
from publishing.bulk.reading import Unreadable, check_size
from publishing.import_forms import RowForm, StartForm, UploadForm
from publishing.models import ImportMode, ImportRow, PostImport
from publishing.rights import IMPORT
from publishing.selectors.imports import (
    ALL,
    WARNED,
    WRONG,
    listed_imports,
    progress_of,
    row_lines,
    rows_shown,
    visible_imports,
)
from publishing.selectors.organizing import labels_offered, visible_campaigns
from publishing.services.import_undoing import fates
from publishing.services.imports import (
    CannotImport,
    begin_import,
    correct_row,
    discard_import,
    headers_of,
    require_importing,
    start_import,
    undo_import,
)
from publishing.views.common import zone_of
from social_accounts.connections import offered_networks
from social_accounts.models import SocialProfile
from ui.addresses import id_in

IMPORTS_PER_PAGE = 25
ROWS_PER_PAGE = 50
FATES_SHOWN = 100
Stage = PostImport.Stage


class ImportView(OrganizationView):
    """A view for whoever may import posts on some profile; to everybody else it says which right is missing."""

    listing = IMPORT

    def check(self, request: OrganizationRequest) -> None:
        super().check(request)
        try:
            require_importing(request.access, request.organization)
        except SocialProfile.DoesNotExist:
            raise Http404 from None

    @cached_property
    def post_import(self) -> PostImport:
        rows = visible_imports(self.access).select_related("created_by", "undone_by", "organization")
        found: PostImport = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    @property
    def language(self) -> str:
        language = get_language() or "en"
        return language if language in LANGUAGES else "en"

    def template(self) -> Template:
        importable = list(importable_profiles(self.access))
        networks = {one.name: one for one in offered_networks()}
        return Template(
            headers=headers_of(self.access, self.organization),
            names=Names(importable, {name: features.label for name, features in networks.items()}),
            importable=importable,
            networks=networks,
            labels=[label.name for label in labels_offered(self.access, self.organization)],
            campaigns=[campaign.name for campaign in visible_campaigns(self.access)],
            language=self.language,
            today=timezone.localdate(),
        )

    def set_to_work(self, post_import: PostImport) -> None:
        """Send a message to the workers once everything is stored; one that is lost is made up for soon."""
        send = partial(
            tasks.work_on_import.delay, organization_id=post_import.organization_id, import_id=post_import.pk
        )
        transaction.on_commit(send, robust=True)


class ImportList(ImportView):
    """Earlier imports, and the form that begins one."""

    template_name = "publishing/imports/list.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.show(UploadForm())

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, UNPROCESSABLE)
        upload = form.cleaned_data["file"]
        try:
            check_size(upload.size)
            made = begin_import(
                actor=self.access,
                organization=self.organization,
                filename=upload.name,
                content=upload.read(),
                mode=ImportMode(form.cleaned_data["mode"]),
                date_order=form.cleaned_data["date_order"],
                now=timezone.now(),
                replaces=self._replaced(),
            )
        except Unreadable as problem:
            form.add_error("file", str(problem))
            return self.show(form, UNPROCESSABLE)
        self.set_to_work(made)
        return self.go("post_import", made.pk)

    def _replaced(self) -> PostImport | None:
        """Return the person's own preview that this file corrects."""
        pk = id_in(self.request.POST.get("replaces", ""))
        own = PostImport.objects.filter(created_by=self.access.user, started_at=None)
        return own.filter(pk=pk).first() if pk else None

    def show(self, form: UploadForm, status: int = 200) -> HttpResponse:
        page = Paginator(listed_imports(self.access), IMPORTS_PER_PAGE).get_page(self.request.GET.get("page"))
        return self.page(
            status=status,
            form=form,
            page=page,
            imports=list(page.object_list),
            columns=self.template().explained(),
            replaces=self.request.POST.get("replaces") or self.request.GET.get("replaces", ""),
        )


class ImportTemplate(ImportView):
    """The file to fill in, with what may be written in each column."""

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        name = slugify(_("Template for posts")) or "template"
        return _file(self.template().content(), f"{name}.csv")


class ImportDetail(ImportView):
    """Where one import is: being checked, the preview, the progress, the result. Asked by itself while work goes on."""

    template_name = "publishing/imports/detail.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, status: int = 200) -> HttpResponse:
        found, numbers = self.post_import, progress_of(self.post_import)
        show = self.request.GET.get("show", "")
        if show not in (ALL, WRONG, WARNED):
            show = WRONG if numbers.wrong and found.stage == Stage.READY else ALL
        page = None
        lines = []
        if not found.is_at_work:
            page = Paginator(rows_shown(found, show), ROWS_PER_PAGE).get_page(self.request.GET.get("page"))
            lines = row_lines(found, list(page.object_list))
        context = {
            "organization": self.organization,
            "post_import": found,
            "numbers": numbers,
            "page": page,
            "lines": lines,
            "show": show,
            "is_own": found.created_by_id == self.access.user.pk,
            "unknown": [
                header for header, key in zip(found.headers, found.layout, strict=True) if header and not key
            ],
            "calendar_url": self._calendar(),
            "upload_form": UploadForm(initial={"mode": found.mode, "date_order": found.date_order}),
        }
        is_part = self.request.headers.get("HX-Request") == "true"
        name = "publishing/imports/_body.html" if is_part else self.template_name
        return render(self.request, name, context, status=status)

    def _calendar(self) -> str:
        """Return the calendar's month in which the first of the posts goes out."""
        first = self.post_import.rows.filter(state=ImportRow.State.MADE).aggregate(at=Min("due_at"))["at"]
        if first is None:
            return self.url("calendar")
        local = first.astimezone(zone_of(self.request))
        return self.url("calendar_month", local.year, local.month)


class _Act(ImportView, ActView):
    mendable = (CannotImport,)

    def back(self) -> HttpResponse:
        return self.go("post_import", self.post_import.pk)


class ImportStart(_Act):
    """Letting the rows become posts: all of them, or only the good ones."""

    def act(self) -> HttpResponse:
        form = StartForm(self.request.POST)
        if not form.is_valid():
            raise CannotImport(_("Choose whether all rows are imported, or only the good ones."))
        started = start_import(
            actor=self.access,
            post_import=self.post_import,
            only_good=form.cleaned_data["which"] == "good",
            now=timezone.now(),
        )
        self.set_to_work(started)
        return self.back()


class ImportDiscard(_Act):
    """Forgetting a file of which nothing was imported."""

    def act(self) -> HttpResponse:
        discard_import(actor=self.access, post_import=self.post_import, now=timezone.now())
        self.say(_("The file is discarded. No post was made."))
        return self.go("post_import_list")


class ImportProblems(ImportView):
    """The rows that did not become posts, to be corrected and uploaded again."""

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        headers = headers_of(self.access, self.organization)
        content = rows_to_correct(self.post_import, headers, self.language)
        name = self.post_import.filename.rpartition(".")[0] or self.post_import.filename
        ending = slugify(_("to correct"))
        return _file(content, f"{slugify(name) or 'posts'}-{ending}.csv")


class ImportUndo(ImportView):
    """What undoing would do, post by post, and doing it."""

    template_name = "publishing/imports/undo.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        if self.post_import.stage != Stage.DONE:
            return self.go("post_import", self.post_import.pk)
        found = list(fates(self.access, self.post_import))
        going, staying = ([one for one in found if bool(one.reason) is kept] for kept in (False, True))
        return self.page(
            post_import=self.post_import,
            going_count=len(going),
            staying_count=len(staying),
            going=going[:FATES_SHOWN],
            staying=staying[:FATES_SHOWN],
        )

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        try:
            undone = undo_import(actor=self.access, post_import=self.post_import, now=timezone.now())
        except CannotImport as problem:
            messages.error(request, str(problem))
        else:
            self.set_to_work(undone)
        return self.go("post_import", self.post_import.pk)


class ImportRowEdit(ImportView):
    """One row of a file, corrected where it stands."""

    template_name = "publishing/imports/row.html"

    @cached_property
    def row(self) -> ImportRow:
        own = PostImport.objects.filter(pk=self.post_import.pk, created_by=self.access.user)
        rows = ImportRow.objects.filter(post_import__in=own, number=self.kwargs["number"])
        row: ImportRow = get_object_or_404(rows.select_related("post_import"))
        return row

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        if self.row.post_import.stage not in (Stage.READY, Stage.CHECKING):
            return self.go("post_import", self.post_import.pk)
        return self.show(RowForm(post_import=self.post_import, row=self.row))

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = RowForm(request.POST, post_import=self.post_import, row=self.row)
        if not form.is_valid():
            return self.show(form, UNPROCESSABLE)
        try:
            changed = correct_row(actor=self.access, row=self.row, cells=form.cells(), now=timezone.now())
        except CannotImport as problem:
            form.add_error(None, str(problem))
            return self.show(form, UNPROCESSABLE)
        self.set_to_work(changed)
        self.say(_("Row %(number)d is checked again.") % {"number": self.row.number})
        return self.go("post_import", self.post_import.pk)

    def show(self, form: RowForm, status: int = 200) -> HttpResponse:
        return self.page(status=status, post_import=self.post_import, row=self.row, form=form)


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
