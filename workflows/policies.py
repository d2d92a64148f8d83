"""The terms of a buyer's policy: their names, their bounds, and where they contradict each other.

Pure functions over plain values; days are working days (domain note, sections 7 and 8).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from workflows.enums import Limbs

# a year of working days: more is a slip of the hand
MOST_DAYS = 250
MOST_MONTHS = 36
MOST_REMINDERS = 5


@dataclass(frozen=True)
class Term:
    """One choice of a policy; `kind` is its unit: days, months, before (a list), limbs.

    `label` and `hint` are lazy texts.
    """

    name: str
    label: Any
    kind: str = "days"
    hint: Any = ""


TERMS: tuple[Term, ...] = (
    Term("b5_limbs", gettext_lazy("How clause B5 is read"), "limbs"),
    Term(
        "due_days",
        gettext_lazy("Time to answer"),
        hint=gettext_lazy("Proposed as the due date when a campaign is opened."),
    ),
    Term(
        "query_days",
        gettext_lazy("Time for questions sent back"),
        hint=gettext_lazy("From the date set for the answer until time runs out."),
    ),
    Term(
        "extension_days",
        gettext_lazy("Extension a supplier takes by itself"),
        hint=gettext_lazy("Once, without a reason."),
    ),
    Term(
        "remind_days",
        gettext_lazy("Reminders before the due date"),
        "before",
        gettext_lazy("Working days before it, such as 7, 3, 1."),
    ),
    Term(
        "second_contact_days",
        gettext_lazy("A second contact is written to"),
        hint=gettext_lazy("After the due date."),
    ),
    Term(
        "phone_days",
        gettext_lazy("An analyst telephones"),
        hint=gettext_lazy("After the due date."),
    ),
    Term(
        "approver_days",
        gettext_lazy("An approver writes to the signatory"),
        hint=gettext_lazy("After the due date."),
    ),
    Term(
        "lapse_days",
        gettext_lazy("Time runs out"),
        hint=gettext_lazy(
            "After the due date. The case comes to a person; the form stays open to the supplier."
        ),
    ),
    Term("review_days", gettext_lazy("Time for a review")),
    Term("escalation_days", gettext_lazy("Time to decide what was put before somebody")),
    Term("counsel_days", gettext_lazy("Time for counsel's advice")),
    Term(
        "exit_reply_days",
        gettext_lazy("Time to reply to a proposed exit"),
        hint=gettext_lazy("In the supplier's calendar, before anybody decides."),
    ),
    Term(
        "exit_days",
        gettext_lazy("Time to decide on an exit"),
        hint=gettext_lazy("An immediate exit has 48 hours."),
    ),
    Term("renewal_months", gettext_lazy("A cleared case is asked again"), "months"),
)
BY_NAME = {term.name: term for term in TERMS}
# after the due date, in the order in which they must come
AFTER_DUE = ("second_contact_days", "phone_days", "approver_days", "lapse_days")


def values_of(policy: Any) -> dict[str, Any]:
    """Return the terms of a policy row by name."""
    return {term.name: getattr(policy, term.name) for term in TERMS}


def said(name: str, value: Any) -> str:
    """Say one term's value as a reader reads it."""
    kind = BY_NAME[name].kind
    if kind == "limbs":
        return str(Limbs(value).label)
    if kind == "months":
        return ngettext("%(n)d month", "%(n)d months", value) % {"n": value}
    if kind == "before":
        return ngettext(
            "%(days)s working day before", "%(days)s working days before", max(value)
        ) % {"days": _(", ").join(str(day) for day in value)}
    return ngettext("%(n)d working day", "%(n)d working days", value) % {"n": value}


@dataclass(frozen=True)
class Difference:
    """One term that two versions hold differently, in words."""

    label: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what changed from one version to the next, in the order of the terms."""
    return [
        Difference(str(BY_NAME[name].label), said(name, old), said(name, new))
        for name, (old, new) in changed(before, after).items()
    ]


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the terms that differ, each as [before, after]."""
    return {
        term.name: [before[term.name], after[term.name]]
        for term in TERMS
        if before[term.name] != after[term.name]
    }


def contradictions(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each term that cannot stand, with the sentence that says why."""
    return [*_absurd(values), *_reminders(values), *_out_of_order(values)]


def _absurd(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for term in TERMS:
        most = {"days": MOST_DAYS, "months": MOST_MONTHS}.get(term.kind)
        if most is None:
            continue
        if values[term.name] < 1:
            yield term.name, _("This must be 1 or more.")
        elif values[term.name] > most:
            yield term.name, _("This must be %(most)d or less.") % {"most": most}


def _reminders(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name, days = "remind_days", values["remind_days"]
    if not days:
        yield name, _("Name at least one reminder: silence counts only after we reminded.")
    elif min(days) < 1:
        yield name, _("A reminder comes before the due date: use numbers of 1 or more.")
    elif max(days) >= values["due_days"]:
        yield (
            name,
            _("A reminder %(n)d working days before would come before the request itself.")
            % {"n": max(days)},
        )
    elif len(set(days)) != len(days):
        yield name, _("Two reminders on one day: name each day once.")
    elif len(days) > MOST_REMINDERS:
        yield name, _("At most %(most)d reminders.") % {"most": MOST_REMINDERS}


def _out_of_order(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if values[AFTER_DUE[0]] == 1:
        yield (
            AFTER_DUE[0],
            _("The contact is told the day after the due date: this must be 2 or more."),
        )
    for earlier, later in pairwise(AFTER_DUE):
        if values[later] <= values[earlier]:
            yield (
                later,
                _("This must come after “%(earlier)s” (%(n)d working days).")
                % {"earlier": BY_NAME[earlier].label, "n": values[earlier]},
            )


def in_order(days: Sequence[int]) -> list[int]:
    """Return days before the due date, the earliest reminder first."""
    return sorted(days, reverse=True)
