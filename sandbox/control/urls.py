"""Paths of the controls, the same on both ports."""

from __future__ import annotations

from django.urls import path

from sandbox.control import api, panel
from sandbox.web import endpoint

urlpatterns = [
    path("_control/", endpoint(GET=panel.show, POST=panel.order)),
    path("_control/posts", endpoint(GET=api.posts)),
    path("_control/accounts", endpoint(GET=api.list_accounts, POST=api.create_account)),
    path("_control/faults", endpoint(GET=api.list_faults, POST=api.add_fault, DELETE=api.clear_faults)),
    path("_control/faults/<int:fault_id>", endpoint(DELETE=api.remove_fault)),
    path("_control/expire", endpoint(POST=api.expire_tokens)),
    path("_control/limits", endpoint(GET=api.show_limits, POST=api.change_limit)),
    path("_control/clients", endpoint(POST=api.register_client)),
    path("_control/reset", endpoint(POST=api.reset)),
]
