"""The REST API, below ``/api/``. Addresses end without a slash; what is none of them is answered with a problem."""

from __future__ import annotations

from django.urls import include, path, re_path

from api.documents import NoSuchAddress, OpenApiDocument
from config.api_page import ApiPage
from orgs.api.organizations import OrganizationDetail, OrganizationList

urlpatterns = [
    path("", ApiPage.as_view(), name="api_page"),
    path("v1/openapi.json", OpenApiDocument.as_view(), name="openapi"),
    path("v1/organizations", OrganizationList.as_view(), name="api_organizations"),
    path("v1/organizations/<slug:slug>", OrganizationDetail.as_view()),
    path("v1/organizations/<slug:slug>/", include("orgs.api.urls")),
    path("v1/organizations/<slug:slug>/", include("social_accounts.api.urls")),
    path("v1/organizations/<slug:slug>/", include("governance.api.urls")),
    path("v1/organizations/<slug:slug>/", include("publishing.api.urls")),
    re_path(r"^.*$", NoSuchAddress.as_view()),
]
