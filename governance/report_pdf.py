"""The signed report as a PDF to print and file, in the reader's language. Source of the choice: docs/adr/0009."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from governance.models import Decision, Review
from governance.report import day_words, decision_words, moment_words, source_words

FONT: Final = "Inter"
REGULAR, BOLD = 400.0, 640.0
# The same two files the pages use; the second holds what the first lacks, such as the letters of Polish and Czech.
LATIN, LATIN_EXT = "inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"
INK, MUTED, LINE, SOFT = (23, 32, 42), (95, 107, 120), (218, 223, 229), (245, 247, 249)
BAD, WARN, OK = (176, 32, 40), (140, 90, 0), (20, 110, 70)
MARGIN_MM: Final = 14.0
COLUMNS: Final = (52, 34, 46, 40, 22, 26, 49)  # of the table, in millimeters


def pdf_of(review: Review) -> bytes:
    """Return the report as PDF. The same report in the same language and time zone is always the same file."""
    data = json.loads(review.report)
    page = _Page(review, data)
    page.add_page()
    _head(page, data, review)
    _counts(page, data["lines"])
    _table(page, data["lines"])
    _seal(page, review)
    return bytes(page.output())


class _Page(FPDF):
    """A4 on its side, with the name of the report and the number of the page at the foot of each."""

    def __init__(self, review: Review, data: dict[str, Any]) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.report_name = _("Access review: %(subject)s") % {"subject": data["review"]["subject"]}
        for style, weight in (("", REGULAR), ("B", BOLD)):
            self.add_font(FONT, style, font_file(LATIN), variations={"wght": weight})
            self.add_font(f"{FONT}Ext", style, font_file(LATIN_EXT), variations={"wght": weight})
        self.set_fallback_fonts([f"{FONT}Ext"], exact_match=True)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=18)
        self.set_title(self.report_name)
        self.set_author(data["organization"]["name"])
        self.set_creator("Chorus")
        self.set_lang(get_language() or "en")
        assert review.signed_at is not None
        self.set_creation_date(review.signed_at)

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font(FONT, size=7.5)
        self.set_text_color(*MUTED)
        width = self.epw / 2
        self.cell(width, 5, self.report_name, align="L")
        number = _("Page %(number)s of %(total)s") % {"number": self.page_no(), "total": "{nb}"}
        self.cell(width, 5, number, align="R")

    def text_line(
        self, text: str, *, size: float, height: float, bold: bool = False, color: Any = INK
    ) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*color)
        self.multi_cell(0, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _head(page: _Page, data: dict[str, Any], review: Review) -> None:
    about = data["review"]
    page.text_line(data["organization"]["name"], size=9, height=5, color=MUTED)
    page.text_line(page.report_name, size=20, height=10, bold=True)
    page.ln(1.5)
    facts = [
        (_("What"), str(Review.Kind(about["kind"]).label)),
        (_("Opened"), _by(about["opened_at"], about["opened_by"])),
        (_("Reviewers"), ", ".join(about["reviewers"])),
        (_("Signed off"), _by(about["signed_at"], about["signed_by"])),
        (_("Times in"), str(timezone.get_current_timezone())),
    ]
    for label, value in facts:
        page.set_font(FONT, "", 9)
        page.set_text_color(*MUTED)
        page.cell(32, 5.2, label)
        page.set_text_color(*INK)
        page.multi_cell(0, 5.2, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
    page.ln(3)


def _by(moment: str, who: str) -> str:
    when = moment_words(moment)
    return _("%(when)s by %(who)s") % {"when": when, "who": who} if who else when


def _counts(page: _Page, lines: list[dict[str, Any]]) -> None:
    found = {
        decision: sum(line["decision"] == decision and not line["is_gone"] for line in lines)
        for decision in Decision.values
    }
    unused = sum(line["is_unused"] for line in lines)
    told = [
        ngettext("%(count)d line", "%(count)d lines", len(lines)) % {"count": len(lines)},
        ngettext("%(count)d kept", "%(count)d kept", found["keep"]) % {"count": found["keep"]},
        ngettext("%(count)d reduced", "%(count)d reduced", found["reduce"]) % {"count": found["reduce"]},
        ngettext("%(count)d removed", "%(count)d removed", found["remove"]) % {"count": found["remove"]},
        ngettext("%(count)d unused for 90 days", "%(count)d unused for 90 days", unused) % {"count": unused},
    ]
    page.text_line("   ·   ".join(told), size=10, height=6, bold=True)
    page.ln(2)


def _table(page: _Page, lines: list[dict[str, Any]]) -> None:
    page.set_font(FONT, "", 8)
    page.set_text_color(*INK)
    page.set_draw_color(*LINE)
    heads = (_("Who"), _("Role"), _("Where from"), _("Given"), _("Until"), _("Last used"), _("Decision"))
    with page.table(
        col_widths=COLUMNS,
        width=int(page.epw),
        line_height=4.2,
        padding=(1.3, 1.5),
        text_align="LEFT",
        v_align="TOP",
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", color=MUTED, fill_color=SOFT),
    ) as table:
        table.row(heads)
        for line in lines:
            row = table.row()
            row.cell(f"{line['who']}\n{line['people']}".strip())
            row.cell(line["role"])
            row.cell(f"{source_words(line)}\n{line['what']}")
            row.cell(f"{day_words(line['granted_at'])}\n{line['granted_by']}".strip())
            row.cell(day_words(line["expires_at"]) or "–")
            row.cell(_last_used(line), style=FontFace(color=WARN) if line["is_unused"] else None)
            decided = "\n".join(
                part for part in (decision_words(line), line["note"], line["decided_by"]) if part
            )
            row.cell(decided, style=FontFace(color=_tone(line)))


def _last_used(line: dict[str, Any]) -> str:
    if line["last_used_at"]:
        return day_words(line["last_used_at"])
    return _("Not within a year")


def _tone(line: dict[str, Any]) -> tuple[int, int, int]:
    if line["is_gone"]:
        return MUTED
    return {Decision.KEEP: OK, Decision.REDUCE: WARN, Decision.REMOVE: BAD}[Decision(line["decision"])]


def _seal(page: _Page, review: Review) -> None:
    if page.will_page_break(34):
        page.add_page()
    page.ln(5)
    page.text_line(_("How to check this report"), size=10, height=6, bold=True)
    page.text_line(
        _(
            "The data of this report, as it can be downloaded again, has the SHA-256 fingerprint below. The audit log "
            "holds the same fingerprint in the entry named here, and each entry of the log carries a fingerprint of "
            "the one before it."
        ),
        size=8.5,
        height=4.6,
    )
    page.ln(1)
    for label, value in (
        (_("Fingerprint of the report"), review.report_digest),
        (_("Entry of the audit log"), str(review.event_sequence)),
        (_("Fingerprint of that entry"), review.event_digest),
    ):
        page.set_font(FONT, "", 8)
        page.set_text_color(*MUTED)
        page.cell(48, 4.8, label)
        page.set_text_color(*INK)
        page.cell(0, 4.8, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


@cache
def font_file(name: str) -> Path:
    """Return one of the built fonts: where assets are collected, or where the build puts them."""
    for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
        path = Path(folder) / "fonts" / name
        if path.exists():
            return path
    raise FileNotFoundError(f"The font {name} is not built: run `make assets`.")
