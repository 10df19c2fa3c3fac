"""What the pages of the organization's words share: one list with a form beside it, one edit page, one deletion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from orgs.views.base import ActView, FormView, OrganizationView
from publishing.models.organizing import Named
from publishing.organizing.forms import NamedForm
from publishing.services.vocabulary import (
    Kind,
    NameTaken,
    OutOfReach,
    count_uses,
    create_named,
    delete_named,
    update_named,
)


@dataclass(frozen=True)
class Tab:
    label: str
    href: str
    is_current: bool


class WordsView(OrganizationView):
    """A view of one kind of the organization's words."""

    kind: ClassVar[Kind]
    form_class: ClassVar[type[NamedForm]]
    list_route: ClassVar[str]

    def rows(self) -> QuerySet[Any]:
        """Return the rows this person may work on."""
        return self.kind.model.objects.all()

    @cached_property
    def row(self) -> Named:
        row: Named = get_object_or_404(self.rows(), pk=self.kwargs["pk"])
        return row

    def holds(self, action: str) -> bool:
        return self.access.can(action, self.organization)

    def tabs(self) -> list[Tab]:
        """Return the tabs of the words a person may see, that of this page among them."""
        offered = (
            ("organization.view_labels", _("Labels"), "label_list"),
            ("organization.view_hashtag_lists", _("Hashtag lists"), "hashtag_list_list"),
            ("organization.view_custom_fields", _("Custom fields"), "custom_field_list"),
            ("organization.view_draft", _("Draft categories"), "draft_category_list"),
        )
        return [
            Tab(label, self.url(route), route == self.list_route)
            for action, label, route in offered
            if self.holds(action)
        ]


class WordList(WordsView, FormView):
    """Every one of them with the number of posts that use it, and a form that adds one."""

    mendable = (NameTaken, OutOfReach)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return self.form_class(data)

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, NamedForm)
        row = create_named(actor=self.access, kind=self.kind, fields=form.fields_of_row(), now=timezone.now())
        self.say(_("“%(name)s” is added.") % {"name": row})
        return self.go(self.list_route)

    def context(self) -> dict[str, Any]:
        return {
            "rows": list(self.rows()),
            "tabs": self.tabs(),
            "may_create": self.holds(self.kind.create),
            "may_change": self.holds(self.kind.change),
        }


class WordEdit(WordsView, FormView):
    """One of them: changed here, and deleted once the page has said what uses it."""

    mendable = (NameTaken, OutOfReach)
    template_name = "publishing/organizing/edit.html"
    deletion_route: ClassVar[str]

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return self.form_class(data, initial=self.form_class.initial_of(self.row), **self.more_of_form())

    def more_of_form(self) -> dict[str, Any]:
        return {}

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, NamedForm)
        row = update_named(
            actor=self.access, kind=self.kind, row=self.row, fields=form.fields_of_row(), now=timezone.now()
        )
        self.say(_("“%(name)s” is saved.") % {"name": row})
        return self.go(self.list_route)

    def context(self) -> dict[str, Any]:
        return {
            "row": self.rows().get(pk=self.row.pk),
            "uses": count_uses(self.row),
            "list_url": self.url(self.list_route),
            "list_label": next((tab.label for tab in self.tabs() if tab.is_current), ""),
            "deletion_url": self.url(self.deletion_route, self.row.pk),
            "may_delete": self.holds(self.kind.delete),
        }


class WordDeletion(WordsView, ActView):
    """Deleting one; posts stay, without it."""

    mendable = (OutOfReach,)

    def act(self) -> HttpResponse:
        name = self.row.name
        delete_named(actor=self.access, kind=self.kind, row=self.row, now=timezone.now())
        self.say(_("“%(name)s” is deleted.") % {"name": name})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go(self.list_route)
