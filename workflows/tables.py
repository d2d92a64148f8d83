"""The desk's table: filter, sort, search and keyset pages, in SQL and in bounded rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case as Switch,
)
from django.db.models import (
    Count,
    Exists,
    Expression,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import clock
from portal.enums import Role
from portal.models import User
from workflows import outcome, queries
from workflows.enums import ExitRole, Level, ReplyCode, RungKind, Stage, Verb
from workflows.models import Case, ExitConsent, ExitPlan, Finding
from workflows.models.case import WITH_SUPPLIER
from workflows.queries.references import as_reference

ROWS_A_PAGE = 50
# Beyond this a page says "more than": counting all would grow with the table.
COUNTED = 1_000
# from how many days before it is due a look at the effects of an exit waits for somebody
SOON = 14

# The stages a case may be in today, in their order.
STAGES = (
    Stage.DRAFT,
    Stage.INSTRUCTED,
    Stage.ANSWERING,
    Stage.QUERIED,
    Stage.REVIEW,
    Stage.WITH_COUNSEL,
    Stage.EXIT_REVIEW,
    Stage.EXIT_APPROVAL,
    Stage.WINDING_DOWN,
    Stage.DISENGAGED,
    Stage.CLEARED,
    Stage.WITHDRAWN,
)
COLOURS: Mapping[str, str] = {
    Stage.INSTRUCTED: "harbour",
    Stage.ANSWERING: "harbour",
    Stage.QUERIED: "amber",
    Stage.REVIEW: "amber",
    Stage.WITH_COUNSEL: "violet",
    Stage.EXIT_REVIEW: "amber",
    Stage.EXIT_APPROVAL: "red",
    Stage.WINDING_DOWN: "red",
    Stage.CLEARED: "green",
}
VIEWS = {
    "open": pgettext_lazy("cases", "Open"),
    "waiting": _("Waiting for me"),
    "mine": _("Mine"),
    "late": _("Late"),
    "all": _("All"),
}


@dataclass(frozen=True)
class Sort:
    """A column to sort by: its expression, and how its value is written and read back."""

    expression: Callable[[], Expression | F]
    read: Callable[[str], Any] = str


def _shown_name() -> Coalesce:
    """The name a reader sees first: the English one, unless the page is Chinese."""
    first, second = ("name", "name_en") if is_chinese() else ("name_en", "name")
    return Coalesce(NullIf(F(f"supplier__{first}"), Value("")), F(f"supplier__{second}"))


def _stage_number() -> Switch:
    whens = [When(stage=stage, then=Value(number)) for number, stage in enumerate(Stage)]
    return Switch(*whens, default=Value(len(Stage)), output_field=IntegerField())


SORTS: Mapping[str, Sort] = {
    "due": Sort(lambda: F("next_act_at"), parse_datetime),
    "supplier": Sort(_shown_name),
    "stage": Sort(_stage_number, int),
    "sent": Sort(lambda: F("issued_at"), parse_datetime),
}


@dataclass(frozen=True)
class Wanted:
    """What the reader asked for; anything not known stands for its default."""

    view: str = "open"
    stage: str = ""
    words: str = ""
    campaign: str = ""
    sort: str = "due"
    descending: bool = False
    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class Flag:
    text: str
    colour: str


@dataclass(frozen=True)
class Row:
    """One case as the desk shows it."""

    case: Case
    name: str
    other_name: str
    colour: str
    proposal: str
    waiting: queries.Waiting
    is_late: bool
    flags: list[Flag]


@dataclass(frozen=True)
class Page:
    """One page of the desk; `previous` and `next` are the keys of its neighbours, or empty."""

    rows: list[Row]
    previous: str = ""
    next: str = ""
    count: int = 0
    views: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_more(self) -> bool:
        return self.count > COUNTED


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def names(case: Case) -> tuple[str, str]:
    """Return the supplier's name as the reader sees it first, and the other one."""
    supplier = case.supplier
    pair = (supplier.name, supplier.name_en)
    first, second = pair if is_chinese() else pair[::-1]
    return (first, second) if first else (second, "")


def desk(user: User, wanted: Wanted) -> Page:
    """Return one page of the cases this person works on; four queries, bounded rows."""
    now = clock.now()
    matching = _filtered(user, wanted, now)
    rows, previous, following = _paged(matching, wanted)
    return Page(
        rows=[_row(case, user, now) for case in rows],
        previous=previous,
        next=following,
        count=matching[: COUNTED + 1].count(),
        views=_views(user, wanted, now),
    )


def _views(user: User, wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    waiting = Case.objects.on_desk_of(user).filter(_view("waiting", user, now))
    counts = {"waiting": waiting[:100].count()}
    return [
        {"key": key, "label": label, "is_current": key == wanted.view, "count": counts.get(key)}
        for key, label in VIEWS.items()
    ]


def _filtered(user: User, wanted: Wanted, now: datetime) -> QuerySet[Case]:
    found = Case.objects.on_desk_of(user)
    if wanted.stage in STAGES:
        found = found.filter(stage=wanted.stage)
        if wanted.view not in {"open", "all"}:
            found = found.filter(_view(wanted.view, user, now))
    else:
        found = found.filter(_view(wanted.view, user, now))
    if wanted.words:
        found = found.filter(_named(wanted.words))
    if wanted.campaign:
        found = found.filter(campaign__name__icontains=wanted.campaign)
    return found


def _named(words: str) -> Q:
    return (
        Q(supplier__name__icontains=words)
        | Q(supplier__name_en__icontains=words)
        | Q(supplier__reference__icontains=words)
        | Q(reference__startswith=as_reference(words))
    )


def _view(view: str, user: User, now: datetime) -> Q:
    is_open = ~Q(stage__in=[Stage.DRAFT, *queries.ENDED])
    if view == "all":
        return ~Q(stage=Stage.DRAFT)
    if view == "mine":
        own = Q(reviewer=user) | Q(escalated_person=user) | Q(campaign__created_by=user)
        return is_open & own
    if view == "waiting":
        return _waiting_for(user)
    if view == "late":
        return is_open & _late(now)
    return is_open


def _late(now: datetime) -> Q:
    with_supplier = Q(stage__in=WITH_SUPPLIER)
    return (
        (with_supplier & Q(due_at__lt=now))
        | (~with_supplier & Q(next_act_at__lt=now))
        | Q(stage=Stage.REVIEW, lapsed_at__isnull=False)
    )


def _waiting_for(user: User) -> Q:
    """What each role has to do next, in the companies where this person holds it."""
    review = Q(stage=Stage.REVIEW)
    claimed = review & Q(reply_code=ReplyCode.LEGAL_CONSTRAINT_CLAIMED)
    put_before = review & Q(escalated_person__isnull=False)
    put_last = put_before & (Q(proposed_at=None) | Q(proposed_at__lt=F("escalated_at")))
    recommended = review & Q(proposed_by__isnull=False) & ~put_last
    with_supplier = Q(stage__in=WITH_SUPPLIER)
    nobody_reached = with_supplier & (
        Q(wrong_person_at__isnull=False) | Q(put_off_at__isnull=False) | ~Q(stall="")
    )
    chased = Q(chase__in=[RungKind.SECOND_CONTACT, RungKind.PHONE]) | Q(wish_on__isnull=False)
    analysts = (
        (review & ~put_last & Q(proposed_by=None)) | nobody_reached | (with_supplier & chased)
    )
    return (
        (put_last & Q(escalated_person=user))
        | (_where(user, Role.APPROVER) & recommended & ~Q(proposed_by=user))
        | (_where(user, Role.APPROVER) & review & queries.waits_for_reading())
        | (_where(user, Role.APPROVER) & with_supplier & Q(chase=RungKind.APPROVER))
        | ((_where(user, Role.COUNSEL) | _granted(user)) & (Q(stage=Stage.WITH_COUNSEL) | claimed))
        | (_where(user, Role.ANALYST) & analysts)
        | (_where(user, Role.CAMPAIGN_MANAGER) & nobody_reached)
        | _exit_waits_for(user)
    )


def _exit_waits_for(user: User) -> Q:
    """What an exit asks of each role; who proposed or presented it, or agreed, decides no more."""
    agreed = ExitConsent.objects.filter(
        plan__case=OuterRef("pk"), plan__ended_at=None, verb=Verb.APPROVE_EXIT
    )
    presented = ExitPlan.objects.standing().filter(case=OuterRef("pk"), presented_by=user)
    deciding = (
        Q(stage=Stage.EXIT_APPROVAL)
        & ~Q(proposed_by=user)
        & ~Exists(presented)
        & ~Exists(agreed.filter(by=user))
    )
    approver = deciding & ~Exists(agreed.filter(role=ExitRole.APPROVER))
    counsel = deciding & ~Exists(agreed.filter(role=ExitRole.COUNSEL))
    effects = Q(stage=Stage.DISENGAGED, next_act_at__lt=clock.now() + timedelta(days=SOON))
    analysts = Q(stage__in=[Stage.EXIT_REVIEW, Stage.WINDING_DOWN]) | effects
    return (
        (_where(user, Role.APPROVER) & approver)
        | ((_where(user, Role.COUNSEL) | _granted(user)) & counsel)
        | (_where(user, Role.ANALYST) & analysts)
    )


def _where(user: User, role: Role) -> Q:
    return Q(buyer_id__in=[pk for pk, held in user.roles.items() if role in held])


def _granted(user: User) -> Q:
    """Cases this person was let into as outside counsel: counsel's acts are its own there."""
    return Q(chain_id__in=user.granted)


def _paged(found: QuerySet[Case], wanted: Wanted) -> tuple[list[Any], str, str]:
    """Find the page's keys by a lean query, then load what its rows show for these alone."""
    sort = SORTS.get(wanted.sort, SORTS["due"])
    rows = found.annotate(sort_value=sort.expression())
    is_back = bool(wanted.before)
    key = _read(sort, wanted.before or wanted.after)
    if key is not None:
        rows = rows.filter(_beyond(*key, descending=wanted.descending, is_back=is_back))
    is_falling = wanted.descending != is_back
    column = F("sort_value")
    nulls = {"nulls_first": True} if is_back else {"nulls_last": True}
    ordered = column.desc(**nulls) if is_falling else column.asc(**nulls)
    keys = list(
        rows.order_by(ordered, "-pk" if is_back else "pk").values_list("pk", "sort_value")[
            : ROWS_A_PAGE + 1
        ]
    )
    has_more, keys = len(keys) > ROWS_A_PAGE, keys[:ROWS_A_PAGE]
    if is_back:
        keys.reverse()
    if not keys:
        return [], "", ""
    has_previous = has_more if is_back else key is not None
    has_next = True if is_back else has_more
    return (
        _loaded([pk for pk, _value in keys]),
        _written(*keys[0]) if has_previous else "",
        _written(*keys[-1]) if has_next else "",
    )


def _loaded(keys: list[UUID]) -> list[Any]:
    found = {case.pk: case for case in _with_what_a_row_shows(Case.objects.filter(pk__in=keys))}
    return [found[pk] for pk in keys]


def _beyond(value: Any, pk: UUID, *, descending: bool, is_back: bool) -> Q:
    """Rows that come after a key, or before it when paging back; what has no value is last."""
    further = Q(pk__lt=pk) if is_back else Q(pk__gt=pk)
    if value is None:
        same = Q(sort_value__isnull=True) & further
        return same | Q(sort_value__isnull=False) if is_back else same
    side = "lt" if descending != is_back else "gt"
    found = Q(**{f"sort_value__{side}": value}) | (Q(sort_value=value) & further)
    return found if is_back else found | Q(sort_value__isnull=True)


def _written(pk: UUID, value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else value
    return f"{pk}~{'' if text is None else text}"


def _read(sort: Sort, key: str) -> tuple[Any, UUID] | None:
    """Read a page's key; one that is none of ours means the first page."""
    pk, _sign, value = key.partition("~")
    try:
        read = sort.read(value) if value else None
        if value and read is None:
            return None
        return read, UUID(pk)
    except ValueError:
        return None


def _with_what_a_row_shows(found: QuerySet[Case]) -> QuerySet[Case]:
    blocking = (
        Finding.objects.filter(case=OuterRef("pk"), state__in=outcome.UNRESOLVED)
        .exclude(level__in=outcome.SILENT_LEVELS)
        .order_by()
        .values("case")
        .annotate(number=Count("pk"))
        .values("number")
    )
    held = Evidence.objects.held().filter(chain=OuterRef("chain"), state=EvidenceState.HELD)
    limits = Finding.objects.filter(
        case=OuterRef("pk"), level=Level.COUNSEL, state__in=outcome.UNRESOLVED
    )
    return found.select_related(
        "supplier", "buyer", "campaign", "contact", "reviewer", "escalated_person", "proposed_by"
    ).annotate(
        open_findings=Coalesce(Subquery(blocking, output_field=IntegerField()), 0),
        has_held_file=Exists(held),
        has_limit=Exists(limits),
        has_late_duty=queries.has_late_duty(clock.now()),
    )


def _row(case: Any, user: User, now: datetime) -> Row:
    name, other = names(case)
    return Row(
        case=case,
        name=name,
        other_name=other,
        colour=COLOURS.get(case.stage, ""),
        proposal=_proposal(case),
        waiting=queries.waiting_for(case),
        is_late=queries.is_overdue(case, now),
        flags=list(_flags(case, user, now)),
    )


def _proposal(case: Any) -> str:
    """What is stored of a proposal: who recommends clearing, or what the reply was read as."""
    if case.proposed_by_id is not None and case.stage == Stage.REVIEW:
        return str(_("Clear, says %(name)s")) % {"name": case.proposed_by}
    if case.reply_code:
        return str(ReplyCode(case.reply_code).label)
    return ""


def _flags(case: Any, user: User, now: datetime) -> list[Flag]:
    is_open = case.stage not in queries.ENDED
    in_review = case.stage == Stage.REVIEW
    to_me = case.escalated_person_id == user.pk
    held = case.has_limit or case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    said = [
        (queries.is_overdue(case, now), _("Overdue"), "red"),
        (case.is_late, _("Time ran out"), "red"),
        (case.put_off_at is not None and case.is_with_supplier, _("Nobody reached"), "red"),
        (bool(case.stall), _("Mail did not arrive"), "red"),
        (bool(case.chase), _("No answer yet"), "amber"),
        (case.wish_on is not None, _("More time asked for"), "amber"),
        (case.wrong_person_at is not None and is_open, _("Wrong person"), "red"),
        (in_review and to_me, _("Put before you"), "violet"),
        (in_review and case.escalated_person_id is not None and not to_me, _("Escalated"), ""),
        (in_review and case.proposed_by_id is not None, _("Recommended"), "green"),
        (is_open and held, _("Held for counsel"), "violet"),
        (in_review and case.reply_code in outcome.TALKS, _("Being settled"), "violet"),
        (is_open and case.has_late_duty, _("Our duty is late"), "red"),
        (is_open and case.has_held_file, _("File held"), "amber"),
    ]
    return [Flag(str(text), colour) for holds, text, colour in said if holds]
