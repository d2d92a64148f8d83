"""Every act around an exit, ready to be done: on a case of its own, by the right person."""

from datetime import date

from tests.workflows import leaving, world
from tests.workflows.acts import _from_page, _held, fresh
from workflows import actions, engine
from workflows.enums import Ending, ExitRole, Outcome, Trading

REASON = leaving.REASON


def propose_exit(made, supplier):
    case = leaving.transfers(made, supplier=supplier)
    return _from_page(case, made.analyst, actions.propose_exit, proposal=leaving.proposal())


def propose_immediate_exit(made, supplier):
    case = leaving.located(made, supplier=supplier)
    proposal = leaving.proposal(Outcome.B1)
    return _from_page(case, made.analyst, actions.propose_immediate_exit, proposal=proposal)


def save_exit_plan(made, supplier):
    case = leaving.proposed(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.save_exit_plan,
        case=case,
        values={"leverage": "Two talks, and a joint letter with another buyer."},
        not_applicable={},
        rev=0,
    )


def reply_to_exit(made, supplier):
    case = leaving.proposed(made, supplier=supplier)
    return _held(
        case,
        case.contact,
        actions.reply_to_exit,
        case=case,
        reply=actions.Reply("That agency's contract ended in May.", for_counsel="A word apart."),
    )


def answer_exit_reply(made, supplier):
    case = leaving.replied(made, leaving.proposed(made, supplier=supplier), answer=False)
    return _held(
        case,
        made.analyst,
        actions.answer_exit_reply,
        case=case,
        reply=leaving.first_reply(case),
        text="We read it and come back to you.",
    )


def present_plan(made, supplier):
    case = leaving.replied(made, leaving.written(made, leaving.proposed(made, supplier=supplier)))
    rev = leaving.plan_of(case).rev
    return _from_page(case, made.analyst, actions.present_plan, reason=REASON, rev=rev)


def accept_reply(made, supplier):
    case = leaving.replied(made, leaving.proposed(made, supplier=supplier))
    return _from_page(
        case, made.approver, actions.accept_reply, reason=REASON, facts=leaving.HALTED
    )


def agree_to_exit(made, supplier):
    case = leaving.presented(made, supplier=supplier)
    return _from_page(case, made.approver, actions.approve_exit, word=leaving.word(case))


def approve_exit(made, supplier):
    case = leaving.agreed(made, supplier=supplier)
    word = leaving.word(case, ExitRole.COUNSEL, advice="Demo advice.")
    return _from_page(case, made.counsel, actions.approve_exit, word=word)


def approve_immediate_exit(made, supplier):
    case = leaving.approve(leaving.immediate(made, supplier=supplier), made.approver)
    word = leaving.word(case, ExitRole.COUNSEL)
    return _from_page(case, made.counsel, actions.approve_exit, word=word)


def return_exit(made, supplier):
    case = leaving.agreed(made, supplier=supplier)
    return _from_page(
        case,
        made.counsel,
        actions.return_exit,
        reason=REASON,
        advice="Demo advice.",
        facts=leaving.HALTED,
    )


def return_immediate_exit(made, supplier):
    case = leaving.immediate(made, supplier=supplier)
    return _from_page(case, made.approver, actions.return_exit, reason=REASON)


def meet_exit_point(made, supplier):
    case = leaving.approved(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.meet_exit_point,
        case=case,
        key="invoices",
        applies=True,
        note="Paid by bank slip of the demo.",
    )


def look_at_exit(made, supplier):
    case = leaving.approved(made, supplier=supplier)
    return _held(case, made.analyst, actions.look_at_exit, case=case, note="All as planned.")


def agree_to_halt(made, supplier):
    case = leaving.approved(made, supplier=supplier)
    return _from_page(case, made.approver, actions.halt_exit, word=leaving.word(case))


def halt_exit(made, supplier):
    case = leaving.approved(made, supplier=supplier)
    actions.halt_exit(
        case=case, task=engine.open_task(case), by=made.approver, word=leaving.word(case)
    )
    return _from_page(
        fresh(case),
        made.counsel,
        actions.halt_exit,
        word=leaving.word(case, ExitRole.COUNSEL),
        facts=leaving.HALTED | {"was_notified": True},
    )


def complete_exit(made, supplier):
    case = leaving.wound_down(made, supplier=supplier)
    return _from_page(case, made.approver, actions.complete_exit, reason=REASON)


def review_exit(made, supplier):
    """Done on the day it is due: the caller's clock stands there."""
    case = leaving.left(made, supplier=supplier)
    row = leaving.review(case, 3)
    row.due_at = row.plan.completed_at
    row.save()
    return _held(
        case,
        made.analyst,
        actions.review_exit,
        case=case,
        review=row,
        effects=leaving.effects(harm="None was found."),
    )


def open_reentry(made, supplier):
    case = leaving.ready_to_return(made, supplier=supplier)
    return _held(
        case,
        made.approver,
        actions.open_reentry,
        case=case,
        reason=REASON,
        facts=leaving.REENTRY | {"due_on": date(2027, 1, 15)},
    )


def concur_clear(made, supplier):
    case = leaving.recommended_again(made, supplier=supplier)
    return _from_page(case, made.counsel, actions.concur_clear, reason=REASON)


def set_trading(made, supplier):
    case = leaving.located(made, supplier=supplier)
    return _held(
        case,
        made.approver,
        actions.set_trading,
        case=case,
        trading=Trading.NO_NEW_ORDERS,
        reason=REASON,
    )


def close(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        made.approver,
        actions.close,
        case=case,
        ending=Ending.DISSOLVED,
        reason=REASON,
        proof=leaving.closing_proof(case, made.approver),
    )


def submit_during_exit(made, supplier):
    """A late answer while approver and counsel decide."""
    case = leaving.agreed(made, supplier=supplier)
    signature = world.signature(case, case.signatory)
    return _from_page(case, case.signatory, actions.submit, signature=signature)


LEAVING = {
    act.__name__: act
    for act in (
        propose_exit, propose_immediate_exit, save_exit_plan, reply_to_exit, answer_exit_reply,
        present_plan, accept_reply, agree_to_exit, approve_exit, approve_immediate_exit,
        return_exit, return_immediate_exit, meet_exit_point, look_at_exit, agree_to_halt,
        halt_exit, complete_exit, review_exit, open_reentry, concur_clear, set_trading, close,
        submit_during_exit,
    )
}  # fmt: skip
