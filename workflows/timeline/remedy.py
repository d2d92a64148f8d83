"""Events of sources, inquiries, plans and suspensions as plain sentences."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from portal import ledger
from workflows.enums import PlanState, Stage
from workflows.timeline.words import day_of, fixed

Say = Callable[[ledger.Event], str]


def _until(text: Callable[[], str], name: str) -> Say:
    return lambda event: text() % {"day": day_of(event.data[name])}


def _raised(event: ledger.Event) -> str:
    return _("Raised a finding under %(clause)s upon sources from elsewhere: %(n)d.") % {
        "clause": event.data["clause"],
        "n": len(list(event.data["sources"])),  # type: ignore[call-overload]
    }


def _weighed(event: ledger.Event) -> str:
    if not event.data["counts"]:
        return _("Weighed a source: it does not count.")
    return _("Weighed a source: grade %(grade)s.") % {"grade": event.data["grade"]}


def _version(text: Callable[[], str]) -> Say:
    return lambda event: (
        text()
        % {
            "number": event.data["version"],
            "hash": str(event.data["sha256"])[:16],
        }
    )


def _judged(event: ledger.Event) -> str:
    if event.data["accepted"]:
        return _("Accepted what was shown for a step of the plan.")
    return _("Did not accept what was shown for a step of the plan.")


def _closed(event: ledger.Event) -> str:
    if event.data["state"] == PlanState.DONE:
        return _("The plan was carried out.")
    return _("Ended the plan without success.")


def _resumed(event: ledger.Event) -> str:
    return _("Resumed trade; the case goes back to: %(stage)s.") % {
        "stage": Stage(str(event.data["back_to"])).label
    }


SENTENCES: Mapping[str, Say] = {
    "source.recorded": fixed(lambda: _("Recorded a source from elsewhere.")),
    "source.weighed": _weighed,
    "case.finding_raised": _raised,
    "finding.raised": _raised,
    "finding.reopened": fixed(
        lambda: _("A confirmed finding is open again: its sources no longer carry it.")
    ),
    "case.presumption_raised": fixed(lambda: _("The presumption of clause B stands from now on.")),
    "case.presumption_lifted": fixed(lambda: _("Lifted the presumption of clause B.")),
    "inquiry.asked": _until(
        lambda: _(
            "Asked the supplier about what was learned elsewhere, to be answered by %(day)s."
        ),
        "due",
    ),
    "inquiry.file_added": fixed(lambda: _("Added a file to a reply.")),
    "inquiry.replied": fixed(lambda: _("Replied to a question about a matter.")),
    "plan.drafted": fixed(lambda: _("Drafted a plan.")),
    "plan.shown": _version(
        lambda: _("Showed version %(number)s of the plan; its fingerprint begins %(hash)s.")
    ),
    "plan.remarked": fixed(lambda: _("Commented on the plan.")),
    "plan.accepted": _version(
        lambda: _("Accepted version %(number)s of the plan; its fingerprint begins %(hash)s.")
    ),
    "case.plan_agreed": _version(
        lambda: _("Agreed version %(number)s of the plan; its fingerprint begins %(hash)s.")
    ),
    "case.plan_continued": _until(
        lambda: _("Let the agreed plan go on; the next step is due on %(day)s."), "due"
    ),
    "plan.file_added": fixed(lambda: _("Added a file to a step of the plan.")),
    "case.plan_reported": fixed(lambda: _("Reported on the plan; the case came to review.")),
    "plan.step_judged": _judged,
    "plan.closed": _closed,
    "case.suspended": _until(
        lambda: _("Suspended trade; it is looked at again by %(day)s."), "review"
    ),
    "case.suspension_reviewed": _until(
        lambda: _("Looked at the suspension again; it stays until %(day)s at the latest."),
        "review",
    ),
    "case.resumed": _resumed,
}
