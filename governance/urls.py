"""Inside one organization: ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from governance.views import assertions

urlpatterns = [
    path("guardrails/", assertions.AssertionList.as_view(), name="assertion_list"),
    path("guardrails/new/", assertions.AssertionKinds.as_view(), name="assertion_kinds"),
    path("guardrails/new/<slug:kind>/", assertions.AssertionNew.as_view(), name="assertion_new"),
    path("guardrails/<int:pk>/", assertions.AssertionDetail.as_view(), name="assertion_detail"),
    path("guardrails/<int:pk>/edit/", assertions.AssertionEdit.as_view(), name="assertion_edit"),
    path("guardrails/<int:pk>/check/", assertions.AssertionCheck.as_view(), name="assertion_check"),
    path("guardrails/<int:pk>/delete/", assertions.AssertionDelete.as_view(), name="assertion_delete"),
]
