"""Nothing a supplier in traceability wording reads of a finding, plan or pause says too much."""

import pytest
from django.urls import reverse

from portal import clock
from portal.models import OutboxMessage
from questionnaires.static_checks.texts import leaks
from tests.sessions import sign_in
from tests.workflows import acts, remedies, world
from tests.workflows.test_leaks import (
    OWN_NAME,
    _sent_to_suppliers,
    found_leaks,
    leaks_in_page,
    made,
    signed_in,
)
from workflows import actions, engine, queries, timers
from workflows.enums import FindingState, SourceKind
from workflows.models import Finding

pytestmark = pytest.mark.django_db
__all__ = ["made"]

ALONE = "lawyers-alone"


def raised(made, case):
    source = remedies.source(
        made,
        case,
        kind=SourceKind.OFFICIAL,
        grade="A",
        title="UFLPA notice on Xinjiang",
        file=remedies.file("xinjiang.pdf"),
    )
    remedies.released(source.evidence)
    return remedies.finding(made, case, source)


def replied(made, case):
    finding = Finding.objects.get(case=case, submission=None)
    actions.reply_to_inquiry(
        inquiry=finding.inquiries.get(), by=case.contact, text="Bought elsewhere."
    )
    remedies.confirm(made, Finding.objects.get(pk=finding.pk), "Xinjiang, beyond doubt.")


def agreed(made, case):
    version = queries.newest_version(queries.open_plan(case))
    actions.agree_plan(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        sha256=version.sha256,
        reason="It ends what was found in Xinjiang.",
    )


def accepted(_made, case):
    version, by = queries.newest_version(queries.open_plan(case)), case.signatory
    actions.accept_plan(version=version, by=by, acceptance=remedies.acceptance(version, by))


def judged(made, case):
    remedies.judged(made, remedies.reported(case, "s1"), "s1", accepted=False)


WAY = {
    "raised": raised,
    "asked": lambda made, case: remedies.ask(
        made, Finding.objects.get(case=case, submission=None)
    ),
    "confirmed": replied,
    "shown": remedies.shown,
    "accepted": accepted,
    "running": agreed,
    "judged": judged,
}


def bring_to(made, stage):
    """A case in traceability wording about which something was learned elsewhere."""
    build = world.acknowledged_case if stage == "left_open" else world.submitted_case
    case = build(made, wording="traceability")
    until = {"left_open": "raised", "suspended": "confirmed"}.get(stage, stage)
    for name, act in WAY.items():
        act(made, acts.fresh(case))
        if name == until:
            break
    if stage == "suspended":
        remedies.suspended(made, acts.fresh(case))
    return acts.fresh(case)


STAGES = [
    "left_open",
    "raised",
    "asked",
    "confirmed",
    "suspended",
    "shown",
    "accepted",
    "running",
    "judged",
]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("stage", STAGES)
def test_no_page_of_a_supplier_says_more_than_its_wording(made, stage, language):
    case = bring_to(made, stage)
    client = signed_in(case.contact, language)
    start = reverse("workflows:request", args=[case.pk])

    assert found_leaks(client, start, only="/requests/") == {}


def test_neither_a_conflict_nor_a_code_says_more(made):
    case = bring_to(made, "shown")
    client = signed_in(case.contact, "en")
    accept = reverse("workflows:request_plan_accept", args=[case.pk])
    typed = {"name": "Demo", "title": "Director", "authority": "Legal representative"}
    sha256 = client.get(accept).context["form"]["sha256"].value()

    answers = [
        client.post(accept, typed | {"sha256": "0" * 64}),
        client.post(accept, typed | {"sha256": sha256}, follow=True),
        client.post(reverse("workflows:request_plan_report", args=[case.pk]), {"note": "x"}),
    ]

    assert [one.status_code for one in answers] == [409, 200, 409]
    assert [leaks_in_page(one) for one in answers] == [[]] * 3


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_mail_to_a_supplier_says_more_than_its_wording(made, language):
    for stage in ("judged", "suspended", "running", "resumed"):
        again = world.new_supplier(made.buyer, language=language)
        made.supplier, made.contact = again, world._contact(again)
        case = bring_to(made, "suspended" if stage == "resumed" else stage)
        if stage == "running":
            with clock.at(case.lapse_at):
                timers.fire_due()
        if stage == "resumed":
            actions.resume(
                case=case, task=engine.open_task(case), by=made.approver, back=remedies.back()
            )
        if stage == "judged":
            agreed(made, case)
            remedies.judged(made, remedies.reported(acts.fresh(case), "s1"), "s1")
            agreed(made, acts.fresh(case))
    # what the clock wrote in the future goes out as well
    OutboxMessage.objects.update(next_attempt_at=clock.now())

    sent = _sent_to_suppliers()

    assert {purpose for purpose, _text in sent} >= {
        "letter",
        "plan_shown",
        "plan_step_judged",
        "plan_step_passed",
        "plan_continued",
        "step_up",
    }
    assert {purpose: found for purpose, text in sent if (found := leaks(text))} == {}
    assert {purpose for purpose, text in sent if OWN_NAME.search(text)} <= {"step_up"}


def test_a_planted_word_in_a_plan_is_found(made):
    case = bring_to(made, "shown")
    version = case.plans.get().versions.get()
    type(version).objects.filter(pk=version.pk).update(
        content=version.content | {"orders": "Nothing from Xinjiang."}
    )
    client = signed_in(case.contact, "en")

    answer = client.get(reverse("workflows:request_plan", args=[case.pk]))

    assert leaks_in_page(answer) == ["Xinjiang"]


def test_what_counsel_alone_reads_is_on_none_of_these_pages(made, client):
    case = world.acknowledged_case(made, wording="traceability")
    actions.refer(case=case, task=engine.open_task(case), by=made.analyst, note=ALONE)
    case = acts.fresh(case)
    actions.advise(
        case=case,
        task=engine.open_task(case),
        by=made.counsel,
        advice=f"Advice, {ALONE}.",
        summary="Go on.",
    )
    finding = remedies.finding(made, acts.fresh(case))
    inquiry = remedies.ask(made, finding)
    desk = signed_in(made.analyst, "en")
    sign_in(desk, made.analyst)
    pages = [
        desk.get(reverse("workflows:case", args=[case.pk])),
        desk.get(reverse("workflows:case_finding", args=[case.pk, finding.pk])),
        desk.get(reverse("workflows:case_plan_draft", args=[case.pk])),
        signed_in(case.contact, "en").get(
            reverse("workflows:request_question", args=[case.pk, inquiry.pk])
        ),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert [ALONE in page.text for page in pages] == [False] * 4
    assert finding.state == FindingState.OPEN
