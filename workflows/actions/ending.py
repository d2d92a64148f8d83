"""What one approver does alone: saying what applies to orders, and ending a case for its facts."""

from django.core.files import File
from django.utils.translation import gettext as _

from documents.actions.evidence import Arrival, Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from workflows import engine, mail, queries, rules
from workflows.actions import duties, letter, returning
from workflows.actions.deciding import decide
from workflows.actions.receiving import receive
from workflows.actions.trading import change_trading
from workflows.enums import Ending, LetterKind, Stage, Trading, Verb
from workflows.models import Case, Closure
from workflows.queries import exits


def set_trading(*, case: Case, by: User, trading: Trading, reason: str) -> Case:
    """Stop new orders or say otherwise what applies to them: at once, and reversible.

    A confirmed location (B1) or an exit under way permits a stop (domain note, section 12);
    the stage never moves by it. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_set_trading(by, held))
        if held.trading == trading:
            return held  # the same form sent twice
        located = exits.location(queries.standing(held)) is not None
        if trading not in exits.trading_choices(held, is_located=located):
            raise Conflict(_("This can't be set as the case stands now."))
        entry = change_trading(held=held, by=by, trading=trading, reason=reason)
        held.save(update_fields=["trading"])
        mail.exit_told(held, "trading", entry, by)
    return held


def keep_closing_proof(
    *, case: Case, by: User, file: File, described: Description, arrival: Arrival
) -> Evidence:
    """Keep the document that shows why a case ends, before the case is held.

    The same file sent twice is one. Raises Refused, Conflict.
    """
    require(rules.may_close(by, case))
    return receive(case=case, by=by, file=file, described=described, arrival=arrival)


def close(
    *, case: Case, by: User, ending: Ending, reason: str, proof: Evidence, seen: str = ""
) -> Case:
    """End a case whose trade ended before, that is a duplicate, or whose company is dissolved.

    `proof` is a document of this case. Refused while a finding of rank 1 to 3 is unresolved.
    Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_close(by, held))
        _require_shown(held, proof)
        engine.stop(held, Stage.WITHDRAWN)
        if held.stage == Stage.EXIT_REVIEW:
            returning.take_back(held, Verb.CLOSE)
        held.stage, held.last_verb, held.ended_at = Stage.WITHDRAWN, Verb.CLOSE, clock.now()
        held.held_from, held.held_at, held.next_act_at = "", None, None
        held.save()
        decision = decide(held, Verb.CLOSE, by, reason)
        Closure.objects.create(
            buyer_id=held.buyer_id, case=held, ending=ending, proof=proof, decision=decision
        )
        entry = ledger.record(
            "case.closed",
            by=by,
            on=held,
            data={"ending": str(ending), "proof": str(proof.pk)},
            words={"reason": reason},
        )
        duties.end_with_trade(held, by)
        answers.close(response=queries.response_of(held), by=by)
        letter.send(
            held=held,
            kind=LetterKind.WITHDRAWAL,
            by=by,
            facts={},
            once=entry.seq,
            seen=seen,
        )
    return held


def _require_shown(case: Case, proof: Evidence) -> None:
    if queries.has_grave_finding(case):
        raise Conflict(
            _("A finding on location, transfers or the group is open; it must be decided.")
        )
    kept = Evidence.objects.kept().filter(chain_id=case.chain_id, pk=proof.pk)
    if not kept.exists():
        raise Conflict(_("This document is not kept any more. Choose another one."))
