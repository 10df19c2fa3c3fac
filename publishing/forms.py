"""What a person types into the composer and the small forms around it, as typed values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from django import forms
from django.conf.global_settings import LANGUAGES  # Django translates their names itself
from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from publishing.models import DeliverySettings, Post, PostMedia, State
from publishing.network_options import read_options
from publishing.services.delivery import Finding
from publishing.services.media import usable_media
from publishing.services.posts import Draft
from publishing.times import LOCAL_TIME, Fold
from publishing.tracking import MEDIUM, PARAMETERS
from social_accounts.networks.base import Features
from ui.addresses import id_in
from ui.bounds import WALL_CLOCK_TIMES

TEXT_MAX: Final = 20_000  # far above every network: a bound against abuse, not a limit of any of them
ALT_TEXT_MAX: Final = 1500
UTM_MAX: Final = 100
LANGUAGE_CODE_LENGTH: Final = 2  # networks take ISO 639-1
LOCAL_TIMES: Final = (LOCAL_TIME, f"{LOCAL_TIME}:%S")
FIRST, SECOND = "first", "second"
TRACKED, UNTRACKED = "on", "off"
FOLDS: Final = {FIRST: Fold.FIRST, SECOND: Fold.SECOND}


class LocalTimeField(forms.DateTimeField):
    """A naive wall-clock time, as ``datetime-local`` sends it; the zone belongs to each profile."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_TIME)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=LOCAL_TIMES, validators=WALL_CLOCK_TIMES, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        for pattern in LOCAL_TIMES:
            try:
                return datetime.strptime(str(value), pattern)  # naive on purpose
            except ValueError:
                continue
        raise forms.ValidationError(_("Write the time as year, month, day, hour and minute."))

    def prepare_value(self, value: Any) -> Any:
        return value.strftime(LOCAL_TIME) if isinstance(value, datetime) else value


def languages() -> list[tuple[str, str]]:
    """Return the languages a post may say it is in, by name, with an empty choice."""
    known = [(code, gettext(name)) for code, name in LANGUAGES if len(code) == LANGUAGE_CODE_LENGTH]
    return [("", pgettext("language of a post", "Not stated")), *sorted(known, key=itemgetter(1))]


class TimeForm(forms.Form):
    """A wall-clock time, and the answer to the question that a clock change may raise about it."""

    when = LocalTimeField(label=_("Publish at"), required=False)
    # The answer counts only for the time the question was about: another one may have been typed since.
    time_choice = forms.CharField(required=False, max_length=20)
    asked_about = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["fold"] = None
        when, choice = data.get("when"), data.get("time_choice", "")
        if when is not None and choice and data.get("asked_about") == when.strftime(LOCAL_TIME):
            if choice in FOLDS:
                data["fold"] = FOLDS[choice]
            else:
                try:
                    data["when"] = LocalTimeField().clean(choice)
                except forms.ValidationError as problem:
                    self.add_error("when", problem)
        return data


class ComposeForm(TimeForm):
    """The composer. The pictures, the texts per network and the options come beside it (``TypedPost``)."""

    text = forms.CharField(label=_("Text"), required=False, max_length=TEXT_MAX, strip=False)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=languages)
    internal_note = forms.CharField(label=_("Internal note"), required=False, max_length=500)
    link_url = forms.URLField(label=_("Address"), required=False, max_length=1000, assume_scheme="https")
    link_title = forms.CharField(label=_("Title"), required=False, max_length=300)
    link_description = forms.CharField(label=_("Description"), required=False, max_length=1000)
    tracking = forms.ChoiceField(
        label=_("Tracking of links"),
        required=False,
        choices=[
            ("", _("As the campaign says")),
            (TRACKED, _("Add these values")),
            (UNTRACKED, _("Leave links as they are")),
        ],
    )
    utm_source = forms.CharField(label=_("Source"), required=False, max_length=UTM_MAX)
    utm_medium = forms.CharField(label=_("Medium"), required=False, max_length=UTM_MAX)
    utm_campaign = forms.CharField(label=_("Campaign value"), required=False, max_length=UTM_MAX)
    utm_content = forms.CharField(label=_("Content"), required=False, max_length=UTM_MAX)
    version = forms.IntegerField(required=False, min_value=1)
    # The time the page showed first: one that was not touched moves nothing when the post is only saved.
    when_before = LocalTimeField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        has_more = data.get("link_title") or data.get("link_description")
        if has_more and not data.get("link_url") and "link_url" not in self.errors:
            self.add_error("link_url", _("A link card needs an address."))
        if data.get("link_url") and not data.get("link_title"):
            self.add_error("link_title", _("A link card needs a title."))
        return data


@dataclass
class TypedPost:
    """Everything that came in with the composer, ready to be saved or to be shown again as it was typed."""

    form: ComposeForm
    profile_ids: set[int] = field(default_factory=set)
    network_texts: dict[str, str] = field(default_factory=dict)
    network_options: dict[str, dict[str, str]] = field(default_factory=dict)
    media: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    def read(cls, data: QueryDict, networks: Iterable[Features]) -> TypedPost:
        typed = cls(form=ComposeForm(data))
        typed.profile_ids = {pk for pk in map(id_in, data.getlist("profile")) if pk is not None}
        for features in networks:
            text = data.get(f"text_{features.name}", "")[:TEXT_MAX]
            if text.strip():
                typed.network_texts[features.name] = text
            typed.network_options[features.name] = read_options(data, features, sorted(typed.profile_ids))
        removed = data.get("remove", "")
        for value in data.getlist("media"):
            pk = id_in(value)
            if pk is not None and value != removed:
                typed.media.append((pk, data.get(f"alt_{value}", "").strip()[:ALT_TEXT_MAX]))
        return typed

    @classmethod
    def of(cls, post: Post, when: datetime | None) -> TypedPost:
        """Return a saved post as if it had been typed; ``when`` is its naive wall-clock time."""
        card = post.link_card or {}
        initial = {
            "text": post.text,
            "language": post.language,
            "internal_note": post.internal_note,
            "link_url": card.get("url", ""),
            "link_title": card.get("title", ""),
            "link_description": card.get("description", ""),
            "tracking": "" if post.tracking is None else TRACKED if post.tracking else UNTRACKED,
            **{f"utm_{name}": (post.tracking or {}).get(name, "") for name in PARAMETERS},
            "version": post.version,
            "when": when,
            "when_before": when,
        }
        return cls(
            form=ComposeForm(initial=initial),
            profile_ids=set(
                post.publications.exclude(state=State.CANCELED).values_list("profile_id", flat=True)
            ),
            network_texts=dict(post.network_texts),
            network_options={name: dict(options) for name, options in post.network_options.items()},
            media=[(media.pk, media.alt_text) for media in post.media.order_by("position")],
        )

    def draft(self) -> Draft:
        values = self.form.cleaned_data
        card = None
        if values["link_url"]:
            names = ("url", "title", "description")
            card = {name: values[f"link_{name}"] for name in names}
        return Draft(
            text=_with_plain_newlines(values["text"]),
            network_texts={name: _with_plain_newlines(text) for name, text in self.network_texts.items()},
            network_options={name: options for name, options in self.network_options.items() if options},
            link_card=card,
            language=values["language"],
            internal_note=values["internal_note"],
            tracking=self.tracking(),
            media=self.media,
        )

    def said(self, name: str) -> str:
        """Return a field as it was typed, whether the form is valid or not."""
        return str(self.form[name].value() or "")

    def tracking(self) -> dict[str, str] | None:
        """Return what was typed about tracking: None leaves it to the campaign, empty means none."""
        if self.said("tracking") == TRACKED:
            typed = {name: self.said(f"utm_{name}").strip()[:UTM_MAX] for name in PARAMETERS}
            return {"medium": MEDIUM} | {name: value for name, value in typed.items() if value}
        return {} if self.said("tracking") == UNTRACKED else None

    def link_card(self) -> dict[str, str] | None:
        """Return the link preview as it was typed; None while it has no address or title."""
        names = ("url", "title", "description")
        card = {name: self.said(f"link_{name}").strip() for name in names}
        return card if card["url"] and card["title"] else None

    def files(self, person_id: int, post: Post | None) -> list[PostMedia]:
        """Return the files as typed: those of the post, and such as this person brought in for none yet."""
        wanted = [pk for pk, _alt in self.media]
        found = {media.pk: media for media in usable_media(person_id, post).filter(pk__in=wanted)}
        for pk, alt_text in self.media:
            if pk in found:
                found[pk].alt_text = alt_text
        return [found[pk] for pk, _alt in self.media if pk in found]


def _with_plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n")


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[("approve", "approve"), ("decline", "decline")])
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    digest = forms.CharField(max_length=64, required=False)


class PauseForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class LatePostsForm(forms.Form):
    """After how long a late post is held; empty means never."""

    NEVER: Final = "never"

    hold_after = forms.ChoiceField(label=_("Hold posts that are late by more than"))

    def __init__(self, data: Any = None, *, minutes: int | None) -> None:
        super().__init__(data, initial={"hold_after": self.NEVER if minutes is None else str(minutes)})
        field = self.fields["hold_after"]
        field.choices = [  # type: ignore[attr-defined]
            (self.NEVER if choice is None else str(choice), label)
            for choice, label in DeliverySettings.CHOICES
        ]

    @property
    def minutes(self) -> int | None:
        chosen: str = self.cleaned_data["hold_after"]
        return None if chosen == self.NEVER else int(chosen)


class ResolveForm(forms.Form):
    """What a person found on the profile."""

    finding = forms.TypedChoiceField(
        coerce=Finding,
        choices=[
            (Finding.THERE, _("It is there")),
            (Finding.NOT_THERE_SEND_AGAIN, _("It is not there: send it again")),
            (Finding.NOT_THERE_CANCEL, _("It is not there: leave it so")),
        ],
        error_messages={"required": _("Say what you found.")},
    )
    permalink = forms.CharField(label=_("Link to the post"), required=False, max_length=1000)


class TakeOverForm(TimeForm):
    digest = forms.CharField(max_length=64)
