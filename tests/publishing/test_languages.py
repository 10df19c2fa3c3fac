"""The languages a post may say it is in."""

from django.utils import translation

from publishing.forms import languages


def test_languages_of_a_post_are_named_in_the_language_of_the_reader():
    with translation.override("fr"):
        named = {code: str(name) for code, name in languages()}
    assert (named["de"], named["pt"]) == ("Allemand", "Portugais")
