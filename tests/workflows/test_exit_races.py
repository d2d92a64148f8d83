"""Two at once around an exit, with real threads, connections and commits, on both databases."""

import pytest

from portal import ledger
from portal.access import Conflict
from portal.enums import Role
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.workflows import acts, leaving, world
from tests.workflows.test_engine import stands
from workflows import actions, engine
from workflows.enums import ExitRole, LetterKind, Stage, Trading
from workflows.models import ExitConsent, ExitPlan, ExitReply, SentLetter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made():
    return world.world()


def conflicts(said):
    return sum(isinstance(one, Conflict) for one in said)


def events(case, *names):
    return case.chain.entries.filter(event__in=names).count()


def test_of_eight_approvers_who_agree_at_once_one_counts(made):
    case = leaving.presented(made)
    approvers = [UserFactory(holds=(Role.APPROVER, made.buyer)) for _n in range(8)]
    word, task = leaving.word(case), engine.open_task(case)

    said = acts.at_once(
        *(
            lambda by=by: actions.approve_exit(case=case, task=task, by=by, word=word)
            for by in approvers
        )
    )

    assert conflicts(said) == 7
    assert ExitConsent.objects.filter(plan__case=case).count() == 1
    assert acts.fresh(case).stage == Stage.EXIT_APPROVAL
    assert stands(case)


def test_of_eight_approvers_after_counsel_one_carries_it_out(made):
    case = leaving.approve(leaving.presented(made), made.counsel, ExitRole.COUNSEL)
    approvers = [UserFactory(holds=(Role.APPROVER, made.buyer)) for _n in range(8)]
    word, task = leaving.word(case), engine.open_task(case)

    said = acts.at_once(
        *(
            lambda by=by: actions.approve_exit(case=case, task=task, by=by, word=word)
            for by in approvers
        )
    )

    assert conflicts(said) == 7
    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    assert SentLetter.objects.filter(case=case, kind="DISENGAGEMENT").count() == 1
    assert events(case, "case.exit_approved") == 1
    assert stands(case)
    assert ledger.verify(case.chain).is_intact


def test_approver_and_counsel_at_once_both_count_and_send_one_notice(made):
    case = leaving.presented(made)
    task = engine.open_task(case)

    said = acts.at_once(
        lambda: actions.approve_exit(
            case=case, task=task, by=made.approver, word=leaving.word(case)
        ),
        lambda: actions.approve_exit(
            case=case, task=task, by=made.counsel, word=leaving.word(case, ExitRole.COUNSEL)
        ),
    )

    assert conflicts(said) == 0
    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    assert SentLetter.objects.filter(case=case, kind="DISENGAGEMENT").count() == 1
    assert stands(case)


def test_one_person_in_two_roles_at_once_agrees_once(made):
    both = UserFactory(holds=[(Role.APPROVER, made.buyer), (Role.COUNSEL, made.buyer)])
    case = leaving.presented(made)
    task = engine.open_task(case)

    said = acts.at_once(
        *(
            lambda role=role: actions.approve_exit(
                case=case, task=task, by=both, word=leaving.word(case, role)
            )
            for role in ExitRole
        )
    )

    assert conflicts(said) == 1
    assert acts.fresh(case).stage == Stage.EXIT_APPROVAL


def test_an_answer_in_the_minute_of_the_approval_counts_or_is_kept(made):
    case = leaving.agreed(made)
    world.answer(case)
    task, signature = engine.open_task(case), world.signature(case, case.signatory)
    word = leaving.word(case, ExitRole.COUNSEL)

    approved, answered = acts.at_once(
        lambda: actions.approve_exit(case=case, task=task, by=made.counsel, word=word),
        lambda: actions.submit(case=case, task=task, by=case.signatory, signature=signature),
    )

    assert conflicts([approved, answered]) == 1
    after = acts.fresh(case)
    won = not isinstance(answered, Conflict)
    assert after.stage == (Stage.REVIEW if won else Stage.WINDING_DOWN)
    assert after.response.submissions.count() == (2 if won else 1)
    assert after.response.state == ResponseState.SUBMITTED
    assert after.response.documents.exclude(data={"answers": {}}).exists()
    assert SentLetter.objects.filter(case=case, kind="DISENGAGEMENT").exists() is not won
    assert stands(case)
    assert ledger.verify(case.chain).is_intact


def test_an_answer_sent_twice_at_once_returns_an_exit_to_review_once(made):
    case = leaving.agreed(made)
    task, signature = engine.open_task(case), world.signature(case, case.signatory)

    def submit():
        return actions.submit(case=case, task=task, by=case.signatory, signature=signature)

    said = acts.at_once(submit, submit)

    assert conflicts(said) == 1
    case = acts.fresh(case)
    assert (case.stage, case.runs.count()) == (Stage.REVIEW, 3)
    assert ExitPlan.objects.get(case=case).ended_as == "SUBMIT_LATE"
    assert stands(case)


def test_approved_or_returned_at_once_and_never_both(made):
    case = leaving.agreed(made)
    task, word = engine.open_task(case), leaving.word(case, ExitRole.COUNSEL)

    approved, returned = acts.at_once(
        lambda: actions.approve_exit(case=case, task=task, by=made.counsel, word=word),
        lambda: actions.return_exit(
            case=case,
            task=task,
            by=made.second_approver,
            reason=leaving.REASON,
            facts=leaving.HALTED,
        ),
    )

    assert conflicts([approved, returned]) == 1
    sent = SentLetter.objects.filter(case=case).exclude(kind=LetterKind.ACKNOWLEDGEMENT)
    kinds = set(sent.values_list("kind", flat=True))
    if isinstance(approved, Conflict):
        assert (acts.fresh(case).stage, kinds) == (
            Stage.REVIEW,
            {"EXIT_PROPOSAL", "EXIT_HALTED"},
        )
    else:
        assert (acts.fresh(case).stage, kinds) == (
            Stage.WINDING_DOWN,
            {"EXIT_PROPOSAL", "DISENGAGEMENT"},
        )
    assert stands(case)


def test_a_plan_saved_twice_at_once_keeps_one_and_tells_the_other(made):
    case = leaving.proposed(made)

    said = acts.at_once(
        *(
            lambda words=words: actions.save_exit_plan(
                case=case, by=made.analyst, values={"leverage": words}, not_applicable={}, rev=0
            )
            for words in ("One talk.", "Two talks.")
        )
    )

    (behind,) = [one for one in said if isinstance(one, actions.PlanBehind)]
    (kept,) = [one for one in said if isinstance(one, ExitPlan)]
    assert behind.plan.leverage == kept.leverage == ExitPlan.objects.get(case=case).leverage


def test_the_same_reply_sent_twice_at_once_is_one(made):
    case = leaving.proposed(made)

    def reply():
        return actions.reply_to_exit(
            case=case, by=case.contact, reply=actions.Reply("We changed agency.")
        )

    one, other = acts.at_once(reply, reply)

    assert one == other
    assert ExitReply.objects.filter(plan__case=case).count() == 1


def test_orders_stopped_by_two_at_once_are_stopped_once(made):
    case = leaving.located(made)

    def stop(by):
        return actions.set_trading(
            case=case, by=by, trading=Trading.NO_NEW_ORDERS, reason=leaving.REASON
        )

    said = acts.at_once(lambda: stop(made.approver), lambda: stop(made.second_approver))

    assert conflicts(said) == 0
    assert events(case, "case.trading_set") == 1
