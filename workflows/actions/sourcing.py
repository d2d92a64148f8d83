"""What a buyer learned elsewhere: recorded, weighed, raised as a finding, and lifted again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.core.files import File
from django.utils.translation import gettext as _

from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, Origin
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, require
from portal.enums import Language, Role
from portal.models import User
from workflows import engine, mail, outcome, queries, rules
from workflows.actions.finding import goes_stale
from workflows.actions.receiving import receive
from workflows.enums import FindingState, Level, Stage, Verb
from workflows.models import Case, Finding, Source
from workflows.models.case import WITH_SUPPLIER

OUTSIDE = "outside"


@dataclass(frozen=True)
class Learned:
    """A source as recorded: what it is, who published it, what it says about whom.

    `file` is checked like any evidence; `findings` are the keys of those it bears on.
    """

    kind: str
    title: str
    publisher: str
    about: str
    subject: str
    says: str
    grade: str
    author: str = ""
    published_on: date | None = None
    page: str = ""
    address: str = ""
    language: str = ""
    file: File | None = None
    findings: tuple[UUID, ...] = field(default_factory=tuple)


def record_source(*, case: Case, by: User, learned: Learned) -> Source:
    """Write down what was learned elsewhere; the buyer's side only, never the supplier's.

    The file is stored before the case is held. Raises Refused, Conflict.
    """
    require(rules.may_record_source(by, case))
    evidence = _kept(case, by, learned, learned.file) if learned.file else None
    with engine.locked(case) as held:
        require(rules.may_record_source(by, held))
        source = Source.objects.create(
            buyer_id=held.buyer_id,
            case=held,
            kind=learned.kind,
            title=learned.title,
            publisher=learned.publisher,
            author=learned.author,
            published_on=learned.published_on,
            page=learned.page,
            address=learned.address,
            language=learned.language,
            about=learned.about,
            subject=learned.subject,
            says=learned.says,
            evidence=evidence,
            grade=learned.grade,
            recorded_by=by,
            recorded_at=clock.now(),
        )
        source.findings.set(_findings(held, learned.findings))
        ledger.record(
            "source.recorded",
            by=by,
            on=held,
            data={
                "source": str(source.pk),
                "kind": source.kind,
                "grade": source.grade,
                "about": source.about,
                "evidence": str(evidence.pk) if evidence else "",
                "findings": sorted(str(one) for one in learned.findings),
            },
            words={"title": source.title, "publisher": source.publisher, "says": source.says},
        )
        if learned.findings:
            goes_stale(held)
    return source


def _kept(case: Case, by: User, learned: Learned, file: File) -> Evidence:
    described = Description(
        kind=EvidenceKind.OUTSIDE_SOURCE,
        issuer=learned.publisher,
        issued_on=learned.published_on,
    )
    return receive(
        case=case, by=by, file=file, described=described, arrival=Arrival(origin=Origin.BUYER)
    )


def _findings(case: Case, wanted: Iterable[UUID]) -> list[Finding]:
    keys = set(wanted)
    found = list(queries.outside_findings(case).filter(pk__in=keys))
    if len(found) != len(keys):
        raise Conflict(_("A finding you chose was settled meanwhile. Look at the case again."))
    return found


@dataclass(frozen=True)
class Weight:
    """How a source is weighed: its grade, whether it counts, which findings it bears on."""

    grade: str
    counts: bool
    findings: tuple[UUID, ...]
    reason: str


def weigh_source(*, source: Source, by: User, weight: Weight) -> Source:
    """Grade a source anew, with a reason; a confirmed finding it no longer carries opens again."""
    with engine.locked(source.case) as held:
        require(rules.may_record_source(by, held))
        fresh = Source.objects.get(pk=source.pk)
        before = set(fresh.findings.values_list("pk", flat=True))
        known = (fresh.grade, fresh.counts, fresh.reason, fresh.weighed_by_id, before)
        now = (weight.grade, weight.counts, weight.reason, by.pk, set(weight.findings))
        if known == now:
            return fresh  # the same form sent twice
        fresh.grade, fresh.counts, fresh.reason = weight.grade, weight.counts, weight.reason
        fresh.weighed_by, fresh.weighed_at = by, clock.now()
        fresh.save(update_fields=["grade", "counts", "reason", "weighed_by", "weighed_at"])
        # what a settled finding rested on stays as it was
        settled = list(fresh.findings.exclude(state__in=outcome.UNRESOLVED))
        wanted = set(weight.findings) - {one.pk for one in settled}
        carried = [*_findings(held, wanted), *settled]
        fresh.findings.set(carried)
        ledger.record(
            "source.weighed",
            by=by,
            on=held,
            data={
                "source": str(fresh.pk),
                "grade": weight.grade,
                "counts": weight.counts,
                "findings": sorted(str(one.pk) for one in carried),
            },
            words={"reason": weight.reason},
        )
        _reopen_what_falls(held, before | set(weight.findings))
        goes_stale(held)
    return fresh


def _reopen_what_falls(case: Case, touched: set[UUID]) -> None:
    confirmed = Finding.objects.filter(
        case=case, pk__in=touched, submission=None, state=FindingState.CONFIRMED
    )
    for finding in confirmed:
        if queries.lacks_sources(finding):
            finding.state = FindingState.OPEN
            finding.save(update_fields=["state"])
            ledger.record(
                "finding.reopened", by="installation", on=case, data={"finding": str(finding.pk)}
            )


@dataclass(frozen=True)
class Raised:
    """A finding from elsewhere: the clause, whose production, about whom, in plain words."""

    clause: str
    scope: str
    about: str
    subject: str
    text: str
    sources: tuple[UUID, ...]


def raise_finding(*, case: Case, task: int | None, by: User, raised: Raised) -> Finding:
    """Raise a finding upon sources; the case comes to review and the form stays open.

    In review, remediation and suspension it stays where it is; a cleared case gets a new
    run (domain note, section 8). `task` is None for a cleared case. Raises Refused, Conflict.
    """
    if case.stage == Stage.CLEARED:
        return _reopen(case, by, raised)
    with engine.holding(case, task or 0, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_raise(by, held))
        moves = not rules.stays(held)
        left = _leave_open(held) if moves else {}
        finding = _raise(held, by, raised, moves=moves, left=left)
        if not moves:
            goes_stale(held)
            return finding
        _comes_to_review(held)
        step.finish(by, Verb.RAISE_FINDING)
    return finding


def _reopen(case: Case, by: User, raised: Raised) -> Finding:
    with engine.locked(case) as held:
        require(rules.may_raise_finding(by, held))
        if held.stage != Stage.CLEARED:
            raise Conflict(_("This step was already taken. Please look at the case as it is now."))
        finding = _raise(held, by, raised, moves=True)
        held.cleared_at = held.ended_at = None
        held.last_verb = Verb.RAISE_FINDING
        _comes_to_review(held)
        engine.start(held, by, raised.text[:400], at="reopen")
    return finding


def _raise(
    case: Case, by: User, raised: Raised, *, moves: bool, left: Mapping[str, object] | None = None
) -> Finding:
    sources = list(Source.objects.filter(case=case, pk__in=raised.sources))
    if not sources or len(sources) != len(set(raised.sources)):
        raise Conflict(_("A finding from elsewhere rests on a source: choose at least one."))
    same = queries.outside_findings(case).filter(clause=raised.clause, subject=raised.subject)
    if any(raised.text in one.text.values() for one in same):
        raise Conflict(_("This finding was raised already and is not settled yet."))
    level = outcome.level_of(clause=raised.clause, about=raised.about)
    finding = Finding.objects.create(
        buyer_id=case.buyer_id,
        case=case,
        key=OUTSIDE,
        item=str(uuid4()),
        clause=raised.clause,
        level=level,
        scope=raised.scope,
        about=raised.about,
        subject=raised.subject,
        # said once, in the language of whoever raised it
        text=dict.fromkeys(Language.values, raised.text),
        raised_by=by,
        raised_at=clock.now(),
    )
    finding.sources.set(sources)
    entry = ledger.record(
        "case.finding_raised" if moves else "finding.raised",
        by=by,
        on=case,
        data={
            "finding": str(finding.pk),
            "clause": finding.clause,
            "level": str(level),
            "scope": finding.scope,
            "about": finding.about,
            "sources": sorted(str(one.pk) for one in sources),
            "from": str(case.stage),
            **(left or {}),
        },
        words={"subject": finding.subject, "text": raised.text},
    )
    if level == Level.EXIT:
        approvers = queries.people(case.buyer_id, Role.APPROVER)
        mail.finding_raised(case, approvers, entry.seq)
    return finding


def _leave_open(case: Case) -> dict[str, object]:
    """Keep the supplier's form open, and let counsel's clocks stop standing still.

    Returns what the event tells of it.
    """
    now = clock.now()
    was = case.held_from or case.stage
    told: dict[str, object] = {"left_open": was in WITH_SUPPLIER}
    if was in WITH_SUPPLIER:
        case.left_open_at = now
    if case.held_at is not None and case.due_at and case.lapse_at:
        days_held = now - case.held_at
        case.due_at += days_held
        case.lapse_at += days_held
        told |= {"due": ledger.moment(case.due_at), "lapse": ledger.moment(case.lapse_at)}
    if case.held_at is not None:
        case.held_from, case.held_at = "", None
    return told


def _comes_to_review(case: Case) -> None:
    case.proposed_by = case.proposed_at = None
    case.escalated_to, case.escalated_person, case.escalated_at = "", None, None
    case.next_act_at = case.ours_by(clock.now(), case.policy.review_days)


def lift_presumption(
    *, case: Case, task: int, by: User, evidence: tuple[UUID, ...], reason: str
) -> Case:
    """Lift clause B's presumption: by evidence and a decision, never by itself.

    Refused while a finding that raised it is still confirmed. Raises Refused, Conflict.
    """
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_lift_presumption(by, held))
        if queries.still_presumed(held):
            raise Conflict(
                _("A finding that raises the presumption is still confirmed: settle it first.")
            )
        files = list(Evidence.objects.released().filter(chain_id=held.chain_id, pk__in=evidence))
        if not files or len(files) != len(set(evidence)):
            raise Conflict(_("Choose the documents that the decision rests on."))
        standing = queries.presumption_of(held)
        if standing is None:
            raise Conflict(_("No presumption stands over this case."))
        standing.lifted_by, standing.lifted_at = by, clock.now()
        standing.reason = reason
        standing.save(update_fields=["lifted_by", "lifted_at", "reason"])
        standing.evidence.set(files)
        held.presumed_at = None
        held.save(update_fields=["presumed_at"])
        ledger.record(
            "case.presumption_lifted",
            by=by,
            on=held,
            data={"evidence": sorted(str(one.pk) for one in files)},
            words={"reason": reason},
        )
    return held
