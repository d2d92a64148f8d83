"""An exit played on pages, from the refusal to the end of trade."""

from tests.browser import exit_words
from tests.browser.playing import Play, file, fill, send, work_off
from workflows.enums import ExitTrack
from workflows.models import ExitPlan, Finding

ORDERS = "已下的订单照常执行，暂不新增订单。"


def propose(play: Play, see: str, reason: str, words: str) -> ExitPlan:
    play.acts(
        play.made.analyst,
        "case_propose_exit",
        "Propose the exit and send the letter",
        see=f"{see}-propose",
        letter=True,
        reason=reason,
        ground_words=words,
        orders=ORDERS,
        speaker=exit_words.SPEAKER,
    )
    work_off()
    play.reads_letter(f"{see}-proposed")
    return play.now.exit_plans.get()


def decline(play: Play) -> ExitPlan:
    """A company declines on its telephone, is called, and an exit is proposed to it."""
    made, case = play.made, play.case
    play.reads("request_decline", "refused-decline")
    play.signs("refused-sign", "request_decline_sign")
    play.look(play.phone, "refused-receipt")
    play.take()
    play.acts(
        made.analyst,
        "case_reply_code",
        "Keep the reading",
        see="refused-reply-code",
        code="DECLINES_NO_REASON",
        reason="It says no to all three requests, without a reason.",
    )
    play.shows(made.analyst, "case", "refused-case")
    play.acts(
        made.analyst,
        "case_log_contact",
        "Log it",
        see="refused-call",
        channel="CALL",
        is_reached="yes",
        offers_help=True,
        time="00:01",
        note="The contact said that the owner decides. We offered two mills and more time.",
    )
    for one in Finding.objects.filter(case=case, clause="B5"):
        play.judge(one, "CONFIRMED", see="refused-finding")
    play.judge_rest()
    return propose(
        play,
        "refused",
        "It declined, was called and offered help, and did not change its answer.",
        "贵公司表示不同意请求中的三项内容，也未说明原因。",
    )


def answer(play: Play, plan: ExitPlan) -> None:
    """The company replies on its telephone, and is answered in writing."""
    made = play.made
    play.shows(made.analyst, "case_present_plan", "refused-not-yet")
    phone = play.reads("request_reply", "refused-reply")
    fill(phone, text="我司担心价格，并非不愿合作。附上与纱厂的合同。", documents=file())
    send(phone)
    work_off()
    play.look(phone, "refused-replied")
    said = plan.replies.get()
    play.acts(
        made.analyst,
        "case_exit_answer",
        "Send the answer",
        said.pk,
        see="refused-answer",
        text="已阅。我方在十一月已提出承担差价，该提议仍然有效。",
    )
    play.reads("request", "refused-answered")


def leave(play: Play) -> None:
    """A company declines, is heard, and trade with it is wound down: all of it on pages."""
    made = play.made
    plan = decline(play)
    assert plan.reply_by_at > plan.proposed_at
    play.wait(6)
    answer(play, plan)
    play.acts(
        made.analyst,
        "case_exit_plan",
        "Save the plan",
        see="refused-plan",
        **exit_words.plan(ExitTrack.RESPONSIBLE),
    )
    play.acts(
        made.analyst,
        "case_present_plan",
        "Present the plan",
        see="refused-present",
        reason="The reply speaks of the price, and our offer still stands.",
    )
    play.wait(3)
    play.acts(
        made.approver,
        "case_approve_exit",
        "Agree to the exit",
        see="refused-approve",
        reason="I read the plan, the reply and the answer to it.",
    )
    play.acts(
        made.counsel,
        "case_approve_exit",
        "Approve the exit and send the notice",
        see="refused-concur",
        reason="The notice and the wind-down are in order.",
    )
    work_off()
    play.reads_letter("refused-notice")
    play.shows(made.analyst, "case", "refused-winding-down")
    play.wait(21)
    play.winds_down("refused")
