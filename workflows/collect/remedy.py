"""A dossier's chapters on what was learned elsewhere, on plans and on pauses of trade."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from documents import chapters
from documents.enums import Grade
from portal.models import User
from portal.templatetags.portal import day
from workflows import plans, queries
from workflows.collect import common, replay
from workflows.collect.past import Past
from workflows.enums import FindingState, LineOwner, PlanState, Scope, SubjectKind, Trading
from workflows.models import (
    Case,
    Finding,
    Inquiry,
    Milestone,
    Plan,
    PlanVersion,
    Presumption,
    Source,
    Suspension,
)


def elsewhere(
    case: Case, language: str, *, names: bool, then: Past | None = None
) -> chapters.Elsewhere | None:
    """Collect sources, findings upon them, hearings and presumptions; None if there is none.

    `names` says whether respondents are named (the counsel edition alone); `then` is the
    earlier moment to tell of.
    """
    known = list(queries.sources_of(case))
    sources = replay.sources(known, then) if then else known
    findings = replay.outside(then) if then else _findings(case)
    rows = (
        Presumption.objects.filter(case=case)
        .select_related("finding", "lifted_by")
        .prefetch_related("evidence")
        .order_by("raised_at", "pk")
    )
    presumptions = replay.presumptions(rows, then.at) if then else list(rows)
    if not (sources or findings or presumptions):
        return None
    queries.hear(findings)
    carrying = replay.carrying(known, then) if then else _carrying(findings)
    return chapters.Elsewhere(
        sources=tuple(_source(one) for one in sources),
        findings=tuple(
            _finding(one, carrying.get(str(one.pk), ()), language, then, names=names)
            for one in findings
        ),
        presumptions=tuple(_presumption(one) for one in presumptions),
    )


def _findings(case: Case) -> list[Finding]:
    rows = Finding.objects.filter(case=case, submission=None)
    return list(rows.select_related("raised_by", "judged_by").order_by("raised_at", "pk"))


def _carrying(findings: Iterable[Finding]) -> Mapping[str, Sequence[Source]]:
    return {
        str(one.pk): sorted(one.sources.all(), key=lambda source: (source.recorded_at, source.pk))
        for one in findings
    }


def _source(one: Source) -> chapters.SourceItem:
    cited = [
        one.author,
        day(one.published_on),
        _("page %(page)s") % {"page": one.page} if one.page else "",
        one.language,
    ]
    return chapters.SourceItem(
        kind=one.get_kind_display(),
        title=one.title,
        publisher=one.publisher,
        about=f"{SubjectKind(one.about).label}: {one.subject}",
        says=one.says,
        grade=str(Grade(one.grade).label),
        counts=one.counts,
        cited=", ".join(filter(None, cited)),
        address=one.address,
        sha256=one.evidence.sha256 if one.evidence else "",
        recorded_by=str(one.recorded_by),
        recorded_at=common.moment(one.recorded_at),
        reason=one.reason,
    )


def _finding(
    one: Finding, sources: Iterable[Source], language: str, then: Past | None, *, names: bool
) -> chapters.OutsideFinding:
    asked = replay.inquiries(one.inquiries.all(), then.at) if then else one.inquiries.all()
    return chapters.OutsideFinding(
        clause=one.clause,
        text=one.text.get(language) or one.text.get("en", ""),
        about=f"{SubjectKind(one.about).label}: {one.subject}",
        scope=str(Scope(one.scope).label),
        state=str(FindingState(one.state).label),
        raised_by=str(one.raised_by or ""),
        raised_at=common.moment(one.raised_at),
        sources=tuple(f"{source.title} ({source.publisher})" for source in sources),
        hearings=tuple(_hearing(inquiry, then, names=names) for inquiry in asked),
        judged=_by(one.judged_by, one.judged_at),
        reason=one.reason,
    )


def _hearing(one: Inquiry, then: Past | None, *, names: bool) -> chapters.Hearing:
    replied_by = ""
    if one.replied_at is not None:
        replied_by = str(one.replied_by) if names else _("Supplier")
    return chapters.Hearing(
        question=one.text,
        asked_by=str(one.asked_by),
        asked_at=common.moment(one.asked_at),
        due=common.moment(one.due_at),
        reply=one.reply,
        replied_by=replied_by,
        replied_at=common.moment(one.replied_at),
        files=_names(one, then),
    )


def _presumption(one: Presumption) -> chapters.PresumptionItem:
    return chapters.PresumptionItem(
        raised=_("by a confirmed finding under %(clause)s") % {"clause": one.finding.clause},
        raised_at=common.moment(one.raised_at),
        lifted=str(one.lifted_by or ""),
        lifted_at=common.moment(one.lifted_at),
        reason=one.reason,
        evidence=tuple(file.name for file in one.evidence.all()) if one.lifted_at else (),
    )


def _names(row: Inquiry | Milestone, then: Past | None) -> tuple[str, ...]:
    """Name the files of a reply or a step: those that had come by then."""
    files = replay.files(row, then) if then else list(row.files.all())
    return tuple(one.name for one in files)


def remedy(case: Case, *, names: bool, then: Past | None = None) -> chapters.Remedy | None:
    """Collect plans and pauses of trade; None if there was none. The rest as in `elsewhere`."""
    versions = list(
        PlanVersion.objects.filter(plan__case=case)
        .select_related("plan__agreed_by", "plan__closed_by", "shown_by")
        .prefetch_related("remarks__by")
        .order_by("plan__number", "number")
    )
    rows = Milestone.objects.filter(plan__case=case).select_related("plan", "judged_by")
    milestones = list(rows.prefetch_related("files").order_by("due_at", "key"))
    pauses = list(
        Suspension.objects.filter(case=case).select_related("by", "ended_by").order_by("at")
    )
    if then:
        versions, milestones = replay.plans(case, then, versions, milestones)
        pauses = replay.pauses(pauses, then)
    steps: dict[object, list[Milestone]] = {}
    for one in milestones:
        steps.setdefault(one.plan_id, []).append(one)
    found = tuple(_plan(one, steps, then, names=names) for one in versions)
    return chapters.Remedy(found, tuple(map(_pause, pauses))) if found or pauses else None


def _plan(
    version: PlanVersion,
    steps: dict[object, list[Milestone]],
    then: Past | None,
    *,
    names: bool,
) -> chapters.PlanItem:
    plan, content = version.plan, plans.restored(version.content)
    is_agreed = plan.agreed_id == version.pk
    return chapters.PlanItem(
        number=plan.number,
        version=version.number,
        sha256=version.sha256,
        state=_state(plan, is_agreed=is_agreed),
        shown=_by(version.shown_by, version.shown_at),
        orders=content.orders,
        consequence=content.consequence,
        accepted=_accepted(version, names=names),
        agreed=_by(plan.agreed_by, plan.agreed_at) if is_agreed else "",
        closed=_by(plan.closed_by, plan.closed_at) if is_agreed else "",
        lines=tuple(
            chapters.PlanLine(
                action=line.action,
                cause=line.cause,
                owner=str(LineOwner(line.owner).label),
                step=line.step,
                evidence=line.evidence,
                help=line.help,
            )
            for line in content.lines
        ),
        steps=tuple(_step(one, then) for one in steps.get(plan.pk, []))
        if is_agreed
        else tuple(_planned(step) for step in content.in_order),
        remarks=tuple(
            f"{one.by if names else _('Supplier')}: {one.text}"
            for one in version.remarks.all()
            if then is None or one.at <= then.at
        ),
    )


def _state(plan: Plan, *, is_agreed: bool) -> str:
    if is_agreed:
        return str(PlanState(plan.state).label)
    return _("Shown, not agreed")


def _accepted(version: PlanVersion, *, names: bool) -> str:
    if version.accepted_at is None:
        return ""
    accepted_on = day(version.accepted_at)
    if not names:
        return _("By the supplier's signatory, %(day)s, with a fresh code") % {"day": accepted_on}
    return _("%(name)s, %(title)s (%(authority)s), %(day)s, with a fresh code") % {
        "name": version.signatory_name,
        "title": version.signatory_title,
        "authority": version.authority,
        "day": accepted_on,
    }


def _step(one: Milestone, then: Past | None) -> chapters.PlanStep:
    return chapters.PlanStep(
        title=one.title,
        due=one.due_on.isoformat(),
        state=one.get_state_display(),
        expected=one.expected,
        note=one.note,
        files=_names(one, then),
        judged=_by(one.judged_by, one.judged_at),
        reason=one.reason,
        missed_at=common.moment(one.missed_at),
    )


def _planned(step: plans.Step) -> chapters.PlanStep:
    return chapters.PlanStep(title=step.title, due=step.due_on, state="", expected=step.expected)


def _pause(one: Suspension) -> chapters.Pause:
    return chapters.Pause(
        what=str(Trading(one.trading).label),
        paused=one.paused,
        needed=one.needed,
        by=str(one.by),
        at=common.moment(one.at),
        from_on=one.from_on.isoformat(),
        reviews=one.reviews,
        reason=one.reason,
        ended=_by(one.ended_by, one.ended_at),
    )


def _by(person: User | None, at: datetime | None) -> str:
    if not person or not at:
        return ""
    return _("%(name)s, %(day)s") % {"name": person, "day": day(at)}
