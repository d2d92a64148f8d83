"""A dossier as of an earlier moment says what one asked for at that moment said."""

from dataclasses import asdict, replace
from datetime import timedelta
from io import StringIO
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from documents.enums import Edition, Grade
from portal import clock
from portal.enums import Delivery
from portal.models import OutboxMessage
from portal.tasks import deliver
from tests.questionnaires import personas
from tests.workflows import acts, leaving, remedies, world
from workflows import actions, collect, engine, exit_plan, queries, timers
from workflows.collect import past
from workflows.enums import ExitRole, FindingState, Outcome, ReplyCode, Stage
from workflows.models import Case, Finding, Proof

pytestmark = pytest.mark.django_db

EDITIONS = (Edition.COUNSEL, Edition.WORKING)


def loaded(case):
    rows = Case.objects.select_related("buyer", "supplier", "chain", "policy", "response")
    return rows.get(pk=case.pk)


def written(case, edition, at=None):
    """What a dossier says, but for the moment it names and for what only time itself changes."""
    found = collect.dossier(loaded(case), edition=edition, language="en", as_of=at)
    return replace(found, imprint=replace(found.imprint, as_of=""))


class Diary:
    """Plays acts an hour apart, and keeps what a dossier said after each."""

    def __init__(self):
        self.start = clock.now()
        self.hours = count(1)
        self.kept = []

    def skip(self, days):
        self.start += timedelta(days=days)

    def then(self, act, *args, **given):
        moment = self.start + timedelta(hours=next(self.hours))
        with clock.at(moment):
            found = act(*args, **given)
        case = found if isinstance(found, Case) else found.case
        with clock.at(moment + timedelta(minutes=1)):
            self.kept.append((clock.now(), [written(case, one) for one in EDITIONS]))
        return loaded(case)


def judged(case, made, state):
    for finding in Finding.objects.filter(case=case):
        by = made.counsel if finding.level == "counsel" else made.analyst
        actions.judge_finding(finding=finding, by=by, state=state, reason=f"Demo: {state}.")
    return case


def graded(case, made, grade):
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=grade, counts=grade != Grade.C, reason="Demo."
        )
    return case


def mailed(case):
    for mail in OutboxMessage.objects.filter(chain=case.chain, delivery=Delivery.QUEUED):
        deliver.call(str(mail.pk))
    return case


def from_page(act, case, by, **given):
    act(case=case, task=engine.open_task(case), by=by, **given)
    return loaded(case)


def lived(made, diary):
    """A case with most that can happen: mails, counsel, two submissions, judged twice, cleared."""
    case = diary.then(world.draft_case, made)
    case = diary.then(lambda: actions.issue(case=case, by=made.manager))
    case = diary.then(mailed, case)
    case = diary.then(acts.referred, case, case.contact)
    case = diary.then(acts.advised, case, made.counsel)
    case = diary.then(from_page, actions.acknowledge, case, case.contact)
    case = diary.then(
        lambda: actions.name_signatory(
            case=case, by=case.contact, email=case.contact.email, name=case.contact.name
        )
    )
    case = diary.then(lambda: world.answer(case, personas.clean_weaver) or case)
    case = diary.then(world.submit, case)
    case = diary.then(
        lambda: (
            actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted()) and case
        )
    )
    case = diary.then(judged, case, made, FindingState.DISMISSED)
    case = diary.then(graded, case, made, Grade.C)
    case = diary.then(graded, case, made, Grade.A)
    case = diary.then(
        lambda: actions.set_reply_code(
            case=case, by=made.analyst, code=ReplyCode.AGREES_PROVES, reason="Demo."
        )
    )
    case = diary.then(from_page, actions.recommend, case, made.analyst, reason="Demo: clear.")
    case = diary.then(acts.queried, case, made.analyst)
    case = diary.then(world.submit, case)
    case = diary.then(judged, case, made, FindingState.CONFIRMED)
    case = diary.then(
        from_page, actions.escalate, case, made.analyst, to=made.approver, reason="Demo: look."
    )
    case = diary.then(judged, case, made, FindingState.DISMISSED)
    case = diary.then(from_page, actions.recommend, case, made.analyst, reason="Demo: again.")
    return diary.then(
        from_page,
        actions.clear,
        case,
        made.approver,
        reason="Demo: nothing is open.",
        knows_unscanned=True,
    )


def told_the_same(case, diary):
    """How many moments were told as they were told then; fails at the first that was not."""
    for at, (counsel, working) in diary.kept:
        assert asdict(written(case, Edition.COUNSEL, at)) == asdict(counsel)
        assert asdict(written(case, Edition.WORKING, at)) == asdict(working)
    return len(diary.kept)


def test_every_earlier_moment_is_told_as_it_was_told_then():
    diary = Diary()
    case = lived(world.world(), diary)

    assert told_the_same(case, diary) == 22


def weighed(made, source, *, counts):
    weight = actions.Weight(
        grade="A",
        counts=counts,
        findings=tuple(source.findings.values_list("pk", flat=True)),
        reason=f"Demo: {counts}.",
    )
    return actions.weigh_source(source=source, by=made.analyst, weight=weight)


def heard_elsewhere(made, diary):
    """A source, a finding upon it, a hearing; confirmed, fallen, and confirmed again."""
    case = diary.then(world.submitted_case, made)
    case = diary.then(remedies.source, made, case, grade="C")
    (first,) = case.sources.all()
    case = diary.then(remedies.finding, made, case, first)
    (finding,) = queries.outside_findings(case)
    case = diary.then(
        remedies.source, made, case, publisher="Demo Paper", findings=(finding.pk,), grade="A"
    )
    case = diary.then(weighed, made, first, counts=True)
    case = diary.then(remedies.ask, made, finding)
    inquiry = finding.inquiries.get()
    case = diary.then(
        lambda: (
            actions.add_to_reply(
                inquiry=inquiry,
                by=case.contact,
                file=remedies.file(),
                described=remedies.described(),
            )
            and case
        )
    )
    case = diary.then(
        actions.reply_to_inquiry, inquiry=inquiry, by=case.contact, text="Bought elsewhere."
    )
    case = diary.then(remedies.confirm, made, finding)
    case = diary.then(weighed, made, first, counts=False)
    case = diary.then(weighed, made, first, counts=True)
    case = diary.then(remedies.confirm, made, finding, reason="Demo: both carry it.")
    return case, finding


def with_a_plan(made, diary):
    """A plan shown, changed and agreed, a pause of trade, a stronger plan, and its end."""
    case, finding = heard_elsewhere(made, diary)
    case = diary.then(lambda: remedies.shown(made, case, dues=(20,)).plan)
    version = queries.newest_version(queries.open_plan(case))
    case = diary.then(
        lambda: actions.remark_plan(version=version, by=case.contact, text="Later.") and case
    )
    case = diary.then(remedies.planned, made, case)
    case = diary.then(remedies.reported, case, "s1")
    case = diary.then(remedies.judged, made, case, "s1", accepted=False)
    case = diary.then(remedies.suspended, made, case)
    case = diary.then(
        from_page, actions.review_suspension, case, made.approver, reason="Demo: it stays."
    )
    case = diary.then(lambda: remedies.accepted(made, case, dues=(8, 9, 30), orders="None.").plan)
    case = diary.then(
        from_page, actions.resume, case, made.approver, back=remedies.back("remediation")
    )
    case = diary.then(shown_by_file, case)
    case = diary.then(remedies.reported, case, "s1")
    case = diary.then(remedies.judged, made, case, "s1")
    version = queries.newest_version(queries.open_plan(case))
    case = diary.then(
        from_page,
        actions.agree_plan,
        case,
        made.approver,
        sha256=version.sha256,
        reason="Demo: go on.",
    )
    diary.skip(20)
    case = diary.then(lambda: timers.fire_due() and case)
    case = diary.then(remedies.planned, made, case, dues=(5, 12))
    case = diary.then(remedies.reported, case, "s2")
    case = diary.then(remedies.judged, made, case, "s2")
    return case, finding


def shown_by_file(case):
    actions.add_to_step(
        milestone=remedies.steps(case)[0],
        by=case.contact,
        file=remedies.file("step.pdf"),
        described=remedies.described(),
    )
    return case


def test_sources_hearings_plans_and_pauses_are_told_as_they_were():
    diary, made = Diary(), world.world()
    case, finding = with_a_plan(made, diary)
    case = diary.then(
        lambda: actions.judge_finding(
            finding=finding, by=made.analyst, state=FindingState.REMEDIED, reason="Demo: mended."
        )
    )
    proof = remedies.released(case.chain.evidence.order_by("received_at").first())
    case = diary.then(
        from_page,
        actions.lift_presumption,
        case,
        made.approver,
        evidence=(proof.pk,),
        reason="Demo: it was shown.",
    )

    assert queries.past_plans(case).get().state == "DONE"
    assert told_the_same(case, diary) == 31


def test_what_applied_to_trade_and_the_presumption_are_replayed():
    diary, made = Diary(), world.world()
    case, _finding = with_a_plan(made, diary)
    before = [past.past(case, at).case for at, _kept in diary.kept]

    assert (before[0].trading, before[0].presumed_at) == ("OPEN", None)
    assert {str(one.trading) for one in before} == {"OPEN", "NO_NEW_ORDERS", "PAUSED"}
    assert (before[-1].trading, before[-1].presumed_at) == (case.trading, case.presumed_at)


def test_a_form_left_open_by_a_finding_is_replayed():
    diary, made = Diary(), world.world()
    case = diary.then(world.acknowledged_case, made)
    case = diary.then(lambda: remedies.finding(made, case))
    left = case.left_open_at
    case = diary.then(lambda: world.answer(case) or case)
    case = diary.then(
        lambda: (
            actions.submit(
                case=case,
                task=engine.open_task(case),
                by=case.signatory,
                signature=world.signature(case, case.signatory),
            )
            and case
        )
    )

    moments = [past.past(case, at).case.left_open_at for at, _kept in diary.kept]
    assert moments == [None, left, left, None]
    assert told_the_same(case, diary) == 4


def saved(made, case, **values):
    plan = leaving.plan_of(case)
    actions.save_exit_plan(
        case=case, by=made.analyst, values=values, not_applicable=plan.not_applicable, rev=plan.rev
    )
    return case


def proposed(made, case):
    return from_page(actions.propose_exit, case, made.analyst, proposal=leaving.proposal())


def presented(made, case):
    rev = leaving.plan_of(case).rev
    return from_page(actions.present_plan, case, made.analyst, reason="Demo: whole.", rev=rev)


def answered(made, case):
    reply = leaving.plan_of(case).replies.get()
    actions.answer_exit_reply(case=case, by=made.analyst, reply=reply, text="Read: thanks.")
    return case


def met(made, case, key, note):
    actions.meet_exit_point(case=case, by=made.analyst, key=key, applies=True, note=note)
    return case


def looked_back(made, case, months):
    row = leaving.review(case, months)
    actions.review_exit(case=case, by=made.analyst, review=row, effects=leaving.effects())
    return case


def test_an_exit_is_told_as_it_was_up_to_the_way_back():
    diary, made = Diary(), world.world()
    case = diary.then(leaving.transfers, made)
    case = diary.then(proposed, made, case)
    case = diary.then(saved, made, case, leverage="Demo: we talked.", tooling="Demo moulds.")
    case = diary.then(leaving.written, made, case)
    case = diary.then(saved, made, case, tooling="", ends_on=None, notice_days=60)
    case = diary.then(leaving.replied, made, case, answer=False)
    case = diary.then(answered, made, case)
    case = diary.then(presented, made, case)
    case = diary.then(
        from_page,
        actions.return_exit,
        case,
        made.counsel,
        reason="Demo: not yet.",
        facts=leaving.HALTED,
    )
    case = diary.then(proposed, made, case)
    case = diary.then(saved, made, case, reply_weighed="Demo: weighed anew.")
    case = diary.then(leaving.replied, made, case, answer=False)
    case = diary.then(answered, made, case)
    case = diary.then(presented, made, case)
    case = diary.then(leaving.approve, case, made.approver)
    case = diary.then(leaving.approve, case, made.counsel, ExitRole.COUNSEL)
    for key in exit_plan.CHECKLIST:
        case = diary.then(met, made, case, key, "Demo: seen.")
    case = diary.then(met, made, case, "orders", "Demo: seen again.")
    case = diary.then(
        lambda: actions.look_at_exit(case=case, by=made.analyst, note="Demo: a look.") and case
    )
    case = diary.then(
        from_page, actions.complete_exit, case, made.approver, reason="Demo: it is over."
    )
    for months in (3, 6):
        diary.start = leaving.review(case, months).due_at - timedelta(days=3)
        case = diary.then(looked_back, made, case, months)
    case = diary.then(leaving.proven, made, case)
    case = diary.then(
        actions.open_reentry,
        case=case,
        by=made.approver,
        reason="Demo: the cause ended.",
        facts=leaving.REENTRY,
    )

    assert told_the_same(case, diary) == 29
    replayed = [past.past(case, at).case for at, _kept in diary.kept]
    assert {(str(one.trading), str(one.exit_track)) for one in replayed} == {
        ("OPEN", ""),
        ("OPEN", "RESPONSIBLE"),
        ("ENDED", "RESPONSIBLE"),
        ("ENDED", ""),
    }


def test_an_immediate_exit_is_told_as_it_was():
    diary, made = Diary(), world.world()
    case = diary.then(leaving.located, made)
    case = diary.then(
        from_page,
        actions.propose_immediate_exit,
        case,
        made.analyst,
        proposal=leaving.proposal(Outcome.B1),
    )
    case = diary.then(leaving.written, made, case)
    plan = leaving.plan_of(case)
    case = diary.then(
        lambda: actions.save_exit_plan(
            case=case,
            by=made.analyst,
            values={"ground_words": "Demo: said in other words."},
            not_applicable={"before": "Demo: nothing could be tried."},
            rev=plan.rev,
        )
    )
    case = diary.then(leaving.approve, case, made.approver)
    case = diary.then(leaving.approve, case, made.counsel, ExitRole.COUNSEL)

    assert told_the_same(case, diary) == 6


def test_time_that_ran_out_and_the_answer_that_came_late_are_told_as_they_were():
    diary = Diary()
    made = world.world()
    case = diary.then(world.acknowledged_case, made)
    world.answer(case)
    acts.climbed(case)
    with clock.at(case.lapse_at + timedelta(seconds=1)):
        assert timers.fire_due() == 1
        after = clock.now() + timedelta(minutes=1)
    with clock.at(after):
        late = written(case, Edition.COUNSEL)
        assert late.standing.tone == "late"
    with clock.at(after + timedelta(days=1)):
        case = loaded(case)
        actions.submit(
            case=case,
            task=engine.open_task(case),
            by=case.signatory,
            signature=world.signature(case, case.signatory),
        )

    assert written(case, Edition.COUNSEL, after).standing == late.standing
    assert past.past(loaded(case), after).case.stage == Stage.REVIEW


def test_the_copy_of_the_past_leaves_the_case_as_it_is():
    made = world.world()
    before = clock.now()
    case = world.cleared_case(made)

    then = past.past(loaded(case), before)

    assert (then.cut, then.head, then.case.stage) == (0, "", Stage.DRAFT)
    assert then.standing.findings == []
    assert then.case.cleared_at is None
    assert loaded(case).stage == Stage.CLEARED
    assert queries.standing(loaded(case)).outcome == "CLEAR"


def test_the_cover_names_the_moment_and_the_last_entry_then():
    case = world.issued_case(world.world())
    at = clock.now()
    entries = case.chain.entries.count()
    actions.log_contact(
        case=case, by=world.UserFactory(holds=("ANALYST", case.buyer)), contacted=acts.contacted()
    )

    found = collect.dossier(loaded(case), edition=Edition.COUNSEL, language="en", as_of=at)

    assert found.imprint.as_of == at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert found.imprint.cut == entries
    assert found.imprint.head == case.chain.entries.get(seq=entries).hash
    assert len(found.events) == entries


@pytest.mark.parametrize("day", ["yesterday", "2001-01-01", "2099-01-01"])
def test_a_day_that_cannot_be_is_told_in_a_sentence(tmp_path, day):
    case = world.issued_case(world.world())

    with pytest.raises(CommandError, match="day"):
        call_command(
            "dossier", case.reference, out=str(tmp_path / "x.pdf"), as_of=day, stdout=StringIO()
        )
