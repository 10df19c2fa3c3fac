"""Translations: every string of the code is found, and what a language lacks is named."""

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from devstack import messages


@pytest.fixture
def product(monkeypatch, tmp_path):
    """A small product with one Python file, one template and a French catalog."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "orgs").mkdir()
    (tmp_path / "templates" / "orgs").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("_('not for people')")
    (tmp_path / "orgs" / "models.py").write_text(
        "_('Owner')\nngettext('%(count)d day', '%(count)d days', n)\npgettext_lazy('verb', 'Post')\n_(name)\n"
    )
    (tmp_path / "templates" / "orgs" / "list.html").write_text(
        "<ul>\n   <li>{% translate 'Members' %}</li>\n"
        "{% blocktranslate with name=who %}Hello {{ name }}{% endblocktranslate %}\n</ul>\n"
        "{% blocktranslate count total=n %}{{ total }} team{% plural %}{{ total }} teams{% endblocktranslate %}"
    )
    (tmp_path / "locale" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    path = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    path.write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n')
    return path


def ids(catalog: Catalog) -> set[object]:
    return {
        (message.context, message.id) if message.context else message.id for message in catalog if message.id
    }


def translate(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_strings_of_code_and_templates_are_found_and_those_of_tests_are_not(product):
    assert ids(messages.extract()) == {
        "Owner",
        ("%(count)d day", "%(count)d days"),
        ("verb", "Post"),
        "Members",
        "Hello %(name)s",
        ("%(total)s team", "%(total)s teams"),
    }


def test_check_names_what_is_missing_and_where(product, capsys):
    assert messages.check(["fr"]) == 6
    assert "fr: orgs/models.py:1: 'Owner' is missing" in capsys.readouterr().out


def test_check_names_a_language_that_has_no_catalog(product, capsys):
    assert messages.check(["fr", "pt_BR"]) == 7
    assert "pt_BR: there is no locale/pt_BR" in capsys.readouterr().out


def test_languages_to_check_are_those_that_are_offered():
    assert messages.offered_languages() == ["fr", "pt_BR"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('\nmsgid "Owner"\nmsgstr ""\n', "'Owner' is not translated"),
        ('\n#, fuzzy\nmsgid "Owner"\nmsgstr "Membre"\n', "'Owner' is fuzzy"),
        ('\nmsgid "Hello %(name)s"\nmsgstr "Bonjour %(nom)s"\n', "has other placeholders"),
        ('\nmsgid "Owner"\nmsgstr "Propriétaire"\n', None),
        ('\nmsgctxt "verb"\nmsgid "Post"\nmsgstr "Publier"\n', None),
    ],
)
def test_check_tells_a_wrong_translation_from_a_right_one(product, capsys, entry, problem):
    translate(product, entry)
    count = messages.check(["fr"])
    assert (count == 6) == bool(problem)
    if problem:
        assert problem in capsys.readouterr().out


def test_check_names_a_string_that_has_left_the_code(product, capsys):
    translate(product, '\nmsgid "Gone"\nmsgstr "Parti"\n')
    assert messages.check(["fr"]) == 7
    assert "fr: 'Gone' is no longer in the code" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("forms", "problem"),
    [
        ('msgstr[0] "%(total)s équipe"\nmsgstr[1] "%(total)s équipes"\n', None),
        ('msgstr[0] "%(total)s équipe"\n', "'%(total)s team' is not translated"),
    ],
)
def test_check_wants_every_plural_form_of_the_language(product, capsys, forms, problem):
    translate(product, f'\nmsgid "%(total)s team"\nmsgid_plural "%(total)s teams"\n{forms}')
    count = messages.check(["fr"])
    assert (count == 6) == bool(problem)
    if problem:
        assert problem in capsys.readouterr().out


def test_update_adds_new_strings_and_drops_unused_ones(product):
    translate(product, '\nmsgid "Owner"\nmsgstr "Propriétaire"\n\nmsgid "Gone"\nmsgstr "Parti"\n')
    messages.update()
    text = product.read_text()
    assert "Propriétaire" in text
    assert "Members" in text
    assert "Gone" not in text
    before = product.read_bytes()
    messages.update()
    assert product.read_bytes() == before


def test_compiled_catalog_is_what_django_reads_and_is_made_once(product):
    translate(
        product, '\nmsgid "Owner"\nmsgstr "Propriétaire"\n\n#, fuzzy\nmsgid "Members"\nmsgstr "Peut-être"\n'
    )
    import gettext

    assert messages.compile_catalogs() == 1
    assert messages.compile_catalogs() == 0
    french = gettext.translation("django", product.parents[2], ["fr"])
    assert french.gettext("Owner") == "Propriétaire"
    assert french.gettext("Members") == "Members"


def test_no_text_to_translate_hides_inside_an_f_string() -> None:
    """Before Python 3.12 an f-string is one token, so the extraction would see such a text on some machines only."""
    hidden = [
        f"{path.relative_to(messages.ROOT)}:{call.lineno}"
        for path in messages.sources()
        if path.suffix == ".py"
        for string in ast.walk(ast.parse(path.read_text()))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in messages.KEYWORDS
    ]
    assert not hidden
