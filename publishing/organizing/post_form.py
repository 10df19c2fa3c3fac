"""The composer's part about order: labels, campaign, fields, and for a draft its drawer and status.

It knows nothing of the rest of the composer: names of its own, one template (``_in_composer.html``), and what it
read becomes the ``organizing`` of the post's ``Draft``, so it is saved in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orgs.models import Organization
from permissions.checker import Access
from permissions.guard import OrganizationRequest
from publishing.label_rights import SET_STATUS, WRITE_LABELS, may_label
from publishing.models import Campaign, CustomField, DraftStatus, Label, Post, State
from publishing.models.organizing import FIELD_VALUE_MAX, NO, YES
from publishing.organizing.forms import DateInput
from publishing.organizing.values import spelled
from publishing.selectors.organizing import categories, fields_offered, labels_offered, visible_campaigns
from publishing.services.organizing import Organizing
from ui.addresses import id_in

MARK: Final = "organizing"  # says that the part was on the page: without it nothing of it changes
EMPTY: Final = ("", "–")
BEFORE_ANYTHING: Final = frozenset({State.DRAFT, State.DECLINED, State.CANCELED})
Kind = CustomField.Kind


class LabelBoxes(forms.CheckboxSelectMultiple):
    """Boxes whose template paints each label in its color."""

    template_name = "publishing/organizing/_label_boxes.html"


class PostOrganizingForm(forms.Form):
    """What may be chosen depends on the person and on the post, so the fields are made for both."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        access: Access,
        organization: Organization,
        post: Post | None,
        is_draft: bool = True,
        is_sent: bool = False,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial_of(post) if post else initial)
        self.access, self.organization, self.post = access, organization, post
        self.custom_fields: Sequence[CustomField] = list(fields_offered(access, organization))
        may = may_label(access, post) if post else access.can(WRITE_LABELS, organization)
        labels = list(labels_offered(access, organization)) if may else []
        if labels:
            self.fields["labels"] = forms.ModelMultipleChoiceField(
                Label.objects.filter(pk__in=[label.pk for label in labels]).order_by("name", "pk"),
                label=_("Labels"),
                required=False,
                widget=LabelBoxes,
            )
        self._offer_campaigns()
        if is_draft:
            self._offer_drawers()
        for field in self.custom_fields:
            name = f"field_{field.pk}"
            self.fields[name] = form_field(field, is_sent, self.initial.get(name, ""))

    def _offer_campaigns(self) -> None:
        present = self.post.campaign_id if self.post else None
        reachable = visible_campaigns(self.access).values("pk")
        campaigns = Campaign.objects.filter(Q(pk=present) | Q(pk__in=reachable)).order_by("name", "pk")
        if campaigns.exists():
            self.fields["campaign"] = forms.ModelChoiceField(
                campaigns, label=_("Campaign"), required=False, empty_label=_("No campaign")
            )

    def _offer_drawers(self) -> None:
        if categories().exists():
            self.fields["category"] = forms.ModelChoiceField(
                categories(), label=_("Draft category"), required=False, empty_label=_("No category")
            )
        if self.access.can(SET_STATUS, self.organization):
            self.fields["status"] = forms.ChoiceField(
                label=_("Draft status"), choices=DraftStatus.choices, required=False
            )

    @property
    def is_empty(self) -> bool:
        return not self.fields

    @property
    def bound_custom_fields(self) -> list[forms.BoundField]:
        return [self[f"field_{field.pk}"] for field in self.custom_fields]

    @property
    def has_choices(self) -> bool:
        """Say whether something was chosen or went wrong, so that the part is shown open."""
        return bool(self.errors) or any(self[name].value() for name in self.fields if name != "status")

    @property
    def is_fine(self) -> bool:
        """Say whether it can be saved: what was not on the page cannot be wrong."""
        return not self.is_bound or self.is_valid()

    def organizing(self) -> Organizing | None:
        """Return what was chosen, None when the part was not on the page; what was not in it stays as it is."""
        if not self.is_bound:
            return None
        values, present = self.cleaned_data, self.post or Post()
        return Organizing(
            campaign=values["campaign"] if "campaign" in self.fields else present.campaign,
            category=values["category"] if "category" in self.fields else present.draft_category,
            labels=list(values["labels"]) if "labels" in self.fields else None,
            status=values["status"] if "status" in self.fields else None,
            values={field.pk: spelled(values[f"field_{field.pk}"]) for field in self.custom_fields},
        )


def organizing_form(
    request: OrganizationRequest,
    post: Post | None,
    *,
    is_sent: bool = False,
    typed_before: QueryDict | None = None,
) -> PostOrganizingForm:
    """Return the part for a composer's request: as typed now or before, else as the post has it.

    ``is_sent``: the post is to leave its drafts, so required fields must be filled in.
    """
    data = request.POST if MARK in request.POST else typed_before
    of_new = {
        "campaign": id_in(request.GET.get("campaign", "")),
        "category": id_in(request.GET.get("category", "")),
    }
    return PostOrganizingForm(
        data if data is not None and MARK in data else None,
        access=request.access,
        organization=request.organization,
        post=post,
        is_draft=post is None or not post.publications.exclude(state__in=BEFORE_ANYTHING).exists(),
        is_sent=is_sent,
        initial=of_new,
    )


def _initial_of(post: Post) -> dict[str, Any]:
    return {
        "labels": list(post.labels.values_list("pk", flat=True)),
        "campaign": post.campaign_id,
        "category": post.draft_category_id,
        "status": post.draft_status,
        **{f"field_{one.field_id}": one.value for one in post.custom_values.all()},
    }


def form_field(field: CustomField, is_sent: bool, present: str) -> forms.Field:
    """Return the form field; a required one is asked for when the post leaves its drafts, not before.

    What the post says already stays a choice, though it may have been taken off the list since.
    """
    asked: dict[str, Any] = {"label": field.name, "required": field.is_required and is_sent}
    match field.kind:
        case Kind.NUMBER:
            return forms.DecimalField(max_digits=20, decimal_places=6, **asked)
        case Kind.DATE:
            return forms.DateField(widget=DateInput(), **asked)
        case Kind.CHOICE:
            offered = dict.fromkeys([*field.choices, *filter(None, [present])])
            return forms.ChoiceField(choices=[EMPTY, *((one, one) for one in offered)], **asked)
        case Kind.YES_NO:
            yes_no = [EMPTY, (YES, pgettext_lazy("answer", "Yes")), (NO, pgettext_lazy("answer", "No"))]
            return forms.ChoiceField(choices=yes_no, **asked)
        case _:
            return forms.CharField(max_length=FIELD_VALUE_MAX, **asked)
