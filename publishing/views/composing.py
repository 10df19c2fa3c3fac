"""What the composer asks for while somebody types: keep this, what is wrong with it, what does that link say."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from permissions.errors import NotAllowed
from permissions.guard import GuardedView, OrganizationRequest
from publishing.asked_choices import NothingToAsk, fetch_choices
from publishing.composer_page import ComposerPage, composer_page
from publishing.forms import TypedPost
from publishing.link_preview import fetch_preview
from publishing.mentions import suggested_accounts
from publishing.models import OpenComposer, Post
from publishing.rights import DRAFT, may_change_post, may_compose
from publishing.selectors import visible_posts
from publishing.services.writing import KEY_LENGTH, forget_typed, keep_typed, others_at
from publishing.typed_campaign import tracking_typed
from social_accounts.boards.choosing import keep_boards_known, seen_choices
from social_accounts.connections import features, offered_networks
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.selectors import visible_profiles
from social_accounts.sentences import shown
from tenancy.context import organization_open
from ui.addresses import id_in

UNPROCESSABLE: Final = 422
ADDRESS_MAX: Final = 1000


class PostTyped(GuardedView):
    """What stands in the composer right now: kept for its writer, and looked at as each network would."""

    members_only = True

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        key, now = request.POST.get("writing", ""), timezone.now()
        if len(key) != KEY_LENGTH:
            return JsonResponse(
                {"problem": _("This page is out of date. Open it again.")}, status=UNPROCESSABLE
            )
        post = self.post_asked(request)
        typed = TypedPost.read(request.POST, offered_networks())
        version = id_in(request.POST.get("version", "")) or 0
        has_typed = request.POST.get("is_typed") == "1"
        kept = keep_typed(
            actor=request.access,
            key=key,
            post=post,
            version=version,
            fields=dict(request.POST.lists()),
            has_typed=has_typed,
            now=now,
        )
        page = composer_page(
            access=request.access,
            organization=request.organization,
            post=post,
            typed=typed,
            campaign=tracking_typed(request.POST, post),
            now=now,
        )
        return JsonResponse(
            {
                "saved": _kept_sentence(kept, request),
                "company": _company(request, post, version),
                "networks": _networks(page),
            }
        )

    def post_asked(self, request: OrganizationRequest) -> Post | None:
        pk = id_in(request.POST.get("post", ""))
        if pk is None:
            return None
        post = get_object_or_404(visible_posts(request.access), pk=pk)
        if not may_change_post(request.access, post):
            raise Http404
        return post


class UnsavedDeletion(GuardedView):
    """Throwing away what one typed and did not save."""

    members_only = True

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(
            OpenComposer.objects.filter(person=request.user), key=request.POST.get("writing", "")
        )
        forget_typed(actor=request.access, key=row.key)
        if row.post_id:
            return redirect("post_edit", request.organization.slug, row.post_id)
        return redirect("post_new", request.organization.slug)


class LinkPreviewOf(GuardedView):
    """What a page says of itself. Talks to the page, so it holds no transaction."""

    members_only = True
    opens_organization = False

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        address = request.POST.get("url", "").strip()[:ADDRESS_MAX]
        if not address.startswith(("https://", "http://")):
            return _refused(_("Write the address with https:// in front."))
        try:
            found = fetch_preview(address)
        except NetworkError as problem:  # an answer like any other: most of these were asked for by no person
            return JsonResponse({"problem": shown(problem)})
        if not found.title:
            return JsonResponse(
                {"problem": _("That page says nothing of itself. Write a title for its preview.")}
            )
        return JsonResponse({"url": found.url, "title": found.title, "description": found.description})


class ProfileChoices(GuardedView):
    """The choices of one option that only the network knows, such as a profile's boards."""

    members_only = True
    opens_organization = False

    def get(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        profile, option, now = _composable(request, pk), request.GET.get("option", ""), timezone.now()
        try:
            fetched = fetch_choices(profile=profile, option=option, now=now)
        except NothingToAsk:
            raise Http404 from None
        except NetworkError as problem:
            return _refused(
                _("%(network)s did not tell its choices: %(reason)s")
                % {"network": features(profile.network).label, "reason": shown(problem)}
            )
        keep_boards_known(profile=profile, now=now)
        with organization_open(request.organization.pk):
            found = seen_choices(request.access, profile, option, fetched)
        return JsonResponse({"choices": found})


class MentionSuggestions(GuardedView):
    """Accounts whose handle begins like this, as the profile's network knows them; nothing where it has no search."""

    members_only = True
    opens_organization = False

    def get(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        profile = _composable(request, pk)
        found = suggested_accounts(profile=profile, beginning=request.GET.get("q", ""))
        return JsonResponse({"accounts": [{"handle": one.handle, "name": one.name} for one in found]})


def _composable(request: OrganizationRequest, pk: int) -> SocialProfile:
    """Return the profile: 404 when it is not visible, 403 when the person may not write for it."""
    with organization_open(request.organization.pk):
        profile = get_object_or_404(visible_profiles(request.access, request.organization), pk=pk)
        if not may_compose(request.access, profile):
            raise NotAllowed(request.access.decide(DRAFT, profile), profile)
    return profile


def _refused(sentence: str) -> JsonResponse:
    return JsonResponse({"problem": sentence}, status=UNPROCESSABLE)


def _kept_sentence(kept: OpenComposer, request: OrganizationRequest) -> str:
    if kept.typed_at is None:
        return ""
    at = formats.time_format(timezone.localtime(kept.typed_at), "H:i")
    # Translators: what was typed is kept on the server, the post itself is not saved yet.
    return _("Kept at %(time)s, not saved yet") % {"time": at}


def _company(request: OrganizationRequest, post: Post | None, version: int) -> str:
    """Return a sentence when somebody else has the post open, or saved it since."""
    if post is None:
        return ""
    if post.version > version and version:
        by = post.updated_by.name if post.updated_by and post.updated_by != request.user else ""
        if by:
            return _(
                "%(name)s saved another version of this post while you have it open. Saving yours shows both first."
            ) % {"name": by}
        return _(
            "Another version of this post was saved while you have it open. Saving yours shows both first."
        )
    names = [one.name for one in others_at(request.access, post, timezone.now())]
    if not names:
        return ""
    return ngettext("%(names)s has this post open too.", "%(names)s have this post open too.", len(names)) % {
        "names": get_text_list(names, _("and"))
    }


def _networks(page: ComposerPage) -> dict[str, dict[str, Any]]:
    return {
        network.name: {
            "problems": render_to_string("publishing/composer/_problems.html", {"network": network}),
            "links": render_to_string("publishing/composer/_links.html", {"network": network}),
            "used": network.count.used,
            "limit": network.count.limit,
        }
        for network in page.networks
    }
