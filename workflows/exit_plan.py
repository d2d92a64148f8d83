"""The parts of an exit plan, in the order in which people think, and the people it takes.

Plain values; the columns are those of `models.exit.ExitPlan` (domain note, section 12).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from workflows.enums import ExitTrack

Sort = Literal["words", "line", "day", "days"]
BOTH = frozenset(ExitTrack)
RESPONSIBLE = frozenset({ExitTrack.RESPONSIBLE})
IMMEDIATE = frozenset({ExitTrack.IMMEDIATE})


@dataclass(frozen=True)
class Field:
    """One thing a plan says; `in_letter` if the supplier reads it in its notice.

    `label` and `hint` are lazy texts; `days` is a number of calendar days.
    """

    name: str
    label: Any
    hint: Any = ""
    sort: Sort = "words"
    is_needed: bool = True
    in_letter: bool = False
    tracks: frozenset[ExitTrack] = BOTH


@dataclass(frozen=True)
class Section:
    """Fields that belong together; `may_not_apply` on the immediate track, with a reason."""

    key: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    may_not_apply: bool = True


def _impact(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}_who", gettext_lazy("Who feels it"), gettext_lazy("Groups, no names.")),
        Field(f"{prefix}_number", gettext_lazy("How many people"), sort="line"),
        Field(
            f"{prefix}_severity",
            gettext_lazy("How severe it is"),
            gettext_lazy("How grave, how long, and whether it can be made good."),
        ),
        Field(
            f"{prefix}_vulnerable",
            gettext_lazy("Who is hit hardest"),
            gettext_lazy("Such as people with short contracts, or far from home."),
        ),
        Field(
            f"{prefix}_source",
            gettext_lazy("How you know"),
            gettext_lazy("Reports, experts, trade unions outside. No contact with workers there."),
        ),
    )


SECTIONS: tuple[Section, ...] = (
    Section(
        "before",
        gettext_lazy("Before deciding"),
        gettext_lazy("What was done so that trade need not end."),
        (
            Field(
                "leverage",
                gettext_lazy("What was tried"),
                gettext_lazy("Talks, orders made dependent on steps, work with other buyers."),
            ),
            Field(
                "help_offered",
                gettext_lazy("Help that was offered"),
                gettext_lazy("Other sources, price, time, volume, and what came of it."),
            ),
            Field("alternatives", gettext_lazy("What else was weighed, and why it is not enough")),
            Field(
                "experts",
                gettext_lazy("Which experts were asked"),
                gettext_lazy("People who can speak safely, and for those concerned."),
            ),
            Field(
                "local_law",
                gettext_lazy("What local law asks of an ending"),
                gettext_lazy("Notice, severance, export rules: ask counsel."),
            ),
            Field(
                "reply_weighed",
                gettext_lazy("What the reply changes"),
                gettext_lazy("If none came: what was done to reach the company."),
            ),
        ),
    ),
    Section(
        "leaving",
        gettext_lazy("If we leave"),
        gettext_lazy("What the end of orders does to people."),
        _impact("leaving"),
    ),
    Section(
        "staying",
        gettext_lazy("If we stay"),
        gettext_lazy("What goes on if nothing changes."),
        _impact("staying"),
    ),
    Section(
        "wind_down",
        gettext_lazy("Winding down"),
        gettext_lazy("From the last order to the last invoice."),
        (
            Field(
                "last_order_on",
                gettext_lazy("Last day for orders"),
                gettext_lazy("Stands in the notice."),
                "day",
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "ends_on",
                gettext_lazy("Day on which trade ends"),
                gettext_lazy("Stands in the notice, if you name one."),
                "day",
                is_needed=False,
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "notice_days",
                gettext_lazy("Length of the notice"),
                gettext_lazy("In calendar days; 0 if none is given."),
                "days",
                tracks=RESPONSIBLE,
            ),
            Field(
                "no_notice_reason",
                gettext_lazy("Why no notice is given"),
                gettext_lazy("Only if the length is 0."),
                is_needed=False,
                tracks=RESPONSIBLE,
            ),
            Field(
                "ramp_down",
                gettext_lazy("How each running order ends"),
                gettext_lazy("Order by order: finished, shortened or cancelled, and when."),
                tracks=RESPONSIBLE,
            ),
            Field(
                "payment",
                gettext_lazy("Payment"),
                gettext_lazy(
                    "Finished goods, goods in progress, material that was bought. Stands in the"
                    " notice."
                ),
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "owed",
                gettext_lazy("Goods on their way, and money owed"),
                gettext_lazy(
                    "As counsel settled it. Stands in the notice; left empty, the notice says"
                    " that we write about them."
                ),
                is_needed=False,
                in_letter=True,
                tracks=IMMEDIATE,
            ),
            Field(
                "tooling",
                gettext_lazy("Tools and moulds"),
                gettext_lazy("Whose they are and where they go."),
                is_needed=False,
            ),
            Field(
                "goods",
                gettext_lazy("Stock and goods that stay behind"),
                gettext_lazy("Who keeps or disposes of them (C2). Stands in the notice."),
                is_needed=False,
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "stock",
                gettext_lazy("Goods of theirs in our hands"),
                gettext_lazy("Where they are held and what becomes of them (C2)."),
                tracks=IMMEDIATE,
            ),
        ),
    ),
    Section(
        "people",
        pgettext_lazy("exit plan", "People"),
        gettext_lazy("Those whose work depends on these orders."),
        (
            Field(
                "severance",
                gettext_lazy("Wages and severance"),
                gettext_lazy("What evidence is asked for: totals, never names."),
            ),
            Field("remedy", gettext_lazy("What we contribute to remedy")),
            Field(
                "people_words",
                gettext_lazy("What the notice says about them"),
                gettext_lazy("May be left empty."),
                is_needed=False,
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
        ),
    ),
    Section(
        "words",
        gettext_lazy("Words"),
        gettext_lazy("What the company reads, and who speaks with it."),
        (
            Field(
                "ground_words",
                gettext_lazy("Why, as the notice says it"),
                in_letter=True,
                tracks=IMMEDIATE,
            ),
            Field(
                "notice_text",
                gettext_lazy("Text of the notice"),
                gettext_lazy("Calm and without blame; dates and payment are added by themselves."),
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "spoken_languages",
                gettext_lazy("Languages in which they can talk with us"),
                sort="line",
            ),
            Field(
                "speaker",
                gettext_lazy("Who speaks for us"),
                gettext_lazy("Name and way to reach the person. Stands in the notice."),
                "line",
                in_letter=True,
            ),
        ),
        may_not_apply=False,
    ),
    Section(
        "after",
        gettext_lazy("Afterwards"),
        gettext_lazy("The effects are looked at after 3, 6 and 12 months."),
        (
            Field(
                "follow_up",
                gettext_lazy("Who looks at the effects, and how"),
                gettext_lazy("Harm that is found is followed up."),
            ),
            Field(
                "reentry",
                gettext_lazy("When trade may begin again"),
                gettext_lazy("What must be shown. Stands in the notice."),
                in_letter=True,
                tracks=RESPONSIBLE,
            ),
            Field(
                "reentry_b1",
                gettext_lazy("What would have to be shown for trade to begin again"),
                tracks=IMMEDIATE,
            ),
        ),
        may_not_apply=False,
    ),
)
FIELDS = {field.name: field for section in SECTIONS for field in section.fields}
# before the key of a section, where an event tells why it does not apply
SKIPPED = "skipped:"

# the point of the checklist that meets the duty to pay (clause B5)
PAYMENT = "invoices"
# what winding down asks, before the exit is complete (domain note, section 12, "during")
CHECKLIST: Mapping[str, Any] = {
    "notice": gettext_lazy("The notice reached the company"),
    "orders": gettext_lazy("Orders ran or ended as planned"),
    PAYMENT: gettext_lazy("Invoices are paid"),
    "severance": gettext_lazy("Evidence of wages and severance is in"),
    "stock": gettext_lazy("Stock is held or disposed of"),
    "links": gettext_lazy("Links to sub-suppliers through this company are ended"),
}


@dataclass(frozen=True)
class Lack:
    """One thing a plan lacks: the field it belongs to, and the sentence."""

    name: str
    sentence: str


def sections_of(track: str) -> list[Section]:
    """Return the sections with the fields that this track has."""
    return [
        Section(
            one.key,
            one.title,
            one.about,
            tuple(field for field in one.fields if track in field.tracks),
            one.may_not_apply and track == ExitTrack.IMMEDIATE,
        )
        for one in SECTIONS
    ]


def not_applicable_at_first() -> dict[str, str]:
    """Return what the immediate track does without, with the reason (domain note, section 12)."""
    reason = _("Not applicable, B1: goods made there are not taken, whatever the effects.")
    return dict.fromkeys(("before", "leaving", "staying"), reason)


def lacks(track: str, values: Mapping[str, Any], not_applicable: Mapping[str, str]) -> list[Lack]:
    """Return what is missing for a decision, in the order of the page; empty when complete."""
    return [
        lack
        for section in sections_of(track)
        if not (section.may_not_apply and not_applicable.get(section.key))
        for lack in _lacks_of(section, values)
    ]


def _lacks_of(section: Section, values: Mapping[str, Any]) -> Iterable[Lack]:
    for field in section.fields:
        if field.is_needed and values.get(field.name) in (None, ""):
            yield Lack(
                field.name,
                _("%(section)s: %(field)s") % {"section": section.title, "field": field.label},
            )
    names = {field.name for field in section.fields}
    is_short = values.get("notice_days") == 0 and not values.get("no_notice_reason")
    if is_short and "no_notice_reason" in names:
        yield Lack("no_notice_reason", _("Say why no notice is given."))


def is_three(
    *, proposers: Iterable[UUID], approvers: Iterable[UUID], counsel: Iterable[UUID]
) -> bool:
    """Tell whether three different people can propose, approve and concur.

    Hall's condition for the three sets; every approver may also propose.
    """
    first, second, third = set(proposers) | set(approvers), set(approvers), set(counsel)
    return (
        bool(second and third)
        and len(second | third) > 1
        and len(first) > 1
        and len(first | third) > 2
    )
