"""Six cases from the answer to their end, each played on pages: the first three."""

from datetime import timedelta

import pytest
from django.urls import reverse

from documents.models import Evidence
from portal import clock
from tests.browser import exit_words
from tests.browser.playing import file, fill, press, send, url, who_did, work_off
from tests.questionnaires import personas
from workflows.enums import ExitTrack, Stage, Trading
from workflows.models import Finding, Milestone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_case_is_cleared_and_asked_anew_a_year_later(play):
    made, case = play.made, play.begin(personas.clean_weaver)
    play.reads("request", "cleared-request-in-review")
    play.take()
    play.judge_rest(see="finding")
    play.grade_all(see="proof")
    play.acts(
        made.analyst,
        "case_reply_code",
        "Keep the reading",
        see="reply-code",
        code="AGREES_PROVES",
        reason="It agrees to both, and shows each step.",
    )
    play.recommends(see="cleared-recommend")
    play.clears("cleared")
    play.shows(made.approver, "case", "cleared-case")
    play.reads("request", "cleared-request")

    case = play.now
    assert (case.stage, case.trading, case.reply_code) == (
        Stage.CLEARED,
        Trading.OPEN,
        "AGREES_PROVES",
    )
    assert who_did(case, "RECOMMEND") == [made.analyst]
    assert who_did(case, "CLEAR") == [made.approver]
    play.wait_until(case.renew_at + timedelta(days=1))
    assert play.now.stage == Stage.ANSWERING
    play.reads("request", "cleared-asked-anew")
    confirm_anew(play)


def confirm_anew(play):
    """A year on, on the telephone: rows confirmed at once, a file used again, no promise kept."""
    phone, response = play.phone, play.now.response
    phone.goto(reverse("questionnaires:overview", args=[response.pk]))
    play.look(phone, "anew-overview")
    for section in ("goods_made", "sites", "inputs"):
        phone.goto(reverse("questionnaires:section", args=[response.pk, section]))
        play.look(phone, f"anew-{section}")
        phone.locator("form[action$='confirm/'] button").click()
        phone.wait_for_load_state()
        assert phone.locator("form[action$='confirm/']").count() == 0
    phone.goto(reverse("questionnaires:section", args=[response.pk, "commitments"]))
    play.look(phone, "anew-commitments")
    assert phone.locator("[name=agree_sourcing]:checked").count() == 0
    phone.goto(reverse("questionnaires:evidence", args=[response.pk]))
    play.look(phone, "anew-evidence")
    phone.locator("#f-own_licence form[action$='again/'] button").click()
    phone.wait_for_load_state()
    assert phone.locator("#f-own_licence form[action$='again/']").count() == 0
    play.look(phone, "anew-used-again")
    phone.goto(reverse("questionnaires:check", args=[response.pk]))
    play.look(phone, "anew-check")


def agree(play):
    """Both sides come to the same text: drafted, shown, remarked on, accepted by code, agreed."""
    made, case = play.made, play.case
    page = play.at(made.analyst)
    page.goto(url("case_plan_draft", case))
    fill(
        page,
        **{
            "line-0-cause": "一批棉纱使用的棉花来自须更换的轧花厂。",
            "line-0-evidence": "新轧花厂的首张发票、交货单和付款凭证",
            "line-0-grade": "A",
            "line-0-help": "我方介绍两家轧花厂，并承担六个月的差价。",
            "line-1-cause": "该轧花厂是唯一须终止往来的生产方。",
            "step-0-title": "向新的轧花厂下首批订单并付款",
            "step-0-due_on": clock.today() + timedelta(days=30),
            "step-0-expected": "发票、交货单、银行付款凭证",
            "trading": "NO_NEW_ORDERS",
            "orders": "已下的订单照常执行，新订单暂缓。",
            "consequence": "我方会再次审阅此案，订单可能暂停。",
        },
    )
    press(page, "Keep the draft")
    play.look(page, "plan-draft")
    press(page, "Show it to the supplier")
    play.reads("request", "plan-request")
    phone = play.reads("request_plan", "plan-shown")
    fill(phone, text="三十天可以做到。请尽快告知两家轧花厂的名称。")
    send(phone)
    phone = play.reads("request_plan_accept", "plan-accept")
    fill(phone, title="总经理", authority="法定代表人")
    send(phone)
    play.look(phone, "plan-code")
    play.types_code()
    play.look(phone, "plan-accepted")
    page = play.acts(
        made.approver,
        "case_plan_agree",
        "Agree it and send the letter",
        see="plan-agree",
        letter=True,
        reason="It replaces the one source that was found.",
    )
    play.look(page, "plan-case")


def report(play, step):
    """The company shows what it did, on the telephone; an analyst judges it."""
    made = play.made
    play.reads("request", "plan-running")
    phone = play.reads("request_plan_step", "plan-add-file", step.pk)
    fill(phone, file=file("invoice.pdf"), kind="invoice", issuer="示例轧花厂", number="FP-2026-7")
    send(phone)
    work_off()
    phone = play.reads("request_plan", "plan-with-file")
    phone = play.reads("request_plan_report", "plan-report")
    fill(phone, steps=str(step.pk), note="首批订单已交货并付款，见发票。")
    send(phone)
    play.look(phone, "plan-reported")
    assert play.now.stage == Stage.REVIEW

    play.acts(
        made.analyst,
        "case_milestone",
        "Keep the judgement",
        step.pk,
        see="plan-judge",
        accepted="yes",
        reason="发票与交货单相符，已接受。",
    )


def lift_and_clear(play):
    """An approver lifts the presumption upon the document shown, clears, and opens trade."""
    made, case = play.made, play.case
    shown = Evidence.objects.get(chain=case.chain, number="FP-2026-7")
    play.acts(
        made.approver,
        "case_lift_presumption",
        "Lift it",
        see="plan-lift",
        evidence=str(shown.pk),
        reason="The invoice shows that the mill buys elsewhere now.",
    )
    play.recommends()
    play.clears("plan")
    play.acts(
        made.approver,
        "case_trading",
        "Set it now",
        see="plan-trading",
        trading="OPEN",
        reason="The case is cleared, so orders are placed as before.",
    )
    page = play.at(made.approver)
    page.goto(url("case", case))
    page.get_by_text("What it said, and what became of its steps").click()
    assert page.get_by_text("向新的轧花厂下首批订单并付款").first.is_visible()
    play.look(page, "plan-cleared")


def test_a_plan_is_agreed_by_both_carried_out_and_the_case_cleared(play):
    made, case = play.made, play.begin(personas.producer_in_the_region)
    play.take()
    for one in Finding.objects.filter(case=case, clause__in=("B1", "B4")):
        play.judge(one, "CONFIRMED")
    play.judge_rest()
    play.grade_all()
    agree(play)
    assert play.now.stage == Stage.REMEDIATION
    assert play.now.trading == Trading.NO_NEW_ORDERS
    play.wait(21)
    (step,) = Milestone.objects.filter(plan__case=case)
    report(play, step)
    for one in Finding.objects.filter(case=case, state="CONFIRMED"):
        play.judge(one, "REMEDIED")
    play.shows(made.analyst, "case", "plan-carried-out")
    lift_and_clear(play)
    play.reads("request", "plan-request-cleared")

    case = play.now
    assert (case.stage, case.trading) == (Stage.CLEARED, Trading.OPEN)
    assert who_did(case, "AGREE_PLAN") == [made.approver]
    assert who_did(case, "CLEAR") == [made.approver]
    assert case.letters.filter(kind="PLAN").count() == 1
    step.refresh_from_db()
    assert (step.state, step.reported_by, step.judged_by) == (
        "ACCEPTED",
        made.contact,
        made.analyst,
    )
    assert step.plan.state == "DONE"
    assert step.plan.versions.get().accepted_by == made.contact


def stop_orders(play):
    """One approver alone stops new orders, at once; it can be undone the same way."""
    stop = {"see": "located-stop", "trading": "NO_NEW_ORDERS", "reason": "None from today."}
    back = {"trading": "OPEN", "reason": "Stopped too early."}
    for said in (stop, back, stop):
        play.acts(play.made.approver, "case_trading", "Set it now", **said)
        assert play.now.trading == said["trading"]


def approve(play):
    """An analyst writes the plan; an approver and counsel agree, and the notice goes."""
    made = play.made
    play.acts(
        made.analyst,
        "case_exit_plan",
        "Save the plan",
        see="located-plan",
        **exit_words.plan(ExitTrack.IMMEDIATE),
    )
    play.acts(
        made.approver,
        "case_approve_exit",
        "Agree to the exit",
        see="located-approve",
        reason="I read the licence and the plan.",
    )
    assert play.now.stage == Stage.EXIT_APPROVAL
    page = play.at(made.counsel)
    page.goto(reverse("workflows:counsel"))
    play.look(page, "located-counsel")
    play.acts(
        made.counsel,
        "case_approve_exit",
        "Approve the exit and send the notice",
        see="located-concur",
        reason="The location is shown, and the notice is in order.",
    )
    work_off()


def test_a_site_of_its_own_ends_trade_at_once_and_by_two_people(play):
    made, case = play.made, play.begin(personas.site_in_the_region)
    play.take()
    for one in Finding.objects.filter(case=case, clause="B1"):
        play.judge(one, "CONFIRMED", see="located-finding")
    play.shows(made.analyst, "case", "located-case")
    play.acts(
        made.analyst,
        "case_propose_immediate_exit",
        "Propose the immediate exit",
        see="located-propose",
        reason="The licence the company handed in shows the site.",
        ground_words=exit_words.WORDS["ground_words"],
    )
    proposed = play.now
    assert proposed.stage == Stage.EXIT_APPROVAL
    assert proposed.next_act_at - proposed.proposed_at < timedelta(hours=48, minutes=1)

    stop_orders(play)
    play.reads("request", "located-request-before")
    assert not case.letters.filter(kind__contains="EXIT").exists()

    # 48 hours pass: it is late, and nothing happens by itself
    play.wait(3)
    page = play.at(made.analyst)
    page.goto(reverse("workflows:desk"))
    play.look(page, "located-desk-late")
    assert play.now.stage == Stage.EXIT_APPROVAL
    approve(play)
    assert (play.now.stage, play.now.trading) == (Stage.WINDING_DOWN, Trading.ENDED)
    play.reads_letter("located-notice")

    play.winds_down("located")
    case = play.now
    plan = case.exit_plans.get()
    assert (case.stage, case.trading) == (Stage.DISENGAGED, Trading.ENDED)
    assert (plan.track, plan.ground, plan.clause) == (ExitTrack.IMMEDIATE, "B1", "B1")
    assert who_did(case, "PROPOSE_IMMEDIATE_EXIT") == [made.analyst]
    assert who_did(case, "APPROVE_EXIT") == [made.approver, made.counsel]
    # stopped, opened, stopped; and ended by the second of the two
    assert case.chain.entries.filter(event="case.trading_set").count() == 4
    assert who_did(case, "COMPLETE_EXIT") == [made.approver]
    assert case.letters.filter(kind__contains="EXIT").get().kind == "EXIT_NOTICE"
    assert sorted(one.months for one in plan.reviews.all()) == [3, 6, 12]
