"""What a person is told: the list, the bell, his choices, and the way out of mails that needs no sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts.sessions import has_second_factor
from notifications.choices import DIGEST, can_be_stopped, choose, stop_mails
from notifications.keeping import mark_read
from notifications.kinds import kind_named
from notifications.links import Stop, stop_named
from notifications.models import Notification
from orgs.notification_forms import ChoicesForm
from orgs.selectors.notifications import listed
from orgs.selectors.partners import places_of
from orgs.views.base import GONE, UNPROCESSABLE, see_other
from permissions.guard import GuardedView
from tenancy.context import unscoped

NO_CONTENT = 204


class NotificationList(GuardedView):
    """Everything one was told in the last ninety days, in all organizations one may enter."""

    signed_in_only = True

    def get(self, request: HttpRequest) -> HttpResponse:
        places = self.request.places = places_of(self.request.user.pk)  # type: ignore[attr-defined]
        slug = request.GET.get("organization", "")
        chosen = [one for one in places.all if one.slug == slug]
        only_unread = "unread" in request.GET
        found = listed(
            self.request.user,
            chosen or places.all,
            now=timezone.now(),
            has_second_factor=has_second_factor(request),
            only_unread=only_unread,
            page=request.GET.get("page"),
        )
        context = {
            "found": found,
            "unread": places.unread,
            "only_unread": only_unread,
            "organizations": places.all,
            "organization_chosen": chosen[0] if chosen else None,
            "today": timezone.localdate(),
            "yesterday": timezone.localdate() - timedelta(days=1),
        }
        return render(request, "notifications/list.html", context)


class Opening(GuardedView):
    """Goes to what a notification is about, and notes that it was read: that is all it changes."""

    signed_in_only = True
    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        with unscoped():  # one's own notifications lie in every organization one may enter
            row = Notification.objects.listed_for(self.request.user.pk).filter(pk=pk).first()
        if row is None:
            raise Http404
        mark_read(actor=self.request.user, ids=[row.pk], now=timezone.now())
        is_ours = row.link.startswith("/") and url_has_allowed_host_and_scheme(row.link, allowed_hosts=None)
        return HttpResponseRedirect(row.link if is_ours else reverse("notification_list"))


class MarkRead(GuardedView):
    """Marks the named notifications as read, or all of them."""

    signed_in_only = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = [int(pk) for pk in request.POST.getlist("id") if pk.isdecimal() and len(pk) < 19]
        is_all = "all" in request.POST
        mark_read(actor=self.request.user, ids=None if is_all else ids, now=timezone.now())
        if is_all:
            messages.success(request, _("Everything is marked as read."))
        back = request.POST.get("back", "")
        address = reverse("notification_list")
        return see_other(f"{address}?{back}" if back else address)


class Bell(GuardedView):
    """The bell with its number, asked for while a page stands open. A session that has ended is not disturbed."""

    public = True
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponse(status=NO_CONTENT)
        context = {"unread": places_of(self.request.user.pk).unread}
        return render(request, "components/bell_count.html", context)


class Choices(GuardedView):
    """How the person wants to be told of what."""

    signed_in_only = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form, UNPROCESSABLE)
        choose(actor=self.request.user, choices=form.choices(), muted=form.muted_ids())
        messages.success(request, _("Your choices are saved."))
        return see_other(reverse("notification_choices"))

    def _form(self, data: Any = None) -> ChoicesForm:
        person = self.request.user
        return ChoicesForm(data, person=person, places=places_of(person.pk).all)

    def _page(self, form: ChoicesForm, status: int = 200) -> HttpResponse:
        return render(self.request, "notifications/choices.html", {"form": form}, status=status)


@method_decorator(csrf_exempt, name="dispatch")  # mail programs post here by themselves (RFC 8058)
class StopMails(GuardedView):
    """Ends mails of one kind through the link in each of them; the token alone says whose and which."""

    public = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(token, is_done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        stop = stop_named(token)
        if stop is not None and can_be_stopped(stop.what):
            stop_mails(person_id=stop.person_id, what=stop.what)
        return self._page(token, is_done=True)

    def _page(self, token: str, *, is_done: bool) -> HttpResponse:
        stop = stop_named(token)
        is_known = stop is not None and can_be_stopped(stop.what)
        context = {"is_known": is_known, "is_done": is_done, "what": _what(stop) if is_known and stop else ""}
        return render(self.request, "notifications/stop.html", context, status=200 if is_known else GONE)


def _what(stop: Stop) -> str:
    kind = kind_named(stop.what)
    return _("The daily mail") if stop.what == DIGEST or kind is None else str(kind.label)
