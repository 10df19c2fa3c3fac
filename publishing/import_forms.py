"""What a person chooses when he uploads a file of posts, and types when he corrects one of its rows."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.formats import number_format
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from publishing.bulk.columns import COMMENT, MEDIA, NOTE, PROBLEM, TEXT
from publishing.bulk.reading import CELL_MAX, ROWS_MAX
from publishing.models import ImportMode, ImportRow, PostImport

LONG: Final = (TEXT, MEDIA, COMMENT, NOTE)
CELL: Final = "cell_"


class UploadForm(forms.Form):
    """The file, and what counts for rows that do not say it themselves."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Begin with the template, it has all columns."),
        },
    )
    mode = forms.ChoiceField(
        label=_("Rows that do not say what to do"),
        choices=ImportMode.choices,
        initial=ImportMode.SCHEDULE,
        widget=forms.RadioSelect,
    )
    date_order = forms.ChoiceField(
        label=_("Days such as 03/04/2026"),
        choices=PostImport.DateOrder.choices,
        help_text=_("2026-04-03 is understood either way."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_english = (get_language() or "en").startswith("en")
        order = PostImport.DateOrder.MONTH_FIRST if is_english else PostImport.DateOrder.DAY_FIRST
        self.fields["date_order"].initial = order

    @property
    def rows_max(self) -> str:
        return str(number_format(ROWS_MAX, force_grouping=True))


class StartForm(forms.Form):
    which = forms.ChoiceField(
        choices=[("all", pgettext_lazy("rows of a file", "All")), ("good", _("Only the good ones"))]
    )


class RowForm(forms.Form):
    """One row, a field for each column of the file that means something; what is wrong with it is said at its field."""

    def __init__(self, data: Any = None, *, post_import: PostImport, row: ImportRow) -> None:
        self.row, self.columns = row, len(post_import.headers)
        present = {_name(number): cell for number, cell in enumerate(row.cells)}
        super().__init__(present if data is None else data)
        self.keys: dict[str, str] = {}
        for number, (header, key) in enumerate(zip(post_import.headers, post_import.layout, strict=True)):
            if not key or key == PROBLEM:
                continue
            is_long = key in LONG or "\n" in row.cells[number]
            self.keys.setdefault(key, _name(number))
            self.fields[_name(number)] = forms.CharField(
                label=header,
                required=False,
                strip=False,
                max_length=CELL_MAX,
                widget=forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput(),
            )
        if data is None:
            self._say_what_is_wrong()

    def _say_what_is_wrong(self) -> None:
        self.full_clean()
        for column, sentence in self.row.problems:
            self.add_error(self.keys.get(column), sentence)
        if self.row.same_as:
            self.add_error(None, _("It says the same as row %(number)d.") % {"number": self.row.same_as})

    def cells(self) -> list[str]:
        """Return the row's cells as they were typed; what stood beside the columns is let go of."""
        cells = list(self.row.cells[: self.columns])
        for name, typed in self.cleaned_data.items():
            cells[int(name.removeprefix(CELL))] = typed.replace("\r\n", "\n")
        return cells


def _name(number: int) -> str:
    return f"{CELL}{number}"
