"""Six cases from the answer to their end, each played on pages: the fourth and the fifth."""

import pytest

from tests.browser.leaving_pages import leave, propose
from tests.browser.playing import file, fill, press, send, url, who_did, work_off
from tests.questionnaires import personas
from workflows.enums import ExitTrack, Stage, Trading
from workflows.models import Finding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAYS = "The mill took in workers of a transfer scheme in the Uyghur Region in 2024 and 2025."


def learn(play):
    """An analyst records two sources with their files, and raises a finding upon them."""
    made, case = play.made, play.case
    told = {"about": "company", "subject": "绍兴示例纺织有限公司", "says": SAYS, "grade": "B"}
    reports = (
        ("Yarn and its ways", "Demo Institute", "REPORT", "report.pdf"),
        ("Weekly paper, page 3", "Demo Newspaper", "NEWS", "paper.pdf"),
    )
    for title, publisher, kind, name in reports:
        play.acts(
            made.analyst,
            "case_source_new",
            "Record it",
            see="outside-source",
            kind=kind,
            title=title,
            publisher=publisher,
            page="12",
            file=file(name),
            **told,
        )
    work_off()
    page = play.at(made.analyst)
    page.goto(url("case_raise_finding", case))
    for box in page.locator("main [name=sources]").all():
        box.check()
    fill(
        page,
        clause="B3",
        about="company",
        subject=told["subject"],
        scope="any_production",
        text=SAYS,
    )
    play.look(page, "outside-raise")
    press(page, "Raise it")
    page.wait_for_url(f"**{url('case', case)}#findings")
    return Finding.objects.get(case=case, submission=None)


def hear(play, finding):
    """The supplier is asked, and replies on the telephone, with a file."""
    made, case = play.made, play.case
    play.shows(made.analyst, "case_finding", "outside-not-heard", finding.pk)
    play.acts(
        made.analyst,
        "case_ask_supplier",
        "Send the question",
        finding.pk,
        see="outside-ask",
        letter=True,
        question="请说明2024年和2025年贵公司是否成批接收过由机构安排的务工人员，由谁安排，共多少人。",
    )
    play.reads("request", "outside-request")

    inquiry = finding.inquiries.get()
    phone = play.reads("request_question", "outside-question", inquiry.pk)
    phone.goto(url("request_question_file", case, inquiry.pk))
    fill(phone, file=file("agency.pdf"), kind="agency_contract", issuer="示例人力资源公司")
    send(phone)
    work_off()
    phone = play.reads("request_question", "outside-question-file", inquiry.pk)
    fill(phone, text="2024年经示例人力资源公司接收了三十五人，合同见附件，已于今年五月到期。")
    send(phone)
    play.look(phone, "outside-replied")
    return inquiry


def test_sources_from_elsewhere_carry_a_finding_once_the_supplier_was_heard(play):
    made, _case = play.made, play.begin(personas.clean_weaver)
    play.take()
    finding = learn(play)
    inquiry = hear(play, finding)
    play.judge(finding, "CONFIRMED", see="outside-heard")
    play.judge_rest()
    play.shows(made.analyst, "case", "outside-case")
    plan = propose(
        play,
        "outside",
        "Two independent sources say so, and the company's reply bears it out.",
        "两个独立来源及贵公司的回复显示，有机构成批安排务工人员到贵公司工作。",
    )

    case, finding = play.now, Finding.objects.get(pk=finding.pk)
    assert (case.stage, case.trading) == (Stage.EXIT_REVIEW, Trading.OPEN)
    assert (finding.state, finding.judged_by, finding.sources.count()) == (
        "CONFIRMED",
        made.analyst,
        2,
    )
    assert {one.evidence.state for one in finding.sources.all()} == {"RELEASED"}
    assert (inquiry.files.count(), plan.track, plan.ground) == (1, ExitTrack.RESPONSIBLE, "B3")
    assert who_did(case, "PROPOSE_EXIT") == [made.analyst]
    assert sorted(one.kind for one in case.letters.all()) == [
        "ACKNOWLEDGEMENT",
        "EXIT_PROPOSAL",
        "INQUIRY",
    ]


def test_a_company_that_declined_is_heard_before_trade_ends(play):
    made = play.made
    play.begin(personas.refuses_without_reason, is_signed=False)

    leave(play)
    record = play.takes_dossier("refused")

    for person in (made.analyst, made.approver, made.counsel, made.contact):
        assert person.name in record
    case = play.now
    plan = case.exit_plans.get()
    assert (case.stage, case.trading) == (Stage.DISENGAGED, Trading.ENDED)
    assert (plan.track, plan.clause, plan.limb) == (ExitTrack.RESPONSIBLE, "B5", "agreement")
    assert (plan.proposed_by, plan.presented_by) == (made.analyst, made.analyst)
    assert who_did(case, "PROPOSE_EXIT") == [made.analyst]
    assert who_did(case, "PRESENT_PLAN") == [made.analyst]
    assert who_did(case, "APPROVE_EXIT") == [made.approver, made.counsel]
    assert who_did(case, "COMPLETE_EXIT") == [made.approver]
    reply = plan.replies.get()
    assert (reply.by, reply.answered_by, reply.files.count()) == (made.contact, made.analyst, 1)
    assert plan.steps.count() == 6
    assert [one.kind for one in case.letters.order_by("written_at")] == [
        "ACKNOWLEDGEMENT",
        "EXIT_PROPOSAL",
        "DISENGAGEMENT",
    ]
