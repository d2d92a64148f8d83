"""Opening the buyer's duties: by an instruction, a reply, a question, a list, the year.

Source: domain note, sections 6 and 9; the table itself stands in `workflows.models.duty`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import Organisation, User
from questionnaires.models import Submission
from workflows import calendar, mail, queries, rules
from workflows.actions import duties
from workflows.enums import DutyKind, DutyState, HelpKind
from workflows.models import Campaign, Case, Duty, Importer, Instruction
from workflows.models.duty import TERMS

# what was asked for, and the duty it opens
HELP_DUTIES = {
    HelpKind.SOURCE: DutyKind.OFFER_SOURCES,
    HelpKind.ADVICE: DutyKind.ASSIST_EVIDENCE,
}
AT_ISSUE = (DutyKind.DIRECT, DutyKind.INSTRUCT, DutyKind.ENCOURAGE)
OFFERED_BY = "inspect"
DENIED = frozenset({"resold", "fate_unknown"})


def opened(  # noqa: PLR0913 - what a duty consists of
    *,
    of: Case | Campaign | Organisation,
    kind: DutyKind,
    by: ledger.Actor,
    key: object,
    about: str = "",
    asked: Collection[str] = (),
    due_at: datetime | None = None,
    reply_code: str = "",
) -> Duty:
    """Open a duty towards a case (which the caller holds), a campaign, or of a buyer.

    `key` tells two acts apart: the same again returns the duty that is there. Without `due_at`
    the clock is that of the register.
    """
    name = f"{kind.lower()}:{of.pk}:{key}"
    if there := Duty.objects.filter(key=name).first():
        return there
    case = of if isinstance(of, Case) else None
    buyer = of if isinstance(of, Organisation) else of.buyer
    terms, now = TERMS[kind], clock.now()
    if due_at is None and terms.days is not None:
        due_at = calendar.after(now, terms.days, buyer.country, buyer.zone)
    duty = Duty.objects.create(
        buyer=buyer,
        case=case,
        campaign=of if isinstance(of, Campaign) else None,
        kind=kind,
        clause=terms.clause,
        reply_code=reply_code,
        asked=list(asked),
        about=about[:2000],
        key=name,
        opened_at=now,
        due_at=due_at,
        owner=_owner(case, terms.roles),
    )
    ledger.record(
        "duty.opened",
        by=by,
        on=case or buyer,
        data={
            "duty": str(duty.pk),
            "kind": str(kind),
            "asked": list(asked),
            "due": ledger.moment(due_at) if due_at else "",
        },
        words={"about": about},
    )
    return duty


def _owner(case: Case | None, roles: Iterable[str]) -> User | None:
    """The reviewer, where the duty is an analyst's; else the role, until a person takes it."""
    if case is None or case.reviewer is None:
        return None
    return case.reviewer if case.reviewer.holds_any(roles, case.buyer_id) else None


def record_issue(held: Case, words: Instruction, by: User) -> None:
    """Record what went with the instruction: B3's direction, B4's instruction, B6's encouragement.

    Part of `issue`. Raises Conflict when the letter holds no words: it is refused without them.
    """
    if not words.text.strip():
        raise Conflict(_("The instruction holds no words, so nothing can be sent."))
    now = clock.now()
    listed = f", SHA-256 {words.list_sha256[:16]}" if words.list_sha256 else ""
    Duty.objects.bulk_create(
        Duty(
            buyer_id=held.buyer_id,
            case=held,
            kind=kind,
            clause=TERMS[kind].clause,
            key=f"{kind.lower()}:{held.pk}:issue",
            opened_at=now,
            due_at=now,
            owner=by,
            state=DutyState.MET,
            settled_by=by,
            settled_at=now,
            proof=f"{words.title[:200]}, SHA-256 {words.sha256[:16]}{listed}",
        )
        for kind in AT_ISSUE
    )
    ledger.record(
        "case.duties_recorded",
        by=by,
        on=held,
        data={"kinds": [str(kind) for kind in AT_ISSUE], "instruction": words.sha256},
    )


def from_submission(held: Case, frozen: Submission, by: User) -> None:
    """Open what a signed reply asks of the buyer; what the reply before asked is moot.

    Help wanted, sites that are new, documents shown for inspection only, denied goods.
    """
    duties.make_moot(held, by)
    wanted = queries.help_wanted(frozen)
    open_help(held, wanted.kinds, wanted.text, by, key=f"reply {frozen.number}")
    _open_sites(held, frozen, by)
    raised = {one["key"] for one in frozen.findings}
    if OFFERED_BY in raised:
        where = str(queries.answers_of(frozen).get("inspect_where") or "")
        opened(of=held, kind=DutyKind.INSPECT, by=by, key=f"reply {frozen.number}", about=where)
    if DENIED & raised:
        duty = opened(of=held, kind=DutyKind.HOLD_GOODS, by=by, key=f"reply {frozen.number}")
        mail.goods_denied(duty)


def _open_sites(held: Case, frozen: Submission, by: User) -> None:
    """One duty for all sites that supply us and were not signed before (clause A2.1).

    Sites of a trade that ended meanwhile are looked into anew.
    """
    sites = queries.sites_for_us(frozen)
    if not sites:
        return
    known: set[str] = set()
    for one in Duty.objects.filter(case=held, kind=DutyKind.SITE_DILIGENCE, is_moot=False):
        known |= set(one.asked)
    new = {row: title for row, title in sites.items() if row not in known}
    if new:
        opened(
            of=held,
            kind=DutyKind.SITE_DILIGENCE,
            by=by,
            key=f"reply {frozen.number}",
            about=_("; ").join(new.values()),
            asked=list(new),
        )


def open_help(
    held: Case, kinds: Collection[str], text: str, by: User, *, key: object
) -> list[Duty]:
    """Open what the buyer owes for the help asked for, a duty for each kind of it (clause B4)."""
    by_duty: dict[DutyKind, list[str]] = {}
    for kind in kinds:
        duty = HELP_DUTIES.get(HelpKind(kind), DutyKind.ADJUST_PURCHASING)
        by_duty.setdefault(duty, []).append(str(kind))
    return [
        opened(of=held, kind=duty, by=by, key=f"help {key}", about=text, asked=asked)
        for duty, asked in by_duty.items()
    ]


def question_asked(held: Case, by: User, key: object) -> None:
    """The supplier wrote: the buyer owes an answer, one for all that is asked meanwhile."""
    waiting = Duty.objects.pending().filter(case=held, kind=DutyKind.ANSWER_QUESTION)
    if not waiting.exists():
        opened(of=held, kind=DutyKind.ANSWER_QUESTION, by=by, key=key)


def open_for_exit(held: Case, by: User, *, immediate: bool, key: object) -> None:
    """Open what an exit that was proposed asks of the buyer; nothing for B1's immediate track."""
    if not immediate:
        opened(of=held, kind=DutyKind.ASSESS_IMPACT, by=by, key=key)


def open_for_exit_approved(
    held: Case, by: User, *, key: object, pay_by: datetime | None = None
) -> None:
    """Open the duty to pay finished and in-progress orders, by the day of the exit's plan."""
    opened(of=held, kind=DutyKind.PAY_ORDERS, by=by, key=key, due_at=pay_by)


@transaction.atomic
def declare_importer(*, buyer: Organisation, by: User, imports: bool) -> Importer:
    """Say whether the buyer imports into the United States; if so it holds one standard (C1)."""
    require(rules.may_declare_importer(by, buyer.pk))
    held = Organisation.objects.select_for_update(of=("self",)).get(pk=buyer.pk)
    known = queries.importer_of(buyer.pk)
    if known is not None and known.imports == imports:
        return known
    now = clock.now()
    said, _new = Importer.objects.update_or_create(
        buyer=held, defaults={"imports": imports, "said_by": by, "said_at": now}
    )
    ledger.record("buyer.importer_declared", by=by, on=held, data={"imports": imports})
    if imports:
        _open_standard(held, by)
    else:
        waiting = Duty.objects.pending().filter(buyer=held, kind=DutyKind.ONE_STANDARD)
        duties.close_moot(waiting, held, by)
    return said


def _open_standard(buyer: Organisation, by: ledger.Actor) -> None:
    now = clock.now()
    due_at = calendar.end_of((now + timedelta(days=365)).date(), buyer.zone)
    opened(of=buyer, kind=DutyKind.ONE_STANDARD, by=by, key=now.date(), due_at=due_at)


@transaction.atomic
def log_denial(*, buyer: Organisation, by: User, about: str) -> Duty:
    """Log goods of the buyer's own that were refused entry: held back within a day (clause C2)."""
    require(rules.may_log_denial(by, buyer.pk))
    held = Organisation.objects.select_for_update(of=("self",)).get(pk=buyer.pk)
    same = Duty.objects.pending().filter(buyer=held, kind=DutyKind.HOLD_GOODS, about=about)
    if there := same.first():
        return there  # the same form sent twice
    number = Duty.objects.filter(buyer=held, kind=DutyKind.HOLD_GOODS, case=None).count()
    duty = opened(of=held, kind=DutyKind.HOLD_GOODS, by=by, key=number + 1, about=about)
    mail.goods_denied(duty)
    return duty


def list_changed(buyer: Organisation, by: User, key: object) -> None:
    """A list of prohibited companies came in: the tiers are looked through anew (clause A)."""
    opened(of=buyer, kind=DutyKind.MAP_TIERS, by=by, key=f"list {key}")


def open_yearly() -> int:
    """Open what is due each year: mapping the tiers, and one standard for importers."""
    now, done = clock.now(), 0
    for buyer in list(queries.to_map(now)):
        with transaction.atomic():
            opened(of=buyer, kind=DutyKind.MAP_TIERS, by="clock", key=now.date())
        done += 1
    for buyer in list(queries.to_hold_one_standard(now)):
        with transaction.atomic():
            _open_standard(buyer, "clock")
        done += 1
    return done
