"""Confidentiality terms: offered by the buyer, answered by the supplier; originals only seen."""

import hashlib
from dataclasses import dataclass
from datetime import date

from portal import clock, ledger
from portal.access import require
from portal.models import User
from workflows import engine, mail, queries, rules
from workflows.actions import duties, duty_opening
from workflows.actions.finding import goes_stale
from workflows.enums import DutyKind, TermsState
from workflows.models import Case, ConfidentialityTerms, Inspection


def offer_terms(
    *, case: Case, by: User, text: str, redaction: str = "", is_inspect_only: bool = False
) -> ConfidentialityTerms:
    """Offer terms on which confidential documents are shown; replaces an offer not answered yet.

    Raises Refused, or Conflict when the words say more than the case's wording may.
    """
    with engine.locked(case) as held:
        require(rules.may_offer_terms(by, held))
        duties.require_neutral(held, text, redaction)
        digest = hashlib.sha256(f"{text}\n{redaction}".encode()).hexdigest()
        standing = queries.terms(held)
        if standing is not None and standing.state == TermsState.OFFERED:
            if (standing.sha256, standing.is_inspect_only) == (digest, is_inspect_only):
                return standing  # the same form sent twice
            standing.state = TermsState.REPLACED
            standing.save(update_fields=["state"])
        offered = ConfidentialityTerms.objects.create(
            case=held,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            text=text,
            redaction=redaction,
            is_inspect_only=is_inspect_only,
            sha256=digest,
            offered_by=by,
            offered_at=clock.now(),
        )
        entry = ledger.record(
            "case.terms_offered",
            by=by,
            on=held,
            data={"terms": str(offered.pk), "sha256": digest, "inspect_only": is_inspect_only},
        )
        duties.met_by(held, {DutyKind.OFFER_TERMS}, by)
        mail.terms_offered(held, entry.seq)
    return offered


def answer_terms(
    *, terms: ConfidentialityTerms, by: User, accepts: bool, note: str = ""
) -> ConfidentialityTerms:
    """Accept the terms as shown, or say what else is needed: the supplier, on its page."""
    state = TermsState.ACCEPTED if accepts else TermsState.DECLINED
    with engine.locked(terms.case) as held:
        fresh = ConfidentialityTerms.objects.get(pk=terms.pk)
        if (fresh.state, fresh.note, fresh.answered_by_id) == (state, note, by.pk):
            return fresh  # the same form sent twice
        require(rules.may_answer_terms(by, held, fresh))
        fresh.state, fresh.note = state, note
        fresh.answered_by, fresh.answered_at = by, clock.now()
        fresh.save()
        entry = ledger.record(
            "case.terms_accepted" if accepts else "case.terms_declined",
            by=by,
            on=held,
            data={"terms": str(fresh.pk), "sha256": fresh.sha256},
            words={"note": note},
        )
        if accepts and fresh.is_inspect_only:
            duty_opening.opened(of=held, kind=DutyKind.INSPECT, by=by, key=fresh.pk)
        mail.terms_answered(held, entry.seq)
    return fresh


@dataclass(frozen=True)
class Seen:
    """An original as a reviewer saw it: what, where, when, and what it proves."""

    claim: str
    step: str
    kind: str
    issuer: str
    number: str
    issued_on: date | None
    quantity: str
    place: str
    seen_on: date
    grade: str
    counts: bool
    note: str


def log_inspection(*, case: Case, by: User, seen: Seen) -> Inspection:
    """Log an original that was seen and not taken: at most B, left out of the CBP part.

    Source: domain note, sections 10 and 16.
    """
    with engine.locked(case) as held:
        require(rules.may_log_inspection(by, held))
        told = vars(seen)
        same = Inspection.objects.filter(case=held, by=by, **told)
        if there := same.first():
            return there  # the same form sent twice
        logged = Inspection.objects.create(
            case=held, buyer_id=held.buyer_id, by=by, logged_at=clock.now(), **told
        )
        ledger.record(
            "proof.inspected",
            by=by,
            on=held,
            data={
                "inspection": str(logged.pk),
                "claim": seen.claim,
                "step": seen.step,
                "kind": seen.kind,
                "grade": seen.grade,
                "counts": seen.counts,
                "seen": seen.seen_on.isoformat(),
            },
            words={"place": seen.place, "note": seen.note},
        )
        goes_stale(held)
    return logged
