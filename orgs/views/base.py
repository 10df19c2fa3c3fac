"""What the screens share: a page with one form, and an act that leads back to a page."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from orgs.models import Organization
from permissions.checker import Access
from permissions.guard import GuardedView

SEE_OTHER = 303
UNPROCESSABLE = 422
GONE = 410


class OrganizationView(GuardedView):
    """A view below ``/o/<slug>/`` with the few things every screen needs."""

    template_name: ClassVar[str] = ""

    @property
    def organization(self) -> Organization:
        organization: Organization = self.request.organization
        return organization

    @property
    def access(self) -> Access:
        return self.request.access

    def may(self, action: str) -> bool:
        """Say whether the person may do an action of the organization: courtesy for buttons."""
        return self.access.can(f"organization.{action}", self.organization)

    def url(self, route: str, *args: Any) -> str:
        return reverse(route, args=[self.organization.slug, *args])

    def go(self, route: str, *args: Any) -> HttpResponse:
        return see_other(self.url(route, *args))

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        return render(
            self.request, self.template_name, {"organization": self.organization} | context, status=status
        )

    def say(self, text: str) -> None:
        messages.success(self.request, text)


class FormView(OrganizationView):
    """A page with one form: shown, and on POST saved by one service; with errors 422 and everything typed kept."""

    # Refusals of the service that the person can mend in the form; anything else is answered by its own page.
    mendable: ClassVar[tuple[type[Exception], ...]] = ()

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page(form=self.make_form(), **self.context())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.save(form)
            except self.mendable as problem:
                form.add_error(None, str(problem))
        return self.page(status=UNPROCESSABLE, form=form, **self.context())

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        raise NotImplementedError

    def save(self, form: forms.Form) -> HttpResponse:
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        return {}


class ActView(OrganizationView):
    """A button: POST does one thing and leads back. What cannot be done now is said there."""

    mendable: ClassVar[tuple[type[Exception], ...]] = ()

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self.act()
        except self.mendable as problem:
            messages.error(self.request, str(problem))
            return self.back()

    def act(self) -> HttpResponse:
        raise NotImplementedError

    def back(self) -> HttpResponse:
        raise NotImplementedError


def see_other(url: str) -> HttpResponse:
    """Redirect after a POST, so that reloading does not repeat it."""
    response = HttpResponseRedirect(url)
    response.status_code = SEE_OTHER
    return response
