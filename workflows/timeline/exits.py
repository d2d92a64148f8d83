"""Events of an exit, of trade and of other endings as plain sentences."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from portal import ledger
from workflows.enums import Effect, Ending, ExitRole, ExitTrack, Outcome, Trading
from workflows.exit_plan import CHECKLIST
from workflows.timeline.words import fixed, label_of


def _proposed(event: ledger.Event) -> str:
    return _("Proposed an exit (%(track)s): %(ground)s.") % {
        "track": label_of(ExitTrack, event.data["track"]),
        "ground": label_of(Outcome, event.data["ground"]),
    }


def _agreed(event: ledger.Event) -> str:
    return _("Agreed to the exit, as %(role)s.") % {"role": label_of(ExitRole, event.data["as"])}


def _halt_agreed(event: ledger.Event) -> str:
    return _("Agreed to halt the exit, as %(role)s.") % {
        "role": label_of(ExitRole, event.data["as"])
    }


def _replied(event: ledger.Event) -> str:
    files = event.data["files"]
    number = len(files) if isinstance(files, list) else 0
    if event.data["mistake"]:
        return _("Said that the exit rests on a mistake; documents: %(n)d.") % {"n": number}
    return _("Replied to the exit; documents: %(n)d.") % {"n": number}


def _trading(event: ledger.Event) -> str:
    return _("Set for trade: %(trading)s (it was: %(before)s).") % {
        "trading": label_of(Trading, event.data["trading"]),
        "before": label_of(Trading, event.data["before"]),
    }


def _closed(event: ledger.Event) -> str:
    return _("Ended the case: %(why)s.") % {"why": label_of(Ending, event.data["ending"])}


def _saved(event: ledger.Event) -> str:
    return _("Saved the exit plan; points still missing: %(n)s.") % {"n": event.data["missing"]}


def _point(event: ledger.Event) -> str:
    label = CHECKLIST.get(str(event.data["point"]), event.data["point"])
    if event.data["applies"]:
        return _("Noted as met: %(point)s.") % {"point": label}
    return _("Noted as not applicable: %(point)s.") % {"point": label}


def _reviewed(event: ledger.Event) -> str:
    return _("Looked at the effects after %(n)s months: %(effect)s.") % {
        "n": event.data["months"],
        "effect": label_of(Effect, event.data["effect"]),
    }


EXITS: dict[str, Callable[[ledger.Event], str]] = {
    "case.exit_proposed": _proposed,
    "case.exit_presented": fixed(lambda: _("Put the exit plan before approver and counsel.")),
    "case.exit_agreed": _agreed,
    "case.exit_approved": fixed(
        lambda: _("The exit is approved: three people took part, and the notice went.")
    ),
    "case.exit_returned": fixed(lambda: _("Returned the exit; the case is in review again.")),
    "case.reply_accepted": fixed(lambda: _("Accepted the reply; the case is in review again.")),
    "case.exit_replied": _replied,
    "case.exit_reply_answered": fixed(lambda: _("Answered the reply.")),
    "case.halt_agreed": _halt_agreed,
    "case.exit_halted": fixed(lambda: _("The exit is halted; the case is in review again.")),
    "case.exit_completed": fixed(lambda: _("Trade has ended as planned.")),
    "case.reentry_opened": fixed(
        lambda: _("Opened re-entry: trade with this company is looked at again.")
    ),
    "case.clear_concurred": fixed(lambda: _("Concurred, as counsel, in clearing the case.")),
    "case.trading_set": _trading,
    "case.closed": _closed,
    "exit_plan.saved": _saved,
    "exit_plan.point_met": _point,
    "exit_plan.looked_at": fixed(lambda: _("Looked at the winding down.")),
    "exit_plan.reviewed": _reviewed,
    "response.opened_again": fixed(lambda: _("The answers were opened again.")),
    "response.shut": fixed(lambda: _("The answers were shut; what was signed stands.")),
}
