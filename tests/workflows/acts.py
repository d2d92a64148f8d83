"""Every act of the workflow, ready to be done: on a case of its own, by the right person."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from viewflow.workflow.models import Task

from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, Grade, ReceivedBy
from portal import clock
from portal.access import Conflict, Refused
from portal.enums import Delivery, Wording
from portal.models import OutboxMessage, User
from tests.questionnaires import personas
from tests.workflows import world
from workflows import actions, engine, locks, queries, reminders, timers
from workflows.enums import (
    Channel,
    ConditionState,
    ConstraintOutcome,
    DutyKind,
    FindingState,
    ReplyCode,
    RungKind,
    WordingReason,
)
from workflows.models import Case, Condition, Duty, Finding, Proof

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Ready:
    """An act about to be done. `do(by=…)` does it as anybody, `task=…` from another page."""

    case: Case
    by: User
    do: Callable[..., Any]
    has_page: bool = False


def another(made: world.World):
    """One more supplier of the same buyer, with its contact."""
    supplier = world.new_supplier(made.buyer)
    world._contact(supplier)
    return supplier


def reached(case: Case) -> Case:
    """The mail server accepted the instruction, and what was written to the supplier since."""
    mails = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose__in=queries.ASKING)
    assert mails.update(delivery=Delivery.ACCEPTED, accepted_at=clock.now()) >= 1
    return case


def climbed(case: Case) -> Case:
    """The ladder was climbed to its end, and each mail of it accepted; a second before lapse."""
    reached(case)
    with clock.at(fresh(case).lapse_at - timedelta(seconds=1)):
        reminders.climb_due()
        return fresh(reached(case))


def lapsed(case: Case) -> Case:
    """Time ran out for a case whose contact was reached."""
    climbed(case)
    with clock.at(case.lapse_at + timedelta(seconds=1)):
        assert timers.fire_due() == 1
    return fresh(case)


def queried(case: Case, by: User, *paths: str) -> Case:
    actions.query(
        case=case,
        task=engine.open_task(case),
        by=by,
        questions=[actions.Question(path, "Demo question?") for path in paths or ("job_title",)],
        due_on=clock.today() + timedelta(days=14),
    )
    return fresh(case)


def referred(case: Case, by: User) -> Case:
    actions.refer(case=case, task=engine.open_task(case), by=by, note="Demo note for counsel.")
    return fresh(case)


def advised(case: Case, by: User) -> Case:
    actions.advise(
        case=case,
        task=engine.open_task(case),
        by=by,
        advice="Demo advice.",
        summary="Demo summary.",
    )
    return fresh(case)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def decline_signature(case: Case, by: User) -> actions.Signature:
    return world.signature(case, by, kind="DECLINE", reply=ReplyCode.DECLINES_NO_REASON)


def contacted(*, is_reached: bool = True) -> actions.Contacted:
    return actions.Contacted(Channel.CALL, clock.now(), is_reached, "Demo call.")


def logged_file() -> actions.LoggedFile:
    return actions.LoggedFile(
        file=SimpleUploadedFile("demo.pdf", PDF),
        described=Description(kind=EvidenceKind.INVOICE, issuer="Demo Forwarder"),
        arrival=Arrival(way=ReceivedBy.MAIL, sender="Demo Forwarder"),
        claim="origin",
    )


# acts done from a page that was shown for one task, and acts that only hold the case


def _from_page(case: Case, by: User, act: Callable, /, **given: Any) -> Ready:
    shown = engine.open_task(case)

    def do(*, by: User = by, task: int | None = None, case: Case = case) -> Any:
        return act(case=case, task=task or shown, by=by, **given)

    return Ready(case, by, do, has_page=True)


def _held(case: Case, by: User, act: Callable, /, **given: Any) -> Ready:
    given = given or {"case": case}
    return Ready(case, by, lambda *, by=by: act(by=by, **given))


def issue(made, supplier):
    case = world.draft_case(made, supplier=supplier)
    return _held(case, made.manager, actions.issue)


def acknowledge(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _from_page(case, case.contact, actions.acknowledge)


def acknowledge_late(made, supplier):
    case = lapsed(world.issued_case(made, supplier=supplier))
    return _held(case, case.contact, actions.acknowledge_late)


def submit(made, supplier):
    case = world.acknowledged_case(made, supplier=supplier)
    world.answer(case)
    signature = world.signature(case, case.signatory)
    return _from_page(case, case.signatory, actions.submit, signature=signature)


def submit_late(made, supplier):
    case = lapsed(world.acknowledged_case(made, supplier=supplier))
    world.answer(case)
    signature = world.signature(case, case.signatory)
    return _from_page(case, case.signatory, actions.submit, signature=signature)


def decline(made, supplier):
    case = world.acknowledged_case(made, supplier=supplier)
    world.answer(case, personas.refuses_without_reason)
    signature = decline_signature(case, case.signatory)
    return _from_page(case, case.signatory, actions.decline, signature=signature)


def prepare_decline(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, case.contact, actions.prepare_decline)


def refer(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _from_page(case, case.contact, actions.refer, note="Demo note.")


def refer_by_analyst(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _from_page(case, made.analyst, actions.refer, note="Demo note.")


def advise(made, supplier):
    case = referred(world.issued_case(made, supplier=supplier), made.analyst)
    return _from_page(case, made.counsel, actions.advise, advice="Demo advice.", summary="Demo.")


def name_signatory(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        case.contact,
        actions.name_signatory,
        case=case,
        email=f"chief-{supplier.pk.hex[:8]}@supplier.example",
        name="Demo Chief",
    )


def report_wrong_person(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case, case.contact, actions.report_wrong_person, case=case, note="Demo: I left sales."
    )


def change_contact(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.change_contact,
        case=case,
        email=f"next-{supplier.pk.hex[:8]}@supplier.example",
        name="Demo Next",
    )


def offer_version(made, supplier):
    case = world.acknowledged_case(made, supplier=supplier)
    version = world.newest_version()
    return _held(case, made.analyst, actions.offer_version, case=case, version=version)


def change_version(made, supplier):
    case = world.acknowledged_case(made, supplier=supplier)
    version = world.newest_version()
    actions.offer_version(case=case, version=version, by=made.analyst)
    return _held(
        case,
        case.contact,
        actions.change_version,
        case=case,
        response=case.response,
        version=str(version.pk),
    )


def write_message(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, case.contact, actions.write_message, case=case, text="Demo message.")


def withdraw(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, made.manager, actions.withdraw, case=case, reason="Sent in error.")


def take(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.take)


def log_contact(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.log_contact, case=case, contacted=contacted())


def log_evidence(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.log_evidence, case=case, logged=logged_file())


def query(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _from_page(
        case,
        made.analyst,
        actions.query,
        questions=[actions.Question("job_title", "Demo question?")],
        due_on=clock.today() + timedelta(days=14),
    )


def recommend(made, supplier):
    case = world.judged_case(made, supplier=supplier)
    return _from_page(case, made.analyst, actions.recommend, reason="Nothing is open.")


def escalate(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _from_page(case, made.analyst, actions.escalate, to=made.approver, reason="Demo.")


def clear(made, supplier):
    case = world.recommended_case(made, supplier=supplier)
    return _from_page(
        case, made.approver, actions.clear, reason="Nothing is open.", knows_unscanned=True
    )


def judge_finding(made, supplier):
    case = world.submitted_case(made, personas.agrees_on_conditions, supplier=supplier)
    finding = Finding.objects.get(case=case, key="conditional")
    return _held(
        case,
        made.analyst,
        actions.judge_finding,
        finding=finding,
        state=FindingState.CONFIRMED,
        reason="Demo reason.",
    )


def grade_proof(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.grade_proof,
        proof=Proof.objects.filter(case=case).first(),
        grade=Grade.A,
        counts=True,
        reason="Demo reason.",
    )


def set_reply_code(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.set_reply_code,
        case=case,
        code=ReplyCode.AGREES_PROVES,
        reason="Demo reason.",
    )


# What a reply leads to, and what the buyer owes


def read_as(made, supplier, code, persona):
    """A case in review whose reply an analyst read as `code`."""
    case = world.submitted_case(made, persona, supplier=supplier)
    actions.take(case=case, by=made.analyst)
    actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")
    return fresh(case)


def on_conditions(made, supplier):
    return read_as(made, supplier, ReplyCode.AGREES_ON_CONDITIONS, personas.agrees_on_conditions)


def constrained(made, supplier):
    return read_as(made, supplier, ReplyCode.LEGAL_CONSTRAINT_CLAIMED, personas.legally_bound)


def declined(made, supplier):
    return read_as(made, supplier, ReplyCode.DECLINES_DISAGREES, personas.refuses_with_reason)


def set_reply_code_of_law(made, supplier):
    case = world.submitted_case(made, personas.legally_bound, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.set_reply_code,
        case=case,
        code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED,
        reason="Demo reason.",
    )


def mark_unreachable(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case, made.analyst, actions.mark_unreachable, case=case, reason="Demo: no address."
    )


def close_constraint(made, supplier):
    case = constrained(made, supplier)
    return _from_page(
        case,
        made.counsel,
        actions.close_constraint,
        way=ConstraintOutcome.INSPECTION,
        summary="Demo summary.",
        advice="Demo advice.",
        to_supplier="We look at the originals at your place.",
    )


def add_condition(made, supplier):
    case = on_conditions(made, supplier)
    return _held(
        case, made.analyst, actions.add_condition, case=case, text="Demo: monthly orders."
    )


def answer_condition(made, supplier):
    case = on_conditions(made, supplier)
    return _held(
        case,
        made.analyst,
        actions.answer_condition,
        condition=Condition.objects.filter(case=case).order_by("number").first(),
        state=ConditionState.ACCEPTED,
        answer="Agreed, from the next order on.",
        we_do="Raise the price by 4 %.",
    )


def offer_terms(made, supplier):
    case = read_as(
        made, supplier, ReplyCode.CONFIDENTIAL_NEEDS_TERMS, personas.wants_confidentiality
    )
    return _held(
        case,
        made.analyst,
        actions.offer_terms,
        case=case,
        text="Two named people read the documents, for this request alone.",
        redaction="Prices.",
        is_inspect_only=True,
    )


def answer_terms(made, supplier):
    ready = offer_terms(made, supplier)
    terms = ready.do(by=ready.by)
    return _held(ready.case, ready.case.contact, actions.answer_terms, terms=terms, accepts=True)


def log_inspection(made, supplier):
    case = world.submitted_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.log_inspection, case=case, seen=seen())


def seen(**changed):
    return actions.Seen(
        **{
            "claim": "origin",
            "step": "c_gin",
            "kind": EvidenceKind.INVOICE,
            "issuer": "Demo Gin",
            "number": "G-7",
            "issued_on": None,
            "quantity": "12 t",
            "place": "Demo Road 1, Shaoxing",
            "seen_on": clock.today(),
            "grade": Grade.B,
            "counts": True,
            "note": "Bales of the order asked about.",
            **changed,
        }
    )


def read_reasons(made, supplier):
    case = declined(made, supplier)
    return _held(case, made.approver, actions.read_reasons, case=case, note="Demo: read.")


def release_reasons(made, supplier):
    case = declined(made, supplier)
    return _held(case, made.counsel, actions.release_reasons, case=case, reason="Demo reason.")


def ask_help(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        case.contact,
        actions.ask_help,
        case=case,
        kinds=["source", "price"],
        text="Demo: another mill asks more.",
    )


def asked_for_help(made, supplier):
    """The duty that a request for other sources opened."""
    ready = ask_help(made, supplier)
    ready.do(by=ready.by)
    return ready.case, Duty.objects.get(case=ready.case, kind=DutyKind.OFFER_SOURCES)


def take_duty(made, supplier):
    case, duty = asked_for_help(made, supplier)
    return _held(case, made.analyst, actions.take_duty, duty=duty)


def meet_duty(made, supplier):
    case, duty = asked_for_help(made, supplier)
    return _held(
        case,
        made.analyst,
        actions.meet_duty,
        duty=duty,
        how="Two mills were named.",
        tell="Demo Mill One and Demo Mill Two.",
    )


def waive_duty(made, supplier):
    case, duty = asked_for_help(made, supplier)
    return _held(
        case, made.approver, actions.waive_duty, duty=duty, reason="No other mill is known."
    )


def take_time(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, case.contact, actions.take_time)


def _later(case: Case):
    return clock.day_of(case.due_at, case.supplier.zone) + timedelta(days=14)


def ask_time(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        case.contact,
        actions.ask_time,
        case=case,
        until=_later(case),
        reason="Demo: the mill is closed.",
    )


def give_time(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.give_time,
        case=case,
        until=_later(case),
        reason="Demo: the mill is closed.",
    )


def grant_time(made, supplier):
    ready = ask_time(made, supplier)
    extension = ready.do()
    return _held(
        ready.case,
        made.analyst,
        actions.grant_time,
        extension=extension,
        until=_later(ready.case),
        answer="Demo: the mill is closed.",
    )


def refuse_time(made, supplier):
    ready = ask_time(made, supplier)
    extension = ready.do()
    return _held(
        ready.case, made.analyst, actions.refuse_time, extension=extension, answer="Demo: no."
    )


def write_second_contact(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(
        case,
        made.analyst,
        actions.write_second_contact,
        case=case,
        email=f"second-{supplier.pk.hex[:8]}@supplier.example",
        name="Demo Second",
    )


def chase(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    Case.objects.filter(pk=case.pk).update(chase=RungKind.APPROVER)
    return _held(fresh(case), made.approver, actions.chase, case=fresh(case), note="Demo note.")


def log_bounce(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    mail = OutboxMessage.objects.get(chain_id=case.chain_id, purpose="case_issued")
    return _held(
        case,
        made.analyst,
        actions.log_bounce,
        case=case,
        mail_=mail,
        came_back=actions.CameBack(at=clock.now(), said="550 5.1.1 user unknown"),
    )


def renew(made, supplier):
    case = world.cleared_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.renew, case=case, reason="Demo: a new site.")


def choose_wording(made, supplier):
    case = world.draft_case(made, supplier=supplier)
    return _held(
        case,
        made.counsel,
        actions.choose_wording,
        cases=[case],
        wording=Wording.TRACEABILITY,
        reason=WordingReason.SAFETY,
        note="Demo advice 7.",
    )


ACTS = {
    act.__name__: act
    for act in (
        issue, acknowledge, acknowledge_late, submit, submit_late, decline, prepare_decline,
        refer, refer_by_analyst, advise, name_signatory, report_wrong_person, change_contact,
        offer_version, change_version, write_message, withdraw, take, log_contact, log_evidence,
        query, recommend, escalate, clear, judge_finding, grade_proof, set_reply_code,
        set_reply_code_of_law, mark_unreachable, close_constraint, add_condition,
        answer_condition, offer_terms, answer_terms, log_inspection, read_reasons,
        release_reasons, ask_help, take_duty, meet_duty, waive_duty,
        take_time, ask_time, give_time, grant_time, refuse_time, write_second_contact, chase,
        log_bounce, renew,
    )
}  # fmt: skip


# What is looked at, before and after


def rows() -> dict[str, list[tuple]]:
    """Every row that an act may write, by model: equal before and after when nothing was."""
    labels = ("workflows", "questionnaires", "documents", "viewflow_workflow", "viewflow")
    models = [model for model in apps.get_models() if model._meta.app_label in labels]
    models += [
        apps.get_model("portal", name)
        for name in ("OutboxMessage", "LedgerEntry", "LedgerChain", "Membership", "Invitation")
    ]
    return {
        model._meta.label: list(model.objects.order_by("pk").values_list())
        for model in models
        if model._meta.managed and not model._meta.proxy
    }


def unfinished(case: Case) -> list[tuple[str, str]]:
    """Tasks of all runs of a case that are neither done nor cancelled: node and status."""
    tasks = Task.objects.filter(process__run__case=case).exclude(status__in=["DONE", "CANCELED"])
    return sorted((task.flow_task.name, task.status) for task in tasks)


# Two at once


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each on a connection of its own; what each returned, or met."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except (Conflict, Refused) as met:
            return met
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def held_elsewhere(case: Case) -> Iterator[None]:
    """Hold the case on another connection for as long as the block lasts."""
    holds, may_go, met = Event(), Event(), []

    def hold() -> None:
        try:
            with locks.hold(Case.objects.filter(pk=case.pk)):
                holds.set()
                may_go.wait(60)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            met.append(error)
            holds.set()
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    try:
        assert holds.wait(30)
        assert met == []
        yield
    finally:
        may_go.set()
        holder.join()


@contextmanager
def impatient() -> Iterator[None]:
    """Wait a fifth of a second for a lock on this connection, instead of seconds."""
    on_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200" if on_sqlite else "SET lock_timeout = '200ms'")
    try:
        yield
    finally:
        connection.close()
