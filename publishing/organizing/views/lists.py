"""Labels, hashtag lists, own fields and categories of drafts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import CustomField, DraftCategory, Label
from publishing.organizing.forms import CustomFieldForm, DraftCategoryForm, HashtagListForm, LabelForm
from publishing.organizing.views.base import WordDeletion, WordEdit, WordList, WordsView
from publishing.selectors.organizing import hashtag_lists, with_post_counts
from publishing.services.vocabulary import CUSTOM_FIELDS, DRAFT_CATEGORIES, HASHTAG_LISTS, LABELS


class OfLabels(WordsView):
    kind = LABELS
    form_class = LabelForm
    list_route = "label_list"

    def rows(self) -> QuerySet[Label]:
        return with_post_counts(Label.objects.order_by("name", "pk"))


class Labels(OfLabels, WordList):
    action = "organization.view_labels"
    write_action = "organization.add_label"
    template_name = "publishing/organizing/labels.html"


class LabelEdit(OfLabels, WordEdit):
    action = "organization.edit_or_delete_label"
    deletion_route = "label_deletion"


class LabelDeletion(OfLabels, WordDeletion):
    action = "organization.edit_or_delete_label"


class OfHashtagLists(WordsView):
    kind = HASHTAG_LISTS
    form_class = HashtagListForm
    list_route = "hashtag_list_list"

    def rows(self) -> QuerySet[Any]:
        return hashtag_lists()


class HashtagLists(OfHashtagLists, WordList):
    action = "organization.view_hashtag_lists"
    write_action = "organization.create_hashtag_list"
    template_name = "publishing/organizing/hashtag_lists.html"


class HashtagListEdit(OfHashtagLists, WordEdit):
    action = "organization.manage_hashtag_lists"
    deletion_route = "hashtag_list_deletion"


class HashtagListDeletion(OfHashtagLists, WordDeletion):
    action = "organization.manage_hashtag_lists"


class HashtagsToInsert(GuardedView):
    """The lists for the composer: as JSON to a script that asks for it, else as a fragment of buttons."""

    action = "organization.view_hashtag_lists"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        rows = list(hashtag_lists())
        if request.accepts("text/html"):
            context = {"rows": rows, "organization": request.organization}
            return render(request, "publishing/organizing/_hashtags.html", context)
        lists = [{"id": row.pk, "name": row.name, "hashtags": row.hashtags, "text": row.text} for row in rows]
        return JsonResponse({"lists": lists})


class OfCustomFields(WordsView):
    kind = CUSTOM_FIELDS
    form_class = CustomFieldForm
    list_route = "custom_field_list"

    def rows(self) -> QuerySet[CustomField]:
        return with_post_counts(CustomField.objects.order_by("name", "pk"), "values")


class CustomFields(OfCustomFields, WordList):
    action = "organization.view_custom_fields"
    write_action = "organization.create_custom_fields"
    template_name = "publishing/organizing/custom_fields.html"


class CustomFieldEdit(OfCustomFields, WordEdit):
    action = "organization.create_custom_fields"
    deletion_route = "custom_field_deletion"

    def more_of_form(self) -> dict[str, Any]:
        return {"row": self.row}


class CustomFieldDeletion(OfCustomFields, WordDeletion):
    action = "organization.create_custom_fields"


class OfDraftCategories(WordsView):
    kind = DRAFT_CATEGORIES
    form_class = DraftCategoryForm
    list_route = "draft_category_list"

    def rows(self) -> QuerySet[DraftCategory]:
        return with_post_counts(DraftCategory.objects.order_by("name", "pk"))


class DraftCategories(OfDraftCategories, WordList):
    action = "organization.view_draft"
    write_action = "organization.create_or_edit_draft_category"
    template_name = "publishing/organizing/draft_categories.html"


class DraftCategoryEdit(OfDraftCategories, WordEdit):
    action = "organization.create_or_edit_draft_category"
    deletion_route = "draft_category_deletion"


class DraftCategoryDeletion(OfDraftCategories, WordDeletion):
    action = "organization.delete_draft_category"
