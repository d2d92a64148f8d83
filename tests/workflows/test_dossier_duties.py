"""The dossier shows what a reply led to and what the buyer owed; counsel's words stay closed."""

import pytest

from documents import dossier as documents
from documents import pdf
from documents.enums import Edition
from tests.workflows import acts, world
from workflows import actions, collect, engine, queries
from workflows.enums import ConditionState, ConstraintOutcome, DutyKind
from workflows.models import Duty

pytestmark = pytest.mark.django_db

WORDS = "Demo text: the only other mill asks a fifth more for the same yarn."


@pytest.fixture
def made():
    return world.world()


def collected(case, edition=Edition.WORKING, language="en"):
    return collect.dossier(case, edition=edition, language=language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_conditions_terms_originals_and_duties_are_printed(made, language):
    case = acts.on_conditions(made, made.supplier)
    actions.answer_condition(
        condition=queries.conditions(case)[0],
        by=made.analyst,
        state=ConditionState.CHANGED,
        answer="3 %, from January.",
        we_do="Change the price list.",
    )
    actions.offer_terms(
        case=case, by=made.analyst, text="Two people read them.", redaction="Prices."
    )
    actions.log_inspection(case=case, by=made.analyst, seen=acts.seen(counts=False))
    actions.ask_help(case=case, by=case.contact, kinds=["source"], text="Demo: please.")
    actions.waive_duty(
        duty=Duty.objects.get(case=case, kind=DutyKind.OFFER_SOURCES),
        by=made.approver,
        reason="No other mill is known to us.",
    )

    found = collected(case, language=language)
    printed = pdf.compose(found)

    assert documents.from_json(documents.to_json(found)) == found
    assert [one.answer for one in found.conditions] == ["3 %, from January.", ""]
    (seen,) = found.inspected
    assert (seen.grade, seen.counts, seen.quantity) == ("B", False, "12 t")
    assert {"B3", "B4", "B6"} <= {one.clause for one in found.duties}
    for words in (
        "3 %, from January.",
        "Two people read them.",
        "Prices.",
        "Change the price list.",
        "No other mill is known to us.",
        str(made.approver),
        "Demo Road 1, Shaoxing",
    ):
        assert words in printed


def test_a_case_that_owes_only_its_instruction_prints_that(made):
    found = collected(world.issued_case(made))

    assert [one.clause for one in found.duties] == ["B3", "B4", "B6"]
    assert (found.conditions, found.promises, found.inspected) == ((), (), ())


def test_neither_advice_nor_reasons_for_counsel_nor_a_respondent_stand_in_the_working_edition(
    made,
):
    case = acts.constrained(made, made.supplier)
    actions.close_constraint(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        way=ConstraintOutcome.SUBSTITUTE,
        summary="Other documents show the same.",
        advice="counsel-canary",
        to_supplier="A bank slip shows the same.",
    )
    declined = acts.declined(made, acts.another(made))
    declined.contact.name = "Demo Respondent Canary"
    declined.contact.save()
    again = acts.queried(declined, made.analyst)
    world.submit(again)  # what the first reading asked for is closed by the supplier's own act

    working = documents.to_json(collected(acts.fresh(case)))
    counsel = documents.to_json(collected(acts.fresh(case), Edition.COUNSEL))
    theirs = documents.to_json(collected(acts.fresh(declined)))

    assert "counsel-canary" in counsel
    assert "counsel-canary" not in working
    assert "Other documents show the same." in working
    assert WORDS not in theirs
    assert "Demo Respondent Canary" not in theirs
    assert "No longer asked for" in theirs
