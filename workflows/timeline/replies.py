"""Events of what a reply led to, and of the buyer's duties, as plain sentences."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from portal import ledger
from portal.enums import Wording
from workflows.enums import ConditionState, ConstraintOutcome, DutyKind, HelpKind


def _label(choices: type, code: object) -> str:
    try:
        return str(choices(code).label)
    except ValueError:
        return str(code)


def _duty(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda event: text() % {"duty": _label(DutyKind, event.data["kind"])}


def _fixed(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda _event: text()


def _opened(event: ledger.Event) -> str:
    duty = _label(DutyKind, event.data["kind"])
    if due := str(event.data.get("due", ""))[:10]:
        return _("A duty of ours opened: %(duty)s, by %(day)s.") % {"duty": duty, "day": due}
    return _("A duty of ours opened: %(duty)s.") % {"duty": duty}


def _answered(event: ledger.Event) -> str:
    return _("Condition %(number)s was answered: %(state)s.") % {
        "number": event.data["number"],
        "state": _label(ConditionState, event.data["state"]),
    }


def _closed(event: ledger.Event) -> str:
    return _("Counsel closed what limited the reply: %(way)s.") % {
        "way": _label(ConstraintOutcome, event.data["outcome"])
    }


def _help(event: ledger.Event) -> str:
    kinds = event.data["kinds"]
    named = [_label(HelpKind, one) for one in kinds] if isinstance(kinds, list) else []
    return _("The supplier asked for help: %(what)s.") % {"what": _("; ").join(named)}


def _released(event: ledger.Event) -> str:
    if event.data["by_supplier"]:
        return _("The supplier let those who decide read its reasons.")
    return _("Counsel opened the supplier's reasons to those who decide.")


def _reworded(event: ledger.Event) -> str:
    return _("The questionnaire goes on in another wording: %(wording)s.") % {
        "wording": _label(Wording, event.data["wording"])
    }


SENTENCES: dict[str, Callable[[ledger.Event], str]] = {
    "duty.opened": _opened,
    "duty.met": _duty(lambda: _("A duty of ours was met: %(duty)s.")),
    "duty.waived": _duty(lambda: _("A duty of ours was waived: %(duty)s.")),
    "duty.missed": _duty(lambda: _("A duty of ours is late: %(duty)s. Approvers were told.")),
    "duty.moot": _fixed(lambda: _("What a former reading asked of us is no longer asked for.")),
    "duty.taken": _fixed(lambda: _("Took a duty of ours.")),
    "duty.told_on": _fixed(lambda: _("A duty of ours is still late; the administrator was told.")),
    "case.duties_recorded": _fixed(
        lambda: _("Direction, instruction and encouragement went out with the request.")
    ),
    "case.conditions_laid_out": _fixed(lambda: _("The supplier's conditions were laid out.")),
    "case.condition_added": _fixed(lambda: _("A condition of the supplier was added.")),
    "case.condition_answered": _answered,
    "case.terms_offered": _fixed(lambda: _("Terms of confidentiality were offered.")),
    "case.terms_accepted": _fixed(lambda: _("The supplier accepted the terms.")),
    "case.terms_declined": _fixed(lambda: _("The supplier asked for other terms.")),
    "case.constraint_closed": _closed,
    "case.reasons_released": _released,
    "case.help_asked": _help,
    "case.clock_moved": _fixed(
        lambda: _("Our answer was late; the supplier's dates were moved by as much.")
    ),
    "proof.inspected": _fixed(lambda: _("An original was seen and not handed over.")),
    "response.reworded": _reworded,
}
