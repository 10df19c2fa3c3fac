"""How forms are drawn."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draw every form field with `templates/forms/field.html`, so that no widget needs attributes."""

    field_template_name = "forms/field.html"
