"""The supplier's chance to reply before what was learned elsewhere is confirmed."""

from datetime import datetime

from django.core.files import File
from django.utils.translation import gettext as _

from documents.actions.evidence import Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import calendar, clauses, engine, letters, mail, queries, rules
from workflows.actions import letter
from workflows.actions.finding import goes_stale
from workflows.actions.receiving import receive
from workflows.enums import FindingState, LetterKind
from workflows.models import Case, Finding, Inquiry


def ask_supplier(
    *, case: Case, task: int, by: User, finding: Finding, question: str, seen: str = ""
) -> Inquiry:
    """Put a question to the supplier in its wording; nothing of a source is handed out.

    It has ten working days (domain note, section 8). Moves no stage. Raises Refused,
    Conflict if one waits already, LetterChanged if another letter was shown.
    """
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_ask_supplier(by, held))
        fresh = Finding.objects.get(pk=finding.pk)
        if not fresh.is_outside or fresh.state in {FindingState.DISMISSED, FindingState.REMEDIED}:
            raise Conflict(_("Nothing about this finding is left to be asked."))
        if queries.waiting_inquiry(fresh) is not None:
            raise Conflict(_("A question about this finding waits for its reply already."))
        now = clock.now()
        due_at = reply_by(held)
        entry = ledger.record(
            "inquiry.asked",
            by=by,
            on=held,
            data={"finding": str(fresh.pk), "due": ledger.moment(due_at)},
            words={"question": question},
        )
        sent = letter.send(
            held=held,
            kind=LetterKind.INQUIRY,
            by=by,
            facts=inquiry_facts(held, by, question),
            once=entry.seq,
            seen=seen,
        )
        return Inquiry.objects.create(
            case=held,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            finding=fresh,
            letter=sent,
            text=question,
            asked_by=by,
            asked_at=now,
            due_at=due_at,
        )


def reply_by(case: Case) -> datetime:
    """Return until when a question asked now may be answered, in UTC."""
    supplier = case.supplier
    return calendar.after(clock.now(), clauses.INQUIRY_DAYS, supplier.country, supplier.zone)


def inquiry_facts(case: Case, by: User, question: str) -> dict[str, object]:
    """Return what the letter says of a question asked now."""
    return {
        "question": question,
        "reply_by": letters.day_of(reply_by(case), case),
        "speaker": str(by),
    }


def add_to_reply(*, inquiry: Inquiry, by: User, file: File, described: Description) -> Evidence:
    """Keep a file that belongs to the reply; it is checked like any other."""
    case = inquiry.case
    require(rules.may_reply(by, case))
    evidence = receive(case=case, by=by, file=file, described=described)
    with engine.locked(case) as held:
        require(rules.may_reply(by, held))
        fresh = Inquiry.objects.get(pk=inquiry.pk)
        fresh.files.add(evidence)
        ledger.record(
            "inquiry.file_added",
            by=by,
            on=held,
            data={"inquiry": str(fresh.pk), "evidence": str(evidence.pk)},
        )
        if fresh.replied_at is not None:
            goes_stale(held)
    return evidence


def reply_to_inquiry(*, inquiry: Inquiry, by: User, text: str) -> Inquiry:
    """Answer a question; the reply stands beside the finding, which is thereby answered.

    A late reply is taken as well. Raises Refused, or Conflict if it was answered before.
    """
    with engine.locked(inquiry.case) as held:
        require(rules.may_reply(by, held))
        fresh = Inquiry.objects.select_related("finding").get(pk=inquiry.pk)
        if fresh.replied_at is not None:
            if (fresh.reply, fresh.replied_by_id) == (text, by.pk):
                return fresh  # the same form sent twice
            raise Conflict(
                _("Your company replied to this already. Write a message to add to it.")
            )
        fresh.reply, fresh.replied_by, fresh.replied_at = text, by, clock.now()
        fresh.save(update_fields=["reply", "replied_by", "replied_at"])
        finding = fresh.finding
        if finding.state == FindingState.OPEN:
            finding.state = FindingState.ANSWERED
            finding.save(update_fields=["state"])
        entry = ledger.record(
            "inquiry.replied",
            by=by,
            on=held,
            data={"inquiry": str(fresh.pk), "finding": str(finding.pk)},
            words={"reply": text},
        )
        goes_stale(held)
        mail.inquiry_replied(held, entry.seq)
    return fresh
