"""Events of what a reply led to, and of the buyer's duties, as plain sentences."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from portal import ledger
from portal.enums import Wording
from workflows.enums import ConditionState, ConstraintOutcome, DutyKind, HelpKind
from workflows.timeline.words import day_of, fixed, label_of


def _duty(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda event: text() % {"duty": label_of(DutyKind, event.data["kind"])}


def _opened(event: ledger.Event) -> str:
    duty = label_of(DutyKind, event.data["kind"])
    if due := event.data.get("due"):
        said = {"duty": duty, "day": day_of(due)}
        return _("A duty of ours opened: %(duty)s, by %(day)s.") % said
    return _("A duty of ours opened: %(duty)s.") % {"duty": duty}


def _answered(event: ledger.Event) -> str:
    return _("Condition %(number)s was answered: %(state)s.") % {
        "number": event.data["number"],
        "state": label_of(ConditionState, event.data["state"]),
    }


def _closed(event: ledger.Event) -> str:
    return _("Counsel closed what limited the reply: %(way)s.") % {
        "way": label_of(ConstraintOutcome, event.data["outcome"])
    }


def _help(event: ledger.Event) -> str:
    kinds = event.data["kinds"]
    named = [label_of(HelpKind, one) for one in kinds] if isinstance(kinds, list) else []
    return _("The supplier asked for help: %(what)s.") % {"what": _("; ").join(named)}


def _released(event: ledger.Event) -> str:
    if event.data["by_supplier"]:
        return _("The supplier let those who decide read its reasons.")
    return _("Counsel opened the supplier's reasons to those who decide.")


def _reworded(event: ledger.Event) -> str:
    return _("The questionnaire goes on in another wording: %(wording)s.") % {
        "wording": label_of(Wording, event.data["wording"])
    }


SENTENCES: dict[str, Callable[[ledger.Event], str]] = {
    "duty.opened": _opened,
    "duty.met": _duty(lambda: _("A duty of ours was met: %(duty)s.")),
    "duty.waived": _duty(lambda: _("A duty of ours was waived: %(duty)s.")),
    "duty.missed": _duty(lambda: _("A duty of ours is late: %(duty)s. Approvers were told.")),
    "duty.moot": fixed(lambda: _("Some of what we owed is no longer asked for.")),
    "duty.taken": fixed(lambda: _("Took a duty of ours.")),
    "duty.told_on": fixed(lambda: _("A duty of ours is still late; the administrator was told.")),
    "case.duties_recorded": fixed(
        lambda: _("Direction, instruction and encouragement went out with the request.")
    ),
    "case.conditions_laid_out": fixed(lambda: _("The supplier's conditions were laid out.")),
    "case.condition_added": fixed(lambda: _("A condition of the supplier was added.")),
    "case.condition_answered": _answered,
    "case.terms_offered": fixed(lambda: _("Terms of confidentiality were offered.")),
    "case.terms_accepted": fixed(lambda: _("The supplier accepted the terms.")),
    "case.terms_declined": fixed(lambda: _("The supplier asked for other terms.")),
    "case.constraint_closed": _closed,
    "case.reasons_released": _released,
    "case.help_asked": _help,
    "case.clock_moved": fixed(
        lambda: _("Our answer was late; the supplier's dates were moved by as much.")
    ),
    "proof.inspected": fixed(lambda: _("An original was seen and not handed over.")),
    "response.reworded": _reworded,
}
