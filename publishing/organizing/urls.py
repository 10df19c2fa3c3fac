"""Labels, campaigns, hashtag lists, own fields, drafts and versions, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from publishing.organizing import views

urlpatterns = [
    path("drafts/", views.Drafts.as_view(), name="draft_list"),
    path("labels/draft-categories/", views.DraftCategories.as_view(), name="draft_category_list"),
    path("labels/draft-categories/<int:pk>/", views.DraftCategoryEdit.as_view(), name="draft_category_edit"),
    path(
        "labels/draft-categories/<int:pk>/deletion/",
        views.DraftCategoryDeletion.as_view(),
        name="draft_category_deletion",
    ),
    path("drafts/<int:pk>/deletion/", views.DraftDeletion.as_view(), name="draft_deletion"),
    path("drafts/<int:pk>/place/", views.DraftPlace.as_view(), name="draft_place"),
    path("labels/", views.Labels.as_view(), name="label_list"),
    path("labels/<int:pk>/", views.LabelEdit.as_view(), name="label_edit"),
    path("labels/<int:pk>/deletion/", views.LabelDeletion.as_view(), name="label_deletion"),
    path("labels/hashtag-lists/", views.HashtagLists.as_view(), name="hashtag_list_list"),
    path("labels/hashtag-lists/to-insert/", views.HashtagsToInsert.as_view(), name="hashtags_to_insert"),
    path("labels/hashtag-lists/<int:pk>/", views.HashtagListEdit.as_view(), name="hashtag_list_edit"),
    path(
        "labels/hashtag-lists/<int:pk>/deletion/",
        views.HashtagListDeletion.as_view(),
        name="hashtag_list_deletion",
    ),
    path("labels/custom-fields/", views.CustomFields.as_view(), name="custom_field_list"),
    path("labels/custom-fields/<int:pk>/", views.CustomFieldEdit.as_view(), name="custom_field_edit"),
    path(
        "labels/custom-fields/<int:pk>/deletion/",
        views.CustomFieldDeletion.as_view(),
        name="custom_field_deletion",
    ),
    path("campaigns/", views.CampaignList.as_view(), name="campaign_list"),
    path("campaigns/new/", views.CampaignNew.as_view(), name="campaign_new"),
    path("campaigns/<int:pk>/", views.CampaignDetail.as_view(), name="campaign"),
    path("campaigns/<int:pk>/edit/", views.CampaignEdit.as_view(), name="campaign_edit"),
    path("campaigns/<int:pk>/deletion/", views.CampaignDeletion.as_view(), name="campaign_deletion"),
    path("posts/<int:pk>/labels/", views.PostLabels.as_view(), name="post_labels"),
    path("posts/<int:pk>/history/", views.History.as_view(), name="post_history"),
    path("posts/<int:pk>/restoration/", views.Restoration.as_view(), name="post_restoration"),
]
