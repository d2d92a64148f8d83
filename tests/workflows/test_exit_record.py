"""What an exit leaves behind: its record in two editions, and nothing said too much outside."""

import pytest
from django.urls import reverse

from documents import dossier as contents
from documents import pdf
from documents.enums import Edition
from portal.enums import Wording
from portal.models import OutboxMessage
from questionnaires.static_checks.texts import leaks
from tests.workflows import acts, leaving, world
from tests.workflows.test_leaks import SERVICE, found_leaks, signed_in
from workflows import actions, collect, engine, timeline
from workflows.enums import Ending, ExitRole

pytestmark = pytest.mark.django_db

CANARY = "canary for counsel alone"


@pytest.fixture
def made(settings):
    settings.SOURCE_URL = "https://source.example/"
    made = world.world()
    made.buyer.service_name = SERVICE
    made.buyer.save()
    return made


def with_canaries(made):
    """An exit on which counsel's own words stand everywhere they may."""
    case = leaving.proposed(made)
    actions.reply_to_exit(
        case=case,
        by=case.contact,
        reply=actions.Reply("We ended that contract.", for_counsel=CANARY),
    )
    actions.answer_exit_reply(
        case=case, by=made.analyst, reply=leaving.first_reply(case), text="We read it."
    )
    case = leaving.written(made, acts.fresh(case))
    actions.present_plan(
        case=case, task=engine.open_task(case), by=made.analyst, reason=leaving.REASON, rev=1
    )
    case = leaving.approve(acts.fresh(case), made.approver)
    actions.approve_exit(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        word=leaving.word(case, ExitRole.COUNSEL, advice=CANARY),
    )
    return acts.fresh(case)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_audit_trail_tells_an_exit_whole_and_keeps_counsels_words_apart(made, language):
    case = with_canaries(made)
    found = {
        edition: collect.dossier(case, edition=edition, language=language)
        for edition in (Edition.COUNSEL, Edition.WORKING)
    }

    for edition, content in found.items():
        (exit_,) = content.exits
        assert [one.by for one in exit_.people] == [
            str(made.analyst),
            str(made.analyst),
            str(made.approver),
            str(made.counsel),
        ]
        assert len(exit_.plan) == 7
        assert exit_.findings
        text = contents.to_json(content)
        assert (CANARY in text) is (edition == Edition.COUNSEL)
        assert (CANARY in pdf.compose(content)) is (edition == Edition.COUNSEL)
        assert contents.from_json(text) == content
    writers = [content.exits[0].replies[0].messages[0].by for content in found.values()]
    assert writers[0] == str(case.contact)
    assert writers[1] != writers[0]


def test_a_long_exit_prints_its_checklist_reviews_and_return(made):
    case = leaving.reentered(made)

    (exit_,) = collect.dossier(case, edition=Edition.COUNSEL, language="en").exits

    assert exit_.state == "no longer stands: Open re-entry"
    assert len(exit_.checks) == 7
    assert [one.subject for one in exit_.reviews] == [
        f"Effects after {n} months" for n in (3, 6, 12)
    ]
    assert [len(one.messages) for one in exit_.reviews] == [1, 1, 0]
    rendered = pdf.render(collect.dossier(case, edition=Edition.WORKING, language="zh-hans"))
    assert rendered.pages > 3


def test_who_declined_proves_nothing_by_being_asked_for_nothing(made):
    found = collect.dossier(leaving.refused(made), edition=Edition.COUNSEL, language="en")

    assert [limb.state for limb in found.standing.limbs] == ["failed", "open"]
    assert found.standing.limbs[1].why == "No proof was asked for or shown."


def test_counsels_word_before_a_company_is_cleared_again_is_no_clearing(made):
    case = leaving.recommended_again(made)
    actions.concur_clear(
        case=case, task=engine.open_task(case), by=made.counsel, reason=leaving.REASON
    )

    found = collect.dossier(acts.fresh(case), edition=Edition.COUNSEL, language="en")

    last = found.decisions[-1]
    assert (last.what, last.by, last.role) == ("Concur in clearing", str(made.counsel), "Counsel")
    assert found.exits[0].people[-1].what == "Concur in clearing"


def test_a_closed_case_names_the_document_that_shows_why(made):
    case = world.acknowledged_case(made)
    proof = leaving.closing_proof(case, made.approver)
    actions.close(
        case=case,
        by=made.approver,
        ending=Ending.DISSOLVED,
        reason=leaving.REASON,
        proof=proof,
    )

    (step,) = collect.dossier(acts.fresh(case), edition=Edition.WORKING, language="en").closed

    assert step.name == "The company no longer exists"
    assert proof.sha256 in step.detail


def test_the_timeline_tells_every_step_as_a_sentence(made):
    case = leaving.reentered(made)
    lines = timeline.of(case, every=True)

    names = {line.name for line in lines if line.name.startswith(("case.", "exit_plan."))}
    assert {"case.exit_proposed", "case.exit_approved", "exit_plan.reviewed"} <= names
    assert [line.name for line in lines if line.sentence.startswith(("case:", "exit"))] == []
    stages = [step.stage for step in timeline.way(case)]
    assert stages[-5:] == ["EXIT_REVIEW", "EXIT_APPROVAL", "WINDING_DOWN", "DISENGAGED", "REVIEW"]


# In traceability wording


STAGES = {
    "proposed": leaving.proposed,
    "presented": leaving.presented,
    "immediate": leaving.immediate,
    "approved": leaving.approved,
    "noticed": lambda made, **kwargs: leaving.approved(made, at_once=True, **kwargs),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("stage", STAGES)
def test_no_page_of_a_company_that_is_left_names_what_it_must_not(made, stage, language):
    case = STAGES[stage](made, wording=Wording.TRACEABILITY)
    client = signed_in(case.contact, language)
    start = reverse("workflows:request", args=[case.pk])

    # what the company answered is its own words, and stands on other pages
    assert found_leaks(client, start, only="/requests/") == {}


def test_no_mail_of_an_exit_names_what_it_must_not(made):
    case = leaving.replied(made, leaving.approved(made, wording=Wording.TRACEABILITY))
    mails = OutboxMessage.objects.filter(chain_id=case.chain_id, recipient=case.contact)

    assert mails.filter(purpose="exit_reply_answered").exists()
    assert mails.filter(key__startswith="letter:").count() == case.letters.count() == 3
    assert {one.key: found for one in mails if (found := leaks(one.subject + one.body))} == {}
