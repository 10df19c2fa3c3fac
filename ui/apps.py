"""The interface floor: template tags, form renderer, page of components. It knows no domain."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ui"
    verbose_name = "Interface"
