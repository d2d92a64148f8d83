"""The audit trail of a case: both editions, read back with poppler's tools."""

import subprocess
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from documents import dossier as documents
from documents.enums import Edition
from portal import clock
from tests.workflows import remedies, world
from workflows import actions, collect, engine

pytestmark = pytest.mark.django_db


def text_of(path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def test_the_command_writes_counsels_edition(tmp_path):
    case = world.cleared_case(world.world())
    out = tmp_path / "dossier.pdf"

    call_command("dossier", case.reference, out=str(out))

    text = text_of(out)
    assert case.reference in text
    assert "unsealed" in text.lower()
    assert case.supplier.name in text


def counsel_and_working(case):
    return (
        collect.dossier(case, edition=Edition.COUNSEL, language="en"),
        collect.dossier(case, edition=Edition.WORKING, language="en"),
    )


def test_the_working_edition_names_no_respondent_and_holds_no_counsel_text():
    made = world.world()
    case = world.acknowledged_case(made)
    canary = "canary-for-counsel-alone"
    actions.refer(case=case, task=engine.open_task(case), by=case.contact, note=canary)
    actions.advise(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        advice=f"advice {canary}",
        summary="The clocks run again.",
    )
    case.refresh_from_db()
    case.contact.name = "Demo Respondent Canary"
    case.contact.save()

    counsel, working = (documents.to_json(one) for one in counsel_and_working(case))

    assert counsel.count(canary) >= 2
    assert canary not in working
    assert "Demo Respondent Canary" in counsel
    assert "Demo Respondent Canary" not in working
    assert "The clocks run again." in working


def test_every_event_stands_in_the_dossier_with_a_sentence():
    case = world.cleared_case(world.world())

    found = collect.dossier(case, edition=Edition.COUNSEL, language="en")

    entries = case.chain.entries.order_by("seq")
    assert [event.hash for event in found.events][-1] == entries.last().hash
    for event in found.events:
        assert ": " in event.sentence
        assert "_" not in event.sentence.split("“")[0]


def test_days_are_those_of_the_buyers_own_place():
    """Late on the third in London it is the fourth in Berlin, in every chapter."""
    made = world.world()
    made.buyer.zone = "Europe/Berlin"
    made.buyer.save()
    with clock.at(datetime(2026, 12, 3, 23, 30, tzinfo=UTC)):
        case = world.submitted_case(made)
        case = remedies.planned(made, case)

    told = collect.dossier(case, edition=Edition.COUNSEL, language="en")

    assert told.standing.wording_by.startswith(f"{made.counsel}, 4 December 2026: ")
    asked = {one.clause: one.asked for one in told.standing.clauses}
    assert asked["B4"] == "Instructed on 4 December 2026."
    assert told.remedy.plans[0].agreed == f"{made.approver}, 4 December 2026"
    assert "4 December 2026" in told.remedy.plans[0].accepted


def test_an_unknown_case_and_a_missing_folder_are_told_in_a_sentence(tmp_path):
    case = world.issued_case(world.world())

    with pytest.raises(CommandError, match="There is no case aaaa-bbbb"):
        call_command("dossier", "aaaa-bbbb", out=str(tmp_path / "x.pdf"))
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("dossier", case.reference, out=str(tmp_path / "nowhere" / "x.pdf"))
    with pytest.raises(CommandError, match="Name a case and a file"):
        call_command("dossier", case.reference)


def test_the_list_names_one_case_a_line(capsys):
    made = world.world()
    case = world.issued_case(made)

    call_command("dossier", list=True)

    assert capsys.readouterr().out.split() == [case.reference]
