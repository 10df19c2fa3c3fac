"""Every pair of colors that is used together is readable, in light and in dark."""

import re

import pytest
from django.conf import settings

TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
GROUNDS = ["surface", "canvas", "sunken", "raised", "hover", "selected"]
INKS = ["ink", "muted", "subtle", "accent-text", "ok-text", "warn-text", "bad-text", "note-text"]
TONES = ["ok", "warn", "bad", "note", "accent"]
NETWORKS = (
    "linkedin mastodon instagram facebook bluesky threads youtube tiktok pinterest google telegram reddit"
)

PAIRS = [
    *[(ink, ground, TEXT) for ink in INKS for ground in GROUNDS],
    *[(f"{tone}-text", f"{tone}-soft", TEXT) for tone in TONES],
    *[("ink", f"{tone}-soft", TEXT) for tone in TONES],
    ("muted", "accent-soft", TEXT),
    ("ink", "pressed", TEXT),
    ("ink", "here", TEXT),
    *[("on-accent", ground, TEXT) for ground in ["accent", "accent-hover", "bad", "bad-hover"]],
    *[(f"tint-{n}-text", f"tint-{n}", TEXT) for n in range(1, 9)],
    *[("line-strong", ground, GRAPHICS) for ground in GROUNDS[:4]],
    *[("focus", ground, GRAPHICS) for ground in ["surface", "canvas", "raised"]],
    *[(f"chart-{n}", "surface", GRAPHICS) for n in range(1, 7)],
    ("on-ok", "ok", GRAPHICS),
    *[(f"net-{network}", "surface", TEXT) for network in NETWORKS.split()],
]


def read_tokens() -> dict[str, tuple[str, str]]:
    css = (settings.BASE_DIR / "frontend/css/tokens.css").read_text()
    pair = re.compile(r"--color-([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\);")
    single = re.compile(r"--color-([\w-]+):\s*(#[0-9a-f]{6});")
    tokens = {name: (light, dark) for name, light, dark in pair.findall(css)}
    return tokens | {name: (color, color) for name, color in single.findall(css)}


TOKENS = read_tokens()


def luminance(color: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(color[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_colors_used_together_stand_apart(ink: str, ground: str, least: float) -> None:
    for mode in (0, 1):
        assert contrast(TOKENS[ink][mode], TOKENS[ground][mode]) >= least, ("light", "dark")[mode]


def test_browser_bar_has_the_color_of_the_canvas() -> None:
    head = (settings.BASE_DIR / "templates/components/head.html").read_text()
    assert re.findall(r'name="theme-color" content="(#\w+)"', head) == list(TOKENS["canvas"])
