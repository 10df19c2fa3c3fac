"""The page of components; `config/urls.py` includes it at /_states/ while DEBUG is on."""

from django.urls import path

from ui.views import StatesView

urlpatterns = [path("", StatesView.as_view(), name="ui-states")]
