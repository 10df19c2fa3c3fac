"""The tags and filters of every template."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from ui.templatetags import ui

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_icon_points_into_the_sprite_and_is_silent() -> None:
    svg = draw('{% icon "lock" "icon-sm" %}')
    assert '<use href="/static/icons/sprite.svg#lock"/>' in svg
    assert 'aria-hidden="true"' in svg


def test_icon_with_a_label_is_an_image_with_a_name() -> None:
    assert 'role="img" aria-label="Lock &amp; key"' in draw('{% icon "lock" "" label %}', label="Lock & key")


def test_icon_that_is_not_listed_fails_loudly() -> None:
    with pytest.raises(TemplateSyntaxError, match="unicorn"):
        draw('{% icon "unicorn" %}')


def test_initials_take_the_first_two_words() -> None:
    assert [ui.initials(n) for n in ["Olga Owner", "Mina", "Ada van Agency", ""]] == ["OO", "M", "AV", ""]


def test_tint_is_one_of_eight_and_stays_the_same() -> None:
    assert ui.tint("Olga Owner") == ui.tint("Olga Owner")
    assert {ui.tint(chr(97 + n)) for n in range(8)} == {f"tint-{n}" for n in range(1, 9)}


@time_machine.travel(NOON, tick=False)
def test_localtime_in_names_the_zone() -> None:
    html = draw('{% localtime_in at "America/Sao_Paulo" %}', at=NOON)
    assert "21 Nov, 09:00" in html
    assert "(Sao Paulo)" in html
    assert 'datetime="2026-11-21T09:00-03:00"' in html


@time_machine.travel(NOON, tick=False)
def test_localtime_in_adds_the_year_when_it_is_another() -> None:
    assert "21 Nov 2027, 12:00" in draw('{% localtime_in at "UTC" %}', at=NOON.replace(year=2027))


def test_localtime_in_shows_nothing_without_a_moment() -> None:
    assert draw('{% localtime_in at "UTC" %}', at=None) == ""


def test_datetime_input_gives_local_wall_time() -> None:
    assert ui.datetime_input(NOON, "Europe/Berlin") == "2026-11-21T13:00"


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(hours=-3, minutes=-20), "3\xa0hours ago"),
        (timedelta(days=2, minutes=1), "in 2\xa0days"),
        (timedelta(days=-6, hours=-23), "6\xa0days ago"),
        (timedelta(days=-7), "14 Nov, 12:00"),
        (timedelta(days=-400), "17 Oct 2025, 12:00"),
    ],
)
def test_relative_speaks_of_days_only_within_a_week(distance: timedelta, text: str) -> None:
    assert f">{text}</time>" in ui.relative(NOON + distance)


@time_machine.travel(NOON, tick=False)
def test_days_left_counts_down() -> None:
    at = [
        NOON + timedelta(days=5, hours=1),
        NOON + timedelta(days=1, hours=1),
        NOON + timedelta(hours=2),
        NOON,
    ]
    assert [ui.days_left(moment) for moment in at] == ["5 days left", "1 day left", "Ends today", "Ended"]


def test_join_names_reads_as_a_sentence() -> None:
    lists = [[], ["Olga"], ["Olga", "Marc"], ["Olga", "Marc", "Paul"]]
    with translation.override("en"):
        assert [ui.join_names(n) for n in lists] == ["", "Olga", "Olga and Marc", "Olga, Marc and Paul"]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/142.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) Version/18.3 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:140.0) Firefox/140.0", "Firefox on macOS"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browser_name_reads_the_header(header: str, text: str) -> None:
    assert ui.browser_name(header) == text
