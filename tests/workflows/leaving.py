"""Cases on their way out, brought to each step of an exit by real actions."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from viewflow.workflow.models import Process

from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, Grade, ReceivedBy
from portal import clock
from portal.enums import Delivery, Role
from portal.models import OutboxMessage
from tests.factories.portal import UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, remedies, world
from workflows import actions, engine, exit_plan
from workflows.enums import Effect, ExitRole, ExitTrack, FindingState, Outcome, ReplyCode
from workflows.flows.exit_v1 import ExitV1
from workflows.models import CaseRun, ExitPlan, ExitReply, ExitReview, Finding, Proof

REASON = "Seen with care in this demo case."
HALTED = {
    "was_notified": False,
    "from_on": date(2026, 12, 1),
    "orders": "Orders run as agreed.",
}
REENTRY = {"from_on": date(2026, 12, 1), "needed": "Please show the new mill's invoices."}


def confirmed(made, case, *clauses):
    """Confirm what the answers raised under these clauses."""
    for finding in Finding.objects.filter(case=case, clause__in=clauses, level="exit"):
        actions.judge_finding(
            finding=finding, by=made.analyst, state=FindingState.CONFIRMED, reason=REASON
        )
    return acts.fresh(case)


def transfers(made, **kwargs):
    """In review: transfers were found and confirmed (B3)."""
    case = world.submitted_case(made, personas.takes_part_in_transfers, **kwargs)
    return confirmed(made, case, "B3")


def refused(made, **kwargs):
    """In review: the company refused to agree, which was confirmed (B5)."""
    case = world.acknowledged_case(made, **kwargs)
    world.answer(case, personas.refuses_without_reason)
    signature = acts.decline_signature(case, case.signatory)
    actions.decline(case=case, task=engine.open_task(case), by=case.signatory, signature=signature)
    return confirmed(made, acts.fresh(case), "B5")


def silent(made):
    """In review: time ran out, three mails arrived at two addresses, and a call reached them."""
    case = world.acknowledged_case(made)
    UserFactory(holds=(Role.SIGNATORY, case.supplier))
    case = acts.lapsed(case)
    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())
    return case


def unanswered(made):
    """Silent, and an analyst read it as no reply."""
    case = silent(made)
    actions.set_reply_code(case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason=REASON)
    return acts.fresh(case)


def located(made, **kwargs):
    """In review: the company's own location was confirmed (B1)."""
    case = world.submitted_case(made, personas.site_in_the_region, **kwargs)
    return confirmed(made, case, "B1")


def proposal(ground=Outcome.B3):
    return actions.Proposal(
        ground=ground,
        reason=REASON,
        ground_words="Groups of workers were placed by an agency of the kind we asked about.",
        orders="Orders that were placed go on; we place no new ones.",
        speaker="Demo Analyst",
    )


def proposed(made, ground=Outcome.B3, **kwargs):
    case = refused(made, **kwargs) if ground == Outcome.B5_AGREEMENT else transfers(made, **kwargs)
    actions.propose_exit(
        case=case, task=engine.open_task(case), by=made.analyst, proposal=proposal(ground)
    )
    return acts.fresh(case)


def immediate(made, *, whole=True, **kwargs):
    """An immediate exit before approver and counsel; its plan complete if `whole`."""
    case = located(made, **kwargs)
    actions.propose_immediate_exit(
        case=case, task=engine.open_task(case), by=made.analyst, proposal=proposal(Outcome.B1)
    )
    return written(made, acts.fresh(case)) if whole else acts.fresh(case)


def plan_of(case):
    return ExitPlan.objects.filter(case=case).order_by("-proposed_at").first()


def values(track=ExitTrack.RESPONSIBLE):
    """Something for every field of a track."""
    said = {"day": clock.today() + timedelta(days=60), "days": 90, "line": "About 40"}
    return {
        field.name: clock.today() + timedelta(days=120)
        if field.name == "ends_on"
        else said.get(field.sort, f"Demo words on {field.name.replace('_', ' ')}.")
        for section in exit_plan.sections_of(track)
        for field in section.fields
    }


def written(made, case):
    plan = plan_of(case)
    actions.save_exit_plan(
        case=case,
        by=made.analyst,
        values=values(plan.track),
        not_applicable=plan.not_applicable,
        rev=plan.rev,
    )
    return acts.fresh(case)


def replied(made, case, *, answer=True, **kwargs):
    reply = actions.Reply("We ended that agency's contract.", **kwargs)
    said = actions.reply_to_exit(case=case, by=case.contact, reply=reply)
    if answer:
        text = "We read it: thanks."
        actions.answer_exit_reply(case=case, by=made.analyst, reply=said, text=text)
    return acts.fresh(case)


def presented(made, ground=Outcome.B3, **kwargs):
    case = replied(made, written(made, proposed(made, ground, **kwargs)))
    actions.present_plan(
        case=case,
        task=engine.open_task(case),
        by=made.analyst,
        reason=REASON,
        rev=plan_of(case).rev,
    )
    return acts.fresh(case)


def word(case, role=ExitRole.APPROVER, **kwargs):
    return actions.Word(role=role, reason=REASON, rev=plan_of(case).rev, **kwargs)


def approve(case, by, role=ExitRole.APPROVER, task=None):
    actions.approve_exit(
        case=case, task=task or engine.open_task(case), by=by, word=word(case, role)
    )
    return acts.fresh(case)


def agreed(made, **kwargs):
    """Presented, and an approver agreed: counsel's word is missing."""
    return approve(presented(made, **kwargs), made.approver)


def approved(made, *, at_once=False, **kwargs):
    case = immediate(made, **kwargs) if at_once else presented(made, **kwargs)
    case = approve(case, made.approver)
    return approve(case, made.counsel, ExitRole.COUNSEL)


def wound_down(made, **kwargs):
    """Winding down, with the whole checklist met and a fresh look."""
    case = approved(made, **kwargs)
    for key in exit_plan.CHECKLIST:
        actions.meet_exit_point(case=case, by=made.analyst, key=key, applies=True, note=REASON)
    actions.look_at_exit(case=case, by=made.analyst, note=REASON)
    return acts.fresh(case)


def left(made, **kwargs):
    case = wound_down(made, **kwargs)
    actions.complete_exit(case=case, task=engine.open_task(case), by=made.approver, reason=REASON)
    return acts.fresh(case)


def review(case, months):
    return ExitReview.objects.get(plan__case=case, months=months)


def effects(**kwargs):
    return actions.Effects(effect=Effect.AS_PLANNED, found="Nobody lost work by it.", **kwargs)


def reviewed(made, case, *months):
    """Look at the effects on the days they are due."""
    for one in months:
        row = review(case, one)
        with clock.at(row.due_at):
            actions.review_exit(case=case, by=made.analyst, review=row, effects=effects())
    return acts.fresh(case)


def proven(made, case):
    """A record of grade A came in after trade ended."""
    actions.log_evidence(case=case, by=made.analyst, logged=acts.logged_file())
    proof = Proof.objects.get(case=case, evidence__received_by=ReceivedBy.MAIL)
    actions.grade_proof(proof=proof, by=made.analyst, grade=Grade.A, counts=True, reason=REASON)
    return acts.fresh(case)


def ready_to_return(made, **kwargs):
    return proven(made, reviewed(made, left(made, **kwargs), 3, 6))


def reentered(made, **kwargs):
    case = ready_to_return(made, **kwargs)
    actions.open_reentry(case=case, by=made.approver, reason=REASON, facts=REENTRY)
    return acts.fresh(case)


def recommended_again(made, **kwargs):
    """Came back, its finding remedied and its proof graded: an analyst recommends clearing."""
    case = reentered(made, **kwargs)
    for finding in Finding.objects.filter(case=case):
        by = made.counsel if finding.level == "counsel" else made.analyst
        actions.judge_finding(finding=finding, by=by, state=FindingState.REMEDIED, reason=REASON)
    for proof in Proof.objects.filter(case=case, grade=""):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.A, counts=True, reason=REASON
        )
    case = lifted(made, acts.fresh(case))
    actions.recommend(case=case, task=engine.open_task(case), by=made.analyst, reason=REASON)
    return acts.fresh(case)


def lifted(made, case):
    """An approver lifted the presumption of clause B upon what shows that the cause ended."""
    proof = Proof.objects.get(case=case, evidence__received_by=ReceivedBy.MAIL)
    shown = remedies.released(proof.evidence)
    actions.lift_presumption(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        evidence=(shown.pk,),
        reason=REASON,
    )
    return acts.fresh(case)


def letter_accepted(case):
    """The mail server accepted the letters of a case."""
    mails = OutboxMessage.objects.filter(chain_id=case.chain_id, key__startswith="letter:")
    assert mails.update(delivery=Delivery.ACCEPTED, accepted_at=clock.now()) >= 1
    return case


def closing_proof(case, by):
    return actions.keep_closing_proof(
        case=case,
        by=by,
        file=SimpleUploadedFile("gone.pdf", acts.PDF),
        described=Description(kind=EvidenceKind.DEREGISTRATION, issuer="Demo Registry"),
        arrival=Arrival(way=ReceivedBy.POST, sender="Demo Registry"),
    )


def first_reply(case):
    return ExitReply.objects.filter(plan__case=case).order_by("at").first()


def bare_reply(made, case, text):
    """Rows of an exit and a reply to it, without their history."""
    now = clock.now()
    run = CaseRun.objects.create(
        case=case,
        process=Process.objects.create(flow_class=ExitV1),
        opened_by=made.analyst,
        opened_at=now,
    )
    plan = ExitPlan.objects.create(
        buyer=made.buyer,
        case=case,
        run=run,
        track=case.exit_track,
        ground=Outcome.B3,
        clause="B3",
        proposed_by=made.analyst,
        proposed_at=now,
        reason=text,
        leverage=text,
        reply_by_at=case.due_at,
    )
    return ExitReply.objects.create(
        buyer=made.buyer, supplier=case.supplier, plan=plan, by=made.contact, at=now, text=text
    )
