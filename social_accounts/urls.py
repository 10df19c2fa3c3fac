"""Profiles of one organization, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from social_accounts import views
from social_accounts.boards import views as boards

urlpatterns = [
    path("profiles/", views.ProfileList.as_view(), name="profile_list"),
    path("profiles/connect/", views.ConnectChoose.as_view(), name="connect_choose"),
    path(
        "profiles/connect/accounts/<uuid:choice>/", views.ConnectAccounts.as_view(), name="connect_accounts"
    ),
    path("profiles/connect/<slug:network>/", views.ConnectNetwork.as_view(), name="connect_network"),
    path("profiles/connect/<slug:network>/consent/", views.ConnectConsent.as_view(), name="connect_consent"),
    path("profiles/connect/<slug:network>/leave/", views.ConnectLeave.as_view(), name="connect_leave"),
    path("profiles/<int:pk>/", views.ProfilePage.as_view(), name="profile"),
    path("profiles/<int:pk>/name/", views.ProfileRename.as_view(), name="profile_rename"),
    path("profiles/<int:pk>/time-zone/", views.ProfileTimeZone.as_view(), name="profile_time_zone"),
    path("profiles/<int:pk>/workspace/", views.ProfileMove.as_view(), name="profile_move"),
    path("profiles/<int:pk>/pause/", views.ProfilePausing.as_view(), name="profile_pause"),
    path("profiles/<int:pk>/check/", views.ProfileCheck.as_view(), name="profile_check"),
    path("profiles/<int:pk>/reconnect/", views.ProfileReconnect.as_view(), name="profile_reconnect"),
    path(
        "profiles/<int:pk>/reconnect/leave/",
        views.ProfileReconnectLeave.as_view(),
        name="profile_reconnect_leave",
    ),
    path("profiles/<int:pk>/disconnect/", views.ProfileDisconnect.as_view(), name="profile_disconnect"),
    path("profiles/<int:pk>/access/", views.ProfileAccess.as_view(), name="profile_access"),
    path("profiles/<int:pk>/access/give/", views.ProfileAccessGive.as_view(), name="profile_access_give"),
    path(
        "profiles/<int:pk>/access/end/",
        views.ProfileAccessEndSeveral.as_view(),
        name="profile_access_end_several",
    ),
    path(
        "profiles/<int:pk>/access/<int:grant_pk>/end/",
        views.ProfileAccessEnd.as_view(),
        name="profile_access_end",
    ),
    path(
        "profiles/<int:pk>/access/person/<int:user_pk>/",
        views.ProfileAccessPerson.as_view(),
        name="profile_access_person",
    ),
    path("profiles/<int:pk>/boards/", boards.BoardList.as_view(), name="board_list"),
    path("profiles/<int:pk>/boards/new/", boards.BoardCreate.as_view(), name="board_new"),
    path("profiles/<int:pk>/boards/<int:board_pk>/", boards.BoardPage.as_view(), name="board"),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/change/", boards.BoardUpdate.as_view(), name="board_change"
    ),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/delete/", boards.BoardDelete.as_view(), name="board_delete"
    ),
    path("profiles/<int:pk>/boards/<int:board_pk>/merge/", boards.BoardMerge.as_view(), name="board_merge"),
    path("profiles/<int:pk>/boards/<int:board_pk>/pins/", boards.BoardPins.as_view(), name="board_pins"),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/pins/<int:pin>/save/",
        boards.PinSave.as_view(),
        name="board_pin_save",
    ),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/sections/",
        boards.SectionCreate.as_view(),
        name="board_section_new",
    ),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/sections/<int:section_pk>/name/",
        boards.SectionRename.as_view(),
        name="board_section_rename",
    ),
    path(
        "profiles/<int:pk>/boards/<int:board_pk>/sections/<int:section_pk>/delete/",
        boards.SectionDelete.as_view(),
        name="board_section_delete",
    ),
]
