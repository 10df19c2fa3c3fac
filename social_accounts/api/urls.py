from __future__ import annotations

from django.urls import path

from social_accounts.api import access_file, grants, profiles, questions, what_if

urlpatterns = [
    path("profiles", profiles.ProfileList.as_view()),
    path("profiles/<int:pk>", profiles.ProfileDetail.as_view()),
    path("profiles/<int:pk>/people", profiles.ProfilePeople.as_view()),
    path("profiles/<int:pk>/teams", profiles.ProfileTeams.as_view()),
    path("grants", grants.GrantList.as_view()),
    path("grants/<int:pk>", grants.GrantDetail.as_view()),
    path("access/file", access_file.AccessFile.as_view()),
    path("access/what-if", what_if.AccessWhatIf.as_view()),
    path("access/check", questions.AccessCheck.as_view()),
    path("access/explanation", questions.AccessExplanation.as_view()),
    path("access/objects", questions.AccessObjects.as_view()),
    path("access/people", questions.AccessPeople.as_view()),
]
