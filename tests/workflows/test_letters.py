"""The words of letters: each kind, in both wordings and languages."""

import hashlib
import json
import re
from itertools import pairwise

import pytest

from portal.enums import Language, Wording
from questionnaires.static_checks.texts import CLAUSE_ID, LEAKS_IN_KEYS, leaks
from tests.factories.portal import OrganisationFactory
from tests.workflows.letters_said import every_fact, needed_facts
from workflows import letters
from workflows.enums import LetterKind
from workflows.models import Case

HANZI = re.compile(r"[\u4e00-\u9fff]")
CLAUSE = re.compile(r"\b[ABC][1-6]\b|clause|[1-6]条|第.条")
FACTS_OF = {"every fact": every_fact, "no more than needed": needed_facts}


def case(wording=Wording.TRACEABILITY):
    buyer = OrganisationFactory.build(name="Demo Buyer GmbH")
    supplier = OrganisationFactory.build(name="Demo Weaving Co.", zone="Asia/Shanghai")
    return Case(buyer=buyer, supplier=supplier, wording=wording, reference="K7QF-3MX9")


@pytest.mark.parametrize("facts", FACTS_OF)
@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("wording", Wording)
@pytest.mark.parametrize("kind", LetterKind)
def test_each_letter_is_whole_in_both_wordings_and_languages(kind, wording, language, facts):
    given = FACTS_OF[facts](kind)

    letter = letters.write(kind, case(wording), language, given)

    assert letter.title
    assert "Demo Buyer GmbH" in letter.text
    assert "Demo Weaving Co." in letter.text
    assert not re.search(r"\{|\}|%|None|True|False|  |\n\n\n|# \n|&#|&amp;", letter.text)
    assert bool(HANZI.search(letter.title)) == (language == Language.ZH)
    paragraphs = letter.text.split("\n\n")
    assert all(one.strip() == one and one for one in paragraphs)
    # a heading is followed by what it announces
    headings = [one.startswith("# ") for one in paragraphs]
    assert not any(one and other for one, other in pairwise(headings))
    assert not headings[-1]
    assert letter.sha256 == hashlib.sha256(f"{letter.title}\n{letter.text}".encode()).hexdigest()


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("kind", LetterKind)
def test_in_traceability_wording_no_letter_names_region_law_or_clause(kind, language):
    letter = letters.write(kind, case(), language, every_fact(kind))

    assert leaks(letter.data.decode()) == []
    assert not CLAUSE.search(letter.data.decode())
    assert not LEAKS_IN_KEYS.search(kind.lower())
    assert not CLAUSE_ID.search(kind.lower())


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "from_on is missing"),
        ({"mood": "good"}, r"\['mood'\] is no fact"),
        ({"from_on": "2026-12-01"}, "from_on is '2026-12-01'"),
    ],
)
def test_facts_that_do_not_fit_are_an_error_of_whoever_calls(facts, says):
    with pytest.raises(ValueError, match=says):
        letters.write(LetterKind.RESUMPTION, case(), "en", facts)


def test_typed_lines_are_paragraphs_and_never_headings():
    typed = "  First line\t of it\r\n\r\n# What follows\n- an item  \n"

    letter = letters.write(
        LetterKind.RESUMPTION,
        case(),
        "en",
        needed_facts(LetterKind.RESUMPTION) | {"orders": typed},
    )

    assert letter.text.split("\n\n")[1:4] == ["First line of it", "What follows", "- an item"]


@pytest.mark.parametrize("kind", LetterKind)
def test_kept_facts_write_the_same_letter_again(kind):
    kept = letters.stored(kind, every_fact(kind))

    again = letters.write(kind, case(), "en", letters.restored(kind, kept))

    assert json.loads(json.dumps(kept)) == kept
    assert again == letters.write(kind, case(), "en", every_fact(kind))


def test_in_explicit_wording_the_clause_is_named_and_nothing_is_forbidden():
    facts = every_fact(LetterKind.EXIT_PROPOSAL) | {"ground": "Yarn from the Uyghur Region."}

    letter = letters.write(LetterKind.EXIT_PROPOSAL, case(Wording.EXPLICIT), "en", facts)

    assert "clause B5 of the Call to Action of July 2025" in letter.text
    assert letters.forbidden(LetterKind.EXIT_PROPOSAL, case(Wording.EXPLICIT), facts) == {}
    assert letters.forbidden(LetterKind.EXIT_PROPOSAL, case(), facts) == {"ground": ["Uyghur"]}


@pytest.mark.parametrize(
    "kind", [LetterKind.ACKNOWLEDGEMENT, LetterKind.QUERY, LetterKind.EXTENSION, LetterKind.PLAN]
)
@pytest.mark.parametrize("wording", Wording)
def test_neither_wording_hides_that_orders_may_pause_or_end(kind, wording):
    english = letters.write(kind, case(wording), "en", every_fact(kind))
    chinese = letters.write(kind, case(wording), "zh-hans", every_fact(kind))

    assert re.search(r"Orders may (pause or end|be paused or ended)", english.text)
    assert "订单" in chinese.text
    assert "暂停或终止" in chinese.text
