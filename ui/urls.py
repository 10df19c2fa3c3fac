"""Routes of the interface itself."""

from django.urls import path

from ui.views import StatesView

urlpatterns = [path("_states/", StatesView.as_view(), name="ui-states")]
