"""The catalogues of words: complete, alike in every language, and covering all that a document may have to say."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import cadangan.documents
from cadangan.documents.words import words
from cadangan.procedure.steps import procedure

PACKAGE = Path(cadangan.documents.__file__).parent


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def flat(language: str) -> dict[str, str]:
    return {
        f"{table}.{name}": text
        for table, entries in words(language).catalogue.items()
        for name, text in entries.items()
    }


def test_languages_have_the_same_words_with_the_same_placeholders() -> None:
    indonesian, english = flat("id"), flat("en")
    assert indonesian.keys() == english.keys()
    for key, text in indonesian.items():
        assert text.strip(), key
        assert english[key].strip(), key
        assert placeholders(text) == placeholders(english[key]), key


def test_every_word_that_the_code_names_is_there() -> None:
    source = "".join(path.read_text() for path in PACKAGE.glob("*.py"))
    named = set(re.findall(r'words\(\s*"([a-z_]+\.[a-z_]+)"', source))
    assert len(named) > 20
    assert named <= flat("id").keys()


def test_every_verdict_of_the_procedure_has_words() -> None:
    decisions = words("id").catalogue["decision"]
    for act in procedure().acts.values():
        if act.decision:
            for verdict in act.leads:
                assert f"{act.decision}_{verdict}" in decisions


def test_a_value_with_braces_is_not_read_as_a_placeholder() -> None:
    assert words("id")("signature.nip", nip="{0.__class__}") == "NIP. {0.__class__}"


def test_an_unknown_name_stands_for_itself() -> None:
    assert words("id").name("engine", "postgresql") == "PostgreSQL"
    assert words("id").name("engine", "oracle") == "oracle"
