"""Six cases from the answer to their end, each played on pages: the sixth."""

import pytest
from django.urls import reverse

from tests.browser import exit_words
from tests.browser.leaving_pages import leave
from tests.browser.playing import PREVIEW, Play, file, fill, press, send, url, who_did, work_off
from tests.questionnaires import personas
from workflows.enums import Stage, Trading
from workflows.models import ExitPlan, Finding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def review(play: Play, plan: ExitPlan) -> None:
    """The effects are looked at on their days."""
    made = play.made
    for months in (3, 6):
        review = plan.reviews.get(months=months)
        play.wait_until(review.due_at)
        play.acts(
            made.analyst,
            "case_exit_review",
            "Keep it",
            months,
            see=f"back-review-{months}",
            effect="AS_PLANNED",
            found="Two thirds found work nearby, says the federation; all wages were paid.",
            claims="None is open.",
            lessons="The price should have been spoken of a year earlier.",
        )
        review.refresh_from_db()
        assert (review.done_at.date(), review.done_by) == (review.due_at.date(), made.analyst)


def show(play: Play, plan: ExitPlan) -> None:
    """The company shows that the cause ended, and what it sent is graded."""
    made, case = play.made, play.case
    phone = play.reads("request_reply", "back-reply")
    fill(phone, text="我司已改用新的纱厂，附上首批订单的海关单证。", documents=file("customs.pdf"))
    send(phone)
    work_off()
    play.acts(
        made.analyst,
        "case_exit_answer",
        "Send the answer",
        plan.replies.order_by("-at")[0].pk,
        text="已收到，我方会审阅。",
    )
    play.acts(
        made.analyst,
        "case_log_evidence",
        "Keep it",
        see="back-proof",
        file=file("declaration.pdf"),
        kind="customs_declaration",
        issuer="Demo Customs",
        way="MAIL",
        sender="Demo Contact",
        claim="ended",
    )
    work_off()
    proof = case.proofs.get(evidence__issuer="Demo Customs")
    play.grade(proof)


def reopen(play: Play) -> None:
    play.acts(
        play.made.approver,
        "case_open_reentry",
        "Open re-entry and send the letter",
        see="back-open",
        letter=True,
        reason="An official record shows the new source, and six months have passed.",
        needed="请重新回答三项确认内容，并签署。",
        speaker=exit_words.SPEAKER,
    )
    work_off()
    play.reads_letter("back-open")


def answer_anew(play: Play) -> None:
    """The new run is asked, and answered and signed on the telephone."""
    made, case = play.made, play.case
    page = play.at(made.analyst)
    asked = ("agree_sourcing", "agree_dealings", "agree_no_groups")
    page.goto(url("case_query", case) + "?" + "&".join(f"path={one}" for one in asked))
    fill(page, **{f"text_{n}": "情况已有变化，请重新回答。" for n in range(3)})
    press(page, PREVIEW)
    play.look(page, "back-query")
    press(page, "Send the questions")
    work_off()
    phone = play.reads("request", "back-request-queried")
    answers = play.now.response_id
    phone.goto(reverse("questionnaires:section", args=[answers, "commitments"]))
    fill(phone, **dict.fromkeys(asked, "already"))
    play.look(phone, "back-section")
    phone.locator("main button[name=go][value=next]").click()
    phone.wait_for_load_state()
    phone.goto(reverse("questionnaires:check", args=[answers]))
    play.look(phone, "back-check")
    play.signs("back-sign")


def clear(play: Play) -> None:
    """Three people clear it: an analyst, counsel and an approver."""
    made, case = play.made, play.case
    play.judge_rest()
    for one in Finding.objects.filter(case=case, state="CONFIRMED"):
        play.judge(one, "REMEDIED")
    play.grade_all()
    play.acts(
        made.analyst,
        "case_reply_code",
        "Keep the reading",
        code="AGREES_PROVES",
        reason="It agrees to all three now, and shows the new source.",
    )
    play.shows(made.analyst, "case", "back-case")
    play.recommends()
    play.acts(
        made.counsel,
        "case_concur_clear",
        "Concur",
        see="back-concur",
        reason="What the notice named was shown.",
    )
    play.clears("back")
    play.acts(
        made.approver,
        "case_trading",
        "Set it now",
        trading="OPEN",
        reason="The case is cleared, so orders are placed again.",
    )


def test_a_company_that_was_left_comes_back_and_is_cleared_by_three(play):
    made = play.made
    play.begin(personas.refuses_without_reason, is_signed=False)
    look, play.look = play.look, lambda page, name: None
    leave(play)
    play.look = look
    plan = play.now.exit_plans.get()
    review(play, plan)
    play.shows(made.approver, "case_open_reentry", "back-not-yet")
    show(play, plan)
    reopen(play)
    assert play.now.stage == Stage.REVIEW
    answer_anew(play)
    assert play.now.stage == Stage.REVIEW
    clear(play)
    play.reads("request", "back-cleared")
    record = play.takes_dossier("back")

    assert "Re-entry" in record
    case, plan = play.now, ExitPlan.objects.get(pk=plan.pk)
    assert (case.stage, case.trading) == (Stage.CLEARED, Trading.OPEN)
    assert (plan.ended_as, who_did(case, "OPEN_REENTRY")) == ("OPEN_REENTRY", [made.approver])
    assert who_did(case, "CLEAR") == [made.counsel, made.approver]
    assert case.runs.count() == 3
    assert case.letters.filter(kind__in=["DISENGAGEMENT", "REENTRY", "QUERY"]).count() == 3
    assert case.response.submissions.count() == 2
