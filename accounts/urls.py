from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("settings/", views.Profile.as_view(), name="account_settings"),
    path("sessions/<int:pk>/end/", views.SessionEnd.as_view(), name="session_end"),
    path("second-factor/", views.SecondFactorRequired.as_view(), name="second_factor_required"),
    path("typed/", views.TypedFormKept.as_view(), name="typed_form"),
]
