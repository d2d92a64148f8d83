"""A plan from its draft to its end, and trade suspended and resumed."""

from datetime import timedelta

import pytest
from django.utils import translation

from portal import clock
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from portal.models import OutboxMessage, User
from tests.factories.portal import MembershipFactory, UserFactory
from tests.workflows import acts, remedies, world
from workflows import actions, engine, letters, plans, queries, timeline, timers
from workflows.actions.letter import LetterChanged
from workflows.enums import FindingState, LetterKind, MilestoneState, PlanState, Stage, Trading
from workflows.models import Decision, Milestone, Plan, PlanVersion, Suspension

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return world.submitted_case(made)


# pure -----------------------------------------------------------------------------------------


def test_a_plan_is_stored_and_restored_with_the_same_hash():
    content = remedies.content(finding="f")

    again = plans.restored(content.stored())

    assert again == content
    assert plans.digest("case", again) == plans.digest("case", content)
    assert plans.digest("other", again) != plans.digest("case", content)
    assert plans.digest("case", remedies.content(orders="Other.")) != plans.digest("case", again)


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({}, []),
        ({"lines": ()}, ["add a line"]),
        ({"dues": ()}, ["add one"]),
        ({"dues": (91,)}, ["later than 90 working days"]),
        ({"dues": (90,)}, []),
        ({"dues": (0,)}, ["lies in the past"]),
    ],
)
def test_what_keeps_a_plan_from_being_shown_is_said(given, sentences):
    found = plans.problems(remedies.content(**given), clock.today("Asia/Shanghai"), "CN")

    assert len(found) == len(sentences)
    for said, part in zip(found, sentences, strict=True):
        assert part in said


@pytest.mark.parametrize(("days", "is_long"), [(60, False), (61, True), (90, True)])
def test_a_plan_beyond_sixty_working_days_is_long(days, is_long):
    today = clock.today("Asia/Shanghai")

    assert plans.is_long(remedies.content(dues=(days,)), today, "CN") == is_long
    assert not plans.is_long(plans.Content(), today, "CN")


@pytest.mark.parametrize(("taken", "key"), [([], "s1"), (["s1", "s7"], "s8"), (["x", "s2"], "s3")])
def test_a_new_step_has_a_key_of_its_own(taken, key):
    assert plans.new_key(taken) == key


# drafting and showing -------------------------------------------------------------------------


def test_a_draft_is_kept_and_changes_nothing_for_the_supplier(made, case):
    plan = remedies.drafted(made, case)
    again = remedies.drafted(made, case)

    assert (plan.pk, again.state) == (again.pk, PlanState.DRAFT)
    assert case.chain.entries.filter(event="plan.drafted").count() == 1
    assert queries.newest_version(plan) is None
    remedies.drafted(made, case, orders="Nothing is paused.")
    assert case.chain.entries.filter(event="plan.drafted").count() == 2
    assert Plan.objects.count() == 1


def test_a_plan_in_words_that_say_too_much_is_not_kept(made):
    case = world.submitted_case(made, wording=Wording.TRACEABILITY)

    with pytest.raises(Conflict, match="says more than the wording"):
        remedies.drafted(made, case, orders="No goods from Xinjiang.")

    assert Plan.objects.count() == 0


def test_only_the_draft_that_was_read_is_shown_and_only_once(made, case):
    with pytest.raises(Conflict, match="No plan is drafted"):
        actions.show_plan(case=case, by=made.analyst, sha256="0" * 64)
    plan = remedies.drafted(made, case)
    with pytest.raises(Conflict, match="draft changed"):
        actions.show_plan(case=case, by=made.analyst, sha256="0" * 64)
    version = remedies.shown(made, case)
    with pytest.raises(Conflict, match="reads this version already"):
        actions.show_plan(case=case, by=made.analyst, sha256=version.sha256)

    assert (version.plan, version.number) == (plan, 1)
    assert remedies.shown(made, case, orders="Nothing is paused.").number == 2
    assert OutboxMessage.objects.filter(purpose="plan_shown").count() == 2
    with pytest.raises(TypeError):
        version.delete()


def test_a_plan_without_steps_is_not_shown(made, case):
    plan = remedies.drafted(made, case, dues=())
    sha256 = plans.digest(case.pk, plans.restored(plan.draft))

    with pytest.raises(Conflict, match="no dated step yet"):
        actions.show_plan(case=case, by=made.analyst, sha256=sha256)


def test_a_remark_stands_beside_its_version_once(made, case):
    version = remedies.shown(made, case)

    for _n in range(2):
        actions.remark_plan(version=version, by=case.contact, text="Two more weeks, please.")

    (remark,) = queries.remarks_on(version.plan)
    assert remark.by == case.contact
    assert OutboxMessage.objects.filter(purpose="plan_remarked").count() == 1


# accepting and agreeing -----------------------------------------------------------------------


def test_a_code_accepts_exactly_what_it_was_asked_for(made, case):
    version = remedies.shown(made, case)
    asked = remedies.acceptance(version, case.signatory)
    other = actions.Acceptance(**{**vars(asked), "name": "Somebody Else"})

    with pytest.raises(Conflict, match="Something changed"):
        actions.accept_plan(version=version, by=case.signatory, acceptance=other)
    wrong = actions.Acceptance(**{**vars(asked), "code": "0000-0000"})
    with pytest.raises(actions.WrongCode):
        actions.accept_plan(version=version, by=case.signatory, acceptance=wrong)
    assert PlanVersion.objects.get().accepted_at is None

    accepted = actions.accept_plan(version=version, by=case.signatory, acceptance=asked)

    assert (accepted.accepted_by, accepted.method) == (case.signatory, "mailed code")
    with pytest.raises(Conflict, match="accepted this plan already"):
        actions.accept_plan(
            version=version,
            by=case.signatory,
            acceptance=remedies.acceptance(version, case.signatory),
        )


def test_an_older_version_cannot_be_accepted_nor_agreed(made, case):
    old = remedies.accepted(made, case)
    remedies.shown(made, case, orders="Nothing is paused.")

    with pytest.raises(Conflict, match="The plan changed since you read it"):
        actions.accept_plan(
            version=old,
            by=case.signatory,
            acceptance=remedies.acceptance(old, case.signatory),
        )
    for sha256, said in ((old.sha256, "changed since"), (None, "has not accepted")):
        newest = queries.newest_version(old.plan)
        with pytest.raises(Conflict, match=said):
            actions.agree_plan(
                case=case,
                task=engine.open_task(case),
                by=made.approver,
                sha256=sha256 or newest.sha256,
                reason="Good.",
            )


def test_who_wrote_the_plan_cannot_agree_it(made, case):
    version = remedies.accepted(made, case)
    MembershipFactory(user=made.analyst, organisation=made.buyer, role=Role.APPROVER)
    analyst = User.objects.get(pk=made.analyst.pk)

    with pytest.raises(Refused, match="a colleague must agree it"):
        actions.agree_plan(
            case=case,
            task=engine.open_task(case),
            by=analyst,
            sha256=version.sha256,
            reason="Good.",
        )


def test_an_agreed_plan_sets_steps_clock_trade_and_letter(made, case):
    case = remedies.planned(made, case)

    plan = queries.open_plan(case)
    first, second = queries.milestones_of(plan)
    assert (case.stage, case.trading) == (Stage.REMEDIATION, Trading.NO_NEW_ORDERS)
    assert case.lapse_at == case.due_at == first.due_at < second.due_at
    assert (plan.state, plan.agreed_by) == (PlanState.AGREED, made.approver)
    letter = case.letters.get(kind=LetterKind.PLAN)
    assert "Demo step 1" in letter.text
    assert "Pay the higher price for six months." in letter.text
    assert case.chain.entries.filter(event="case.trading_set").count() == 1
    assert Decision.objects.filter(case=case, verb="AGREE_PLAN").count() == 1


def test_the_letter_of_a_plan_is_in_the_suppliers_language_whoever_agrees_it():
    made = world.world(language="zh-hans")
    case = world.issued_case(made)

    with translation.override("en"):
        facts = actions.letter_facts(case, remedies.content(), made.approver)

    first, second = facts["steps"].split("\n")
    assert first.startswith("- Demo step 1")
    assert second.startswith("- Demo step 2")
    assert "日" in first
    assert " by " not in facts["steps"]


def test_the_letter_of_a_plan_names_days_as_the_british_write_them(made, case):
    content = remedies.content()

    facts = actions.letter_facts(case, content, made.approver)

    assert f"Demo step 1, by {content.in_order[0].day:%-d %B %Y}" in facts["steps"]


def test_a_long_plan_needs_the_approvers_word(made, case):
    version = remedies.accepted(made, case, dues=(20, 75))
    given = {
        "case": case,
        "task": engine.open_task(acts.fresh(case)),
        "by": made.approver,
        "sha256": version.sha256,
        "reason": "The mill needs the time.",
    }

    with pytest.raises(Conflict, match="longer than 60 working days"):
        actions.agree_plan(**given)
    actions.agree_plan(**given, agrees_longer=True)

    assert acts.fresh(case).stage == Stage.REMEDIATION


def test_a_plan_accepted_too_late_to_be_kept_is_not_agreed(made, case):
    version = remedies.accepted(made, case, dues=(2, 10))

    with (
        clock.at(clock.now() + timedelta(days=8)),
        pytest.raises(Conflict, match="lies in the past"),
    ):
        actions.agree_plan(
            case=case,
            task=engine.open_task(case),
            by=made.approver,
            sha256=version.sha256,
            reason="Good.",
        )


def test_another_letter_than_was_shown_is_not_sent(made, case):
    version = remedies.accepted(made, case)

    with pytest.raises(LetterChanged):
        actions.agree_plan(
            case=case,
            task=engine.open_task(case),
            by=made.approver,
            sha256=version.sha256,
            reason="Good.",
            seen="0" * 64,
        )

    assert acts.fresh(case).stage == Stage.REVIEW
    assert Milestone.objects.count() == 0


# steps ----------------------------------------------------------------------------------------


def test_a_report_brings_the_case_to_review_and_disarms_the_clock(made, case):
    case = remedies.reported(remedies.planned(made, case), "s1")

    assert acts.unfinished(case) == [("review", "NEW")]
    first, second = remedies.steps(case)
    assert (first.state, second.state) == (MilestoneState.REPORTED, MilestoneState.OPEN)
    assert OutboxMessage.objects.filter(purpose="plan_reported").count() == 1


def test_a_report_without_a_step_says_that_a_day_cannot_be_kept(made, case):
    case = remedies.reported(remedies.planned(made, case))

    assert case.stage == Stage.REVIEW
    assert {one.state for one in remedies.steps(case)} == {MilestoneState.OPEN}


def test_a_step_of_another_plan_is_not_reported(made, case):
    case = remedies.planned(made, case)
    other = remedies.planned(made, world.submitted_case(made, supplier=acts.another(made)))

    with pytest.raises(Conflict, match="not open any more"):
        actions.report(
            case=case,
            task=engine.open_task(case),
            by=case.contact,
            steps=[remedies.steps(other)[0].pk],
            note="Done.",
        )


def test_a_step_not_accepted_is_open_again_with_the_reason(made, case):
    case = remedies.judged(
        made, remedies.reported(remedies.planned(made, case), "s1"), "s1", accepted=False
    )

    step = remedies.steps(case)[0]
    assert (step.state, step.reason) == (MilestoneState.OPEN, "Read and found good.")
    assert OutboxMessage.objects.filter(purpose="plan_step_judged").count() == 1
    with pytest.raises(Conflict, match="judged already"):
        actions.judge_milestone(
            milestone=step, by=made.analyst, accepted=True, reason="Read and good."
        )


def test_the_reason_for_a_judgement_fits_the_suppliers_wording(made):
    case = world.submitted_case(made, wording=Wording.TRACEABILITY)
    case = remedies.reported(remedies.planned(made, case), "s1")

    with pytest.raises(Conflict, match="says more than the wording"):
        actions.judge_milestone(
            milestone=remedies.steps(case)[0],
            by=made.analyst,
            accepted=False,
            reason="The yarn is from Xinjiang.",
        )


def go_on(made, case):
    version = queries.newest_version(queries.open_plan(case))
    actions.agree_plan(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        sha256=version.sha256,
        reason="It goes on.",
    )
    return acts.fresh(case)


def test_a_plan_goes_on_only_when_what_was_reported_is_judged(made, case):
    case = remedies.reported(remedies.planned(made, case), "s1")
    with pytest.raises(Conflict, match="not judged yet"):
        go_on(made, case)

    case = go_on(made, remedies.judged(made, case, "s1"))

    assert (case.stage, case.lapse_at) == (Stage.REMEDIATION, remedies.steps(case)[1].due_at)
    assert case.letters.filter(kind=LetterKind.PLAN).count() == 1
    assert OutboxMessage.objects.filter(purpose="plan_continued").count() == 1


def test_a_missed_step_comes_to_a_person_without_a_put_off(made, case):
    """Nobody accepted a mail here: an agreed day is no silence."""
    case = remedies.planned(made, case)
    OutboxMessage.objects.filter(chain=case.chain).update(delivery="REFUSED")

    with clock.at(case.lapse_at + timedelta(seconds=1)):
        assert timers.fire_due() == 1
        assert timers.fire_due() == 0

    case = acts.fresh(case)
    first, second = remedies.steps(case)
    assert (case.stage, case.last_verb, case.lapsed_at) == (Stage.REVIEW, "REPORT", None)
    assert (first.missed_at is not None, second.missed_at) == (True, None)
    assert OutboxMessage.objects.filter(purpose="milestone_missed").count() == 1
    assert OutboxMessage.objects.filter(purpose="plan_step_passed").count() == 1
    assert not OutboxMessage.objects.filter(purpose="case_lapsed").exists()
    with (
        clock.at(first.due_at + timedelta(days=1)),
        pytest.raises(Conflict, match="day has passed"),
    ):
        go_on(made, case)


def test_a_changed_plan_keeps_what_was_accepted_and_drops_what_is_gone(made, case):
    case = remedies.judged(
        made, remedies.reported(remedies.planned(made, case, dues=(10, 20, 30)), "s1"), "s1"
    )
    changed = remedies.content(dues=(10, 25))
    third = plans.Step("s4", "A step that is new", remedies.day(40).isoformat())
    kept = [one for one in changed.steps if one.key != "s1"]

    case = remedies.planned(made, case, steps=(*kept, third), lines=changed.lines)

    states = {one.key: one.state for one in Milestone.objects.all()}
    assert states == {"s1": "ACCEPTED", "s2": "OPEN", "s3": "DROPPED", "s4": "OPEN"}
    assert Milestone.objects.get(key="s2").due_on == remedies.day(25)
    assert queries.open_plan(case).agreed.number == 2
    assert case.letters.filter(kind=LetterKind.PLAN).count() == 2


def test_once_every_step_is_accepted_the_plan_is_carried_out_and_the_case_may_clear(made):
    case = world.judged_case(made)
    finding = remedies.confirmed_b4(made, case)
    case = remedies.planned(made, acts.fresh(case), finding=finding.pk)
    case = remedies.judged(made, remedies.reported(case, "s1"), "s1")
    with pytest.raises(Conflict, match="not yet dismissed or remedied"):
        actions.recommend(
            case=case, task=engine.open_task(case), by=made.analyst, reason="Nothing is open."
        )
    case = remedies.judged(made, remedies.reported(go_on(made, case), "s2"), "s2")

    plan = Plan.objects.get()
    assert (plan.state, plan.closed_by) == (PlanState.DONE, made.analyst)
    assert queries.is_plan_spent(case)
    actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.REMEDIED, reason="It has ended."
    )
    evidence = remedies.released(case.response.evidence_links.first().evidence)
    actions.lift_presumption(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        evidence=(evidence.pk,),
        reason="The new source is shown.",
    )
    actions.recommend(
        case=case, task=engine.open_task(case), by=made.analyst, reason="Nothing is open."
    )
    actions.clear(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        reason="Nothing is open.",
        knows_unscanned=True,
    )
    assert acts.fresh(case).stage == Stage.CLEARED


def test_a_running_plan_stands_in_the_way_of_clearing(made):
    case = world.judged_case(made)
    case = remedies.reported(remedies.planned(made, case))

    with pytest.raises(Conflict, match="A plan is still running"):
        actions.recommend(
            case=case, task=engine.open_task(case), by=made.analyst, reason="Nothing is open."
        )


def test_a_plan_is_spent_once_it_was_tried_to_its_end_and_none_is_open(made, case):
    assert not queries.is_plan_spent(case)
    with pytest.raises(Conflict, match="No plan was shown"):
        actions.close_plan(case=case, by=made.approver, reason="It failed.")
    remedies.drafted(made, case)
    with pytest.raises(Conflict, match="No plan was shown"):
        actions.close_plan(case=case, by=made.approver, reason="It failed.")
    remedies.shown(made, case)
    assert not queries.is_plan_spent(case)
    actions.close_plan(case=case, by=made.approver, reason="It failed.")
    assert not queries.is_plan_spent(case)  # nobody agreed to it
    case = remedies.reported(remedies.planned(made, case), "s1")
    assert not queries.is_plan_spent(case)

    actions.close_plan(case=case, by=made.approver, reason="It failed.")

    assert queries.is_plan_spent(case)
    remedies.drafted(made, case)
    assert not queries.is_plan_spent(case)
    assert [one.number for one in Plan.objects.order_by("number")] == [1, 2, 3]


def test_files_are_added_to_an_open_step_alone(made, case):
    case = remedies.planned(made, case)
    step = remedies.steps(case)[0]
    step.state = MilestoneState.ACCEPTED
    step.save()

    with pytest.raises(Conflict, match="not open any more"):
        actions.add_to_step(
            milestone=step,
            by=case.contact,
            file=remedies.file(),
            described=remedies.described(),
        )
    with pytest.raises(Refused):
        actions.add_to_step(
            milestone=step,
            by=UserFactory(),
            file=remedies.file(),
            described=remedies.described(),
        )


# pauses ---------------------------------------------------------------------------------------


def test_a_suspension_tells_counsel_and_the_supplier_and_sets_the_next_look(made, case):
    case = remedies.suspended(made, case)

    pause = Suspension.objects.get()
    assert (case.stage, case.trading) == (Stage.SUSPENDED, Trading.PAUSED)
    assert case.next_act_at == pause.review_at < pause.most_at
    letter = case.letters.get(kind=LetterKind.SUSPENSION)
    assert "The first invoice of the new mill." in letter.text
    assert pause.reason not in letter.text
    told = OutboxMessage.objects.filter(purpose="case_suspended")
    assert [one.recipient for one in told] == [made.counsel]


@pytest.mark.parametrize("trading", [Trading.OPEN, Trading.ENDED])
def test_a_suspension_pauses_something_and_ends_nothing(made, case, trading):
    with pytest.raises(Conflict, match="Choose what is paused"):
        actions.suspend(
            case=case,
            task=engine.open_task(case),
            by=made.approver,
            pause=remedies.pause(trading=trading),
        )

    assert acts.fresh(case).trading == Trading.OPEN


def test_a_pause_is_looked_at_every_thirty_days_and_lasts_ninety_at_most(made, case):
    case = remedies.suspended(made, case)
    most = Suspension.objects.get().most_at
    looks = []

    def look():
        pause = queries.suspension_of(case)
        looks.append(pause.review_at)
        with clock.at(pause.review_at):
            actions.review_suspension(
                case=case, task=engine.open_task(case), by=made.approver, reason="It stays."
            )

    while queries.suspension_of(case).review_at < most:
        look()
    with pytest.raises(Conflict, match="90 working days at most"):
        look()
    assert looks == sorted(set(looks))
    assert looks[-1] == most
    assert acts.fresh(case).stage == Stage.SUSPENDED


def test_trade_resumes_to_the_plan_from_its_next_step(made, case):
    case = remedies.suspended(made, remedies.planned(made, case))
    assert acts.unfinished(case) == [("suspended", "NEW")]

    actions.resume(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        back=remedies.back("remediation"),
    )

    case = acts.fresh(case)
    assert (case.stage, case.lapse_at) == (Stage.REMEDIATION, remedies.steps(case)[0].due_at)
    assert case.trading == Trading.OPEN
    assert case.letters.filter(kind=LetterKind.RESUMPTION).count() == 1
    assert Suspension.objects.get().ended_by == made.approver


def test_trade_does_not_resume_to_a_plan_that_is_none(made, case):
    case = remedies.suspended(made, case)
    given = {"case": case, "task": engine.open_task(case), "by": made.approver}

    with pytest.raises(Conflict, match="No plan was shown"):
        actions.resume(**given, back=remedies.back("remediation"))
    remedies.shown(made, case)
    with pytest.raises(Conflict, match="has not accepted"):
        actions.resume(**given, back=remedies.back("remediation"))

    assert acts.fresh(case).stage == Stage.SUSPENDED
    assert queries.suspension_of(case) is not None


def test_a_stronger_plan_is_accepted_while_trade_is_suspended(made, case):
    case = remedies.suspended(made, case)
    remedies.accepted(made, case)

    actions.resume(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        back=remedies.back("remediation", trading=Trading.NO_NEW_ORDERS),
    )

    case = acts.fresh(case)
    assert (case.stage, case.trading) == (Stage.REMEDIATION, Trading.NO_NEW_ORDERS)
    assert queries.open_plan(case).state == PlanState.AGREED


def test_every_change_of_trade_is_an_event_of_a_person(made, case):
    case = remedies.suspended(made, remedies.planned(made, case))
    actions.resume(case=case, task=engine.open_task(case), by=made.approver, back=remedies.back())

    entries = case.chain.entries.filter(event="case.trading_set").order_by("seq")
    assert [('"trading":"' in one.body, str(made.approver.pk) in one.body) for one in entries] == [
        (True, True)
    ] * 3
    said = [one.sentence for one in timeline.of(case) if one.name == "case.trading_set"]
    assert said[0] == "Set for trade: No new orders (it was: Open)."


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_words_of_a_question_are_kept_to_the_letter(made, language):
    made.supplier.language = language
    made.supplier.save()
    case = world.submitted_case(made, wording=Wording.TRACEABILITY)

    inquiry = remedies.ask(made, remedies.finding(made, case))

    letter = inquiry.letter
    facts = letters.restored(LetterKind.INQUIRY, letter.facts)
    again = letters.write(LetterKind.INQUIRY, case, language, facts)
    assert again.sha256 == letter.sha256
    assert remedies.QUESTION in letter.text
