"""Every address. ``/o/<slug>/`` is inside an organization; everything else belongs to a person or to nobody."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from config import views

organization_urls = [
    path("", include("orgs.urls")),
    path("", include("orgs.key_urls")),
    path("", include("social_accounts.urls")),
    path("", include("social_accounts.file_urls")),
    path("", include("governance.urls")),
    path("", include("publishing.urls")),
    path("", include("publishing.sharing_urls")),
    path("", include("publishing.import_urls")),
    path("", include("publishing.organizing.urls")),
]

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("language/", views.Language.as_view(), name="set_language"),
    path("api/", include("config.api_urls")),
    path("healthz", views.Health.as_view(), name="health"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("orgs.person_urls")),
    path("notifications/", include("orgs.notification_urls")),
    path("", include("social_accounts.person_urls")),
    path("outside/", include("publishing.outside_urls")),
    path("files/", include("publishing.public_urls")),
    path("outside/", include("publishing.outside_calendar_urls")),
    path("o/<slug:organization_slug>/", include(organization_urls)),
]
if settings.DEBUG:
    urlpatterns.append(path("_states/", include("ui.urls")))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler429 = "config.errors.too_many"
handler500 = "config.errors.broken"
