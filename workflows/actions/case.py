"""What the supplier does with its case, and how the buyer sends and withdraws it."""

from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, Refused, require
from portal.actions import people
from portal.enums import Role
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import CommentAudience
from workflows import engine, ladder, letters, mail, queries, rules, rungs
from workflows.actions import duties, duty_opening, letter, returning
from workflows.actions.answering import confirm_receipt
from workflows.enums import DutyKind, LetterKind, ReplyCode, Stage, Verb
from workflows.models import Case, Decision, Instruction


def issue(*, case: Case, by: User) -> Case:
    """Send the instruction: clause B4, and B3's second sentence.

    Opens the first run and the response, invites the contact, keeps the exact words sent.
    Raises Refused, or Conflict when something is missing or it was sent before.
    """
    with engine.locked(case) as held:
        require(rules.may_issue(by, held))
        require(rules.is_ready(held))
        now, supplier = clock.now(), held.supplier
        days = held.policy.lapse_days
        held.due_at = ladder.due_at(held.campaign.due_on, held.place)
        held.lapse_at = ladder.lapse_at(held.due_at, days, held.policy, held.place)
        held.issued_at = held.asked_at = now
        held.next_act_at = held.due_at
        rungs.begin(held, days)
        held.last_verb = Verb.ISSUE
        held.prohibited_list = held.campaign.prohibited_list
        held.contact, url = _invite_contact(held, by)
        held.response = answers.open_response(
            buyer=held.buyer,
            supplier=supplier,
            chain=held.chain,
            version=held.campaign.version,
            wording=held.wording,
            language=supplier.language,
            by=by,
        )
        words = _keep_words(held)
        engine.start(held, by)
        ledger.record(
            "case.issued",
            by=by,
            on=held,
            data={
                "wording": held.wording,
                "questionnaire": held.campaign.version.sha256,
                "instruction": words.sha256,
                "list": words.list_sha256,
                "policy": held.policy.number,
                "contact": str(held.contact_id),
                "due": ledger.moment(held.due_at),
                "lapse": ledger.moment(held.lapse_at),
            },
        )
        duty_opening.record_issue(held, words, by)
        mail.case_issued(held, held.contact, url)
    return held


def _invite_contact(case: Case, by: User) -> tuple[User, str]:
    supplier = case.supplier
    path = mail.request_path(case)
    known = User.objects.filter(email=supplier.contact_email.lower()).first()
    if known is not None and known.holds(Role.CONTACT, supplier.pk):
        return known, settings.BASE_URL + path
    offer = people.invite(
        organisation=supplier,
        role=Role.CONTACT,
        email=supplier.contact_email,
        name=supplier.contact_name,
        language=supplier.language,
        # an analyst may change whom we write to, though not bring people in by itself
        by=by if by.holds(Role.CAMPAIGN_MANAGER, case.buyer_id) else "installation",
        announce=False,
    )
    return offer.user, people.pointer(offer, path)


def _keep_words(case: Case) -> Instruction:
    words = letters.instruction(case, case.supplier.language)
    listed = case.prohibited_list
    return Instruction.objects.create(
        case=case,
        wording=case.wording,
        language=case.supplier.language,
        title=words.title,
        text=words.text,
        sha256=words.sha256,
        list_sha256=listed.sha256 if listed else "",
        list_dated_on=listed.dated_on if listed else None,
        written_at=clock.now(),
    )


def acknowledge(*, case: Case, task: int, by: User) -> Case:
    """Confirm receipt and say who answers; agrees to nothing (README point 15)."""
    with engine.holding(case, task, "instructed") as step:
        held = step.process.case
        require(rules.may_acknowledge(by, held))
        held.acknowledged_at = clock.now()
        answers.begin(response=held.response)
        entry = ledger.record("case.acknowledged", by=by, on=held)
        confirm_receipt(held, by, entry.seq)
        step.finish(by, Verb.ACKNOWLEDGE)
    return held


def refer(*, case: Case, task: int, by: User, note: str) -> Case:
    """Send the case to the buyer's counsel; the supplier's clocks stand still meanwhile.

    `note` is read by counsel alone.
    """
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_refer(by, held))
        now = clock.now()
        held.held_from, held.held_at = held.stage, now
        held.next_act_at = held.ours_by(now, held.policy.counsel_days)
        if by.holds_any({Role.ANALYST, Role.APPROVER}, held.buyer_id):
            Decision.objects.create(
                buyer_id=held.buyer_id,
                case=held,
                verb=Verb.REFER,
                by=by,
                at=now,
                reason=_("Referred to counsel."),
                counsel_text=note,
            )
        else:
            answers.comment(
                response=held.response, by=by, text=note, audience=CommentAudience.COUNSEL
            )
        entry = ledger.record(
            "case.referred",
            by=by,
            on=held,
            data={"from": str(held.held_from)},
            counsel={"note": note},
        )
        step.finish(by, Verb.REFER)
        mail.case_referred(held, entry.seq)
    return held


def name_signatory(*, case: Case, by: User, email: str, name: str) -> Case:
    """Name the person who may bind the company; invited by mail, it alone can sign.

    Naming oneself needs no mail. Raises Refused, ValidationError for a bad address.
    """
    with engine.locked(case) as held:
        require(rules.may_name_signatory(by, held))
        known = User.objects.filter(email=email.strip().lower()).first()
        if known is not None and known.pk == held.signatory_id:
            return held
        if known is not None and known.holds(Role.SIGNATORY, held.supplier_id):
            person = known
        else:
            offer = people.invite(
                organisation=held.supplier,
                role=Role.SIGNATORY,
                email=email,
                name=name,
                language=held.supplier.language,
                by=by,
                next_url=mail.request_path(held),
                announce=known is None or known.pk != by.pk,
            )
            person = offer.user
            if person.pk == by.pk:
                people.accept(invitation=offer, by=by)
        held.signatory = person
        held.save(update_fields=["signatory"])
        ledger.record(
            "case.signatory_named",
            by=by,
            on=held,
            data={"user": str(person.pk)},
            words={"name": person.name or name, "address": person.email},
        )
    return held


def report_wrong_person(*, case: Case, by: User, note: str) -> Case:
    """Take note that we wrote to the wrong person; a task of the buyer, never of the supplier."""
    with engine.locked(case) as held:
        if not by.holds_any({Role.CONTACT, Role.SIGNATORY}, held.supplier_id):
            raise Refused(_("Only the person we wrote to may say this."))
        if held.wrong_person_at is not None:
            return held
        held.wrong_person_at = clock.now()
        held.next_rung_at = None
        held.save(update_fields=["wrong_person_at", "next_rung_at"])
        entry = ledger.record("case.wrong_person", by=by, on=held, words={"note": note})
        told = queries.people(held.buyer_id, Role.CAMPAIGN_MANAGER, Role.ANALYST)
        mail.wrong_person(held, told, entry.seq)
    return held


def change_contact(*, case: Case, by: User, email: str, name: str) -> Case:
    """Write to another person at the supplier, after "wrong person" or a call."""
    with engine.locked(case) as held:
        require(rules.may_change_contact(by, held))
        supplier = held.supplier
        supplier.contact_email, supplier.contact_name = email.strip().lower(), name.strip()
        supplier.save(update_fields=["contact_email", "contact_name"])
        held.contact, url = _invite_contact(held, by)
        held.wrong_person_at = None
        if held.reply_code == ReplyCode.UNREACHABLE:
            held.reply_code, held.reply_code_at = "", None
        rungs.look_again(held)
        held.save()
        duties.met_by(held, {DutyKind.FIND_CONTACT}, by, how=held.supplier.contact_email)
        entry = ledger.record(
            "case.contact_changed",
            by=by,
            on=held,
            data={"user": str(held.contact_id)},
            words={"name": name, "address": supplier.contact_email},
        )
        mail.case_issued(held, held.contact, url, once=entry.seq)
    return held


def write_message(*, case: Case, by: User, text: str) -> Case:
    """Write to the other side of the case; kept for ever, told by mail without the text.

    What the supplier writes opens the duty to answer it (clause B4), and our answer meets it.
    """
    with engine.locked(case) as held:
        require(rules.may_write_message(by, held))
        if queries.is_said_again(held, by, text):
            return held
        response = queries.response_of(held)
        written = answers.comment(
            response=response, by=by, text=text, audience=CommentAudience.BOTH
        )
        if rules.is_buyers(by, held):
            duties.met_by(held, {DutyKind.ANSWER_QUESTION}, by)
            to = [one for one in (held.contact, held.signatory) if one is not None]
            mail.message_written(held, set(to), uuid4(), for_supplier=True)
        else:
            duty_opening.question_asked(held, by, written.pk)
            analysts = queries.people(held.buyer_id, Role.ANALYST)
            mail.message_written(held, analysts, uuid4(), for_supplier=False)
    return held


def withdraw(*, case: Case, by: User, reason: str, seen: str = "") -> Case:
    """End a case that was sent in error; refused while a finding of rank 1 to 3 is unresolved.

    `seen` is the hash of the letter shown before; another one is not sent.
    """
    with engine.locked(case) as held:
        require(rules.may_withdraw(by, held))
        if queries.has_grave_finding(held):
            raise Conflict(
                _("A finding on location, transfers or the group is open; it must be decided.")
            )
        now = clock.now()
        was_draft = held.stage == Stage.DRAFT
        if not was_draft:
            engine.stop(held, Stage.WITHDRAWN)
        if held.stage == Stage.EXIT_REVIEW:
            returning.take_back(held, Verb.WITHDRAW)
        held.enter(Stage.WITHDRAWN)
        held.last_verb, held.ended_at = Verb.WITHDRAW, now
        held.held_from, held.held_at, held.next_act_at = "", None, None
        held.save()
        Decision.objects.create(
            buyer_id=held.buyer_id, case=held, verb=Verb.WITHDRAW, by=by, at=now, reason=reason
        )
        entry = ledger.record("case.withdrawn", by=by, on=held, words={"reason": reason})
        if not was_draft:
            duties.end_with_trade(held, by)
            answers.close(response=queries.response_of(held), by=by)
            letter.send(
                held=held, kind=LetterKind.WITHDRAWAL, by=by, facts={}, once=entry.seq, seen=seen
            )
    return held
