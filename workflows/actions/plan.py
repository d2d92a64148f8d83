"""A remediation plan: drafted, shown, remarked on, accepted by one side and agreed by the other.

Source: domain note, sections 8, 11 and 13; security note, section 2.4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib.sessions.backends.base import SessionBase
from django.utils import translation
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, Refused, require
from portal.actions import step_up
from portal.models import StepUp, User
from portal.templatetags.portal import day
from workflows import calendar, engine, letters, mail, plans, queries, rules
from workflows.actions import letter
from workflows.actions.deciding import decide
from workflows.actions.finding import goes_stale
from workflows.actions.signing import WrongCode
from workflows.actions.trading import change_trading
from workflows.enums import LetterKind, MilestoneState, PlanState, Stage, Verb
from workflows.models import Case, Milestone, Plan, PlanRemark, PlanVersion

if TYPE_CHECKING:
    from datetime import datetime


def draft_plan(*, case: Case, by: User, content: plans.Content) -> Plan:
    """Keep the analyst's draft; the supplier sees nothing of it before it is shown."""
    with engine.locked(case) as held:
        require(rules.may_draft_plan(by, held))
        require_neutral(held, content.texts())
        plan = queries.open_plan(held)
        stored = content.stored()
        if plan is None:
            plan = Plan.objects.create(
                case=held,
                buyer_id=held.buyer_id,
                supplier_id=held.supplier_id,
                number=Plan.objects.filter(case=held).count() + 1,
                draft=stored,
                drafted_by=by,
                drafted_at=clock.now(),
            )
        elif (plan.draft, plan.drafted_by_id) == (stored, by.pk):
            return plan  # the same form sent twice
        else:
            plan.draft, plan.drafted_by, plan.drafted_at = stored, by, clock.now()
            plan.save(update_fields=["draft", "drafted_by", "drafted_at"])
        ledger.record(
            "plan.drafted",
            by=by,
            on=held,
            data={"plan": plan.number, "sha256": plans.digest(held.pk, content)},
        )
    return plan


def require_neutral(case: Case, texts: Iterable[str]) -> None:
    """Raise Conflict if a text for the supplier says more than its wording may."""
    if any(letters.says_too_much(case, text) for text in texts):
        raise Conflict(
            _("This says more than the wording chosen for this company. Change your words.")
        )


def show_plan(*, case: Case, by: User, sha256: str) -> PlanVersion:
    """Show the draft to the supplier as the next version; it never changes from then on.

    `sha256` is that of the draft as its page showed it. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_draft_plan(by, held))
        plan = queries.open_plan(held)
        if plan is None:
            raise Conflict(_("No plan is drafted yet."))
        content = plans.restored(plan.draft)
        if plans.digest(held.pk, content) != sha256:
            raise Conflict(_("The draft changed since you read it. Read it again."))
        last = queries.newest_version(plan)
        if last is not None and last.sha256 == sha256:
            raise Conflict(_("The supplier reads this version already."))
        require(rules.nothing_missing(_problems(held, content)))
        version = PlanVersion.objects.create(
            plan=plan,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            number=last.number + 1 if last else 1,
            content=plan.draft,
            sha256=sha256,
            shown_by=by,
            shown_at=clock.now(),
        )
        entry = ledger.record(
            "plan.shown",
            by=by,
            on=held,
            data={"plan": plan.number, "version": version.number, "sha256": sha256},
        )
        mail.plan_shown(held, entry.seq)
    return version


def _problems(case: Case, content: plans.Content) -> list[str]:
    return plans.problems(content, clock.today(case.supplier.zone), case.supplier.country)


def remark_plan(*, version: PlanVersion, by: User, text: str) -> PlanRemark:
    """Say something about a version, or propose a change; it stands beside the plan."""
    with engine.locked(version.plan.case) as held:
        require(rules.may_remark_plan(by, held))
        last = PlanRemark.objects.filter(version=version).order_by("-at", "-pk").first()
        if last is not None and (last.by_id, last.text) == (by.pk, text):
            return last  # the same form sent twice
        remark = PlanRemark.objects.create(
            version=version,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            text=text,
            by=by,
            at=clock.now(),
        )
        entry = ledger.record(
            "plan.remarked",
            by=by,
            on=held,
            data={"version": version.number, "sha256": version.sha256},
            words={"text": text},
        )
        mail.plan_remarked(held, entry.seq)
    return remark


@dataclass(frozen=True)
class Acceptance:
    """Who accepts a plan for the company, as typed, and the fresh code bound to it."""

    name: str
    title: str
    authority: str
    step_up: StepUp
    code: str
    session: SessionBase


def accept_plan(*, version: PlanVersion, by: User, acceptance: Acceptance) -> PlanVersion:
    """Accept a version for the company; the code must fit the hash of exactly that version.

    Raises Refused, WrongCode, or Conflict if another version was shown meanwhile.
    """
    with engine.unhindered():
        verdict = step_up.confirm(
            step_up=acceptance.step_up, code=acceptance.code, session=acceptance.session
        )
    if not verdict:
        raise WrongCode(verdict.sentence)
    with engine.locked(version.plan.case) as held:
        require(rules.may_accept_plan(by, held))
        plan = queries.open_plan(held)
        newest = queries.newest_version(plan) if plan else None
        if newest is None or newest.pk != version.pk:
            raise Conflict(_("The plan changed since you read it. Read it again."))
        if newest.accepted_at is not None:
            raise Conflict(_("Your company accepted this plan already."))
        typed = {
            "name": acceptance.name,
            "title": acceptance.title,
            "authority": acceptance.authority,
        }
        spent = step_up.spend(
            step_up=acceptance.step_up,
            code=acceptance.code,
            content_hash=plans.acceptance(newest.sha256, **typed),
            session=acceptance.session,
        )
        newest.accepted_by, newest.accepted_at = by, clock.now()
        newest.signatory_name, newest.signatory_title = acceptance.name, acceptance.title
        newest.authority, newest.method = acceptance.authority, spent.method
        newest.save()
        entry = ledger.record(
            "plan.accepted",
            by=by,
            on=held,
            data={
                "version": newest.number,
                "sha256": newest.sha256,
                "step_up": spent.method,
            },
            words=typed,
        )
        goes_stale(held)
        mail.plan_accepted(held, entry.seq)
    return newest


def agree_plan(  # noqa: PLR0913 - what one decision says
    *,
    case: Case,
    task: int,
    by: User,
    sha256: str,
    reason: str,
    agrees_longer: bool = False,
    seen: str = "",
) -> Case:
    """Agree the version that the signatory accepted, or let the agreed plan go on after a report.

    `sha256` is that of the version the page showed; beyond 60 working days `agrees_longer`
    must say so. Trade goes on as the plan says. Raises Refused, Conflict, LetterChanged.
    """
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_agree_plan(by, held))
        version = accepted_version(held=held, agrees=by, sha256=sha256)
        content = plans.restored(version.content)
        is_new = version.plan.agreed_id != version.pk
        if is_new:
            _require_length(held, content, agrees_longer=agrees_longer)
        take_up(held=held, by=by, version=version)
        decide(held, Verb.AGREE_PLAN, by, reason)
        entry = ledger.record(
            "case.plan_agreed" if is_new else "case.plan_continued",
            by=by,
            on=held,
            data=plan_told(held, version),
            words={"reason": reason},
        )
        step.finish(by, Verb.AGREE_PLAN)
        if is_new:
            letter.send(
                held=held,
                kind=LetterKind.PLAN,
                by=by,
                facts=letter_facts(held, content, by),
                once=entry.seq,
                seen=seen,
            )
        else:
            mail.plan_continued(held, entry.seq)
    return held


def accepted_version(*, held: Case, agrees: User, sha256: str) -> PlanVersion:
    """Return the newest version if both sides may go on with it; the caller holds the case.

    Raises Refused for who showed it, Conflict if it is not accepted, or is another one.
    """
    plan = queries.open_plan(held)
    version = queries.newest_version(plan) if plan else None
    if plan is None or version is None:
        raise Conflict(_("No plan was shown to the supplier yet."))
    if agrees.pk in {version.shown_by_id, plan.drafted_by_id}:
        raise Refused(_("You wrote this plan, so a colleague must agree it."))
    if version.sha256 != sha256:
        raise Conflict(_("The plan changed since you read it. Read it again."))
    if version.accepted_at is None:
        raise Conflict(_("The supplier's signatory has not accepted this version."))
    version.plan = plan
    return version


def _require_length(case: Case, content: plans.Content, *, agrees_longer: bool) -> None:
    supplier = case.supplier
    today = clock.today(supplier.zone)
    require(rules.nothing_missing(_problems(case, content)))
    if plans.is_long(content, today, supplier.country) and not agrees_longer:
        raise Conflict(_("This plan runs longer than 60 working days: say that you agree to it."))


def take_up(*, held: Case, by: User, version: PlanVersion) -> None:
    """Begin or go on with an agreed version in a held case: steps, dates, trade.

    Raises Conflict if a step is missed or unjudged, or none is left.
    """
    plan = version.plan
    content = plans.restored(version.content)
    if plan.agreed_id != version.pk:
        plan.state, plan.agreed = PlanState.AGREED, version
        plan.agreed_by, plan.agreed_at = by, clock.now()
        plan.save(update_fields=["state", "agreed", "agreed_by", "agreed_at"])
        _lay_out(held, plan, content)
        change_trading(held=held, by=by, trading=content.trading)
    steps = Milestone.objects.filter(plan=plan)
    if steps.filter(state=MilestoneState.REPORTED).exists():
        raise Conflict(_("A step was reported and is not judged yet."))
    coming = queries.next_step(plan)
    if coming is None:
        raise Conflict(_("No step of the plan is left to be shown."))
    if coming.due_at <= clock.now():
        raise Conflict(_("A step's day has passed: change the plan and have it accepted anew."))
    held.due_at = held.lapse_at = held.next_act_at = coming.due_at
    held.proposed_by = held.proposed_at = None
    held.escalated_to, held.escalated_person, held.escalated_at = "", None, None


def plan_told(case: Case, version: PlanVersion) -> dict[str, object]:
    """Return what an event tells of a version that is taken up in a held case."""
    return {
        "plan": version.plan.number,
        "version": version.number,
        "sha256": version.sha256,
        "due": ledger.moment(cast("datetime", case.due_at)),
        "lapse": ledger.moment(cast("datetime", case.lapse_at)),
    }


def _lay_out(case: Case, plan: Plan, content: plans.Content) -> None:
    """Write the steps of a version; what was accepted before stays accepted."""
    known = {one.key: one for one in Milestone.objects.filter(plan=plan)}
    for step in content.steps:
        row = known.pop(step.key, None) or Milestone(
            plan=plan, key=step.key, buyer_id=case.buyer_id, supplier_id=case.supplier_id
        )
        if row.state == MilestoneState.ACCEPTED:
            continue
        row.title, row.expected, row.due_on = step.title, step.expected, step.day
        row.due_at = calendar.end_of(step.day, case.supplier.zone)
        row.state, row.missed_at = MilestoneState.OPEN, None
        row.save()
    gone = [one.pk for one in known.values() if one.state != MilestoneState.ACCEPTED]
    Milestone.objects.filter(pk__in=gone).update(state=MilestoneState.DROPPED)


def letter_facts(case: Case, content: plans.Content, by: User) -> dict[str, object]:
    """Return what the letter of an agreed plan says."""
    ours = [line for line in content.lines if line.owner == "BUYER"]
    helping = [line.help for line in content.lines if line.help]
    return {
        "from_on": clock.today(case.supplier.zone),
        "until_on": content.ends_on,
        "steps": "\n".join(f"- {_in_letter(case, step)}" for step in content.in_order),
        "orders": content.orders,
        "help": "\n".join(f"- {text}" for text in [*(line.action for line in ours), *helping]),
        "speaker": str(by),
    }


def _in_letter(case: Case, step: plans.Step) -> str:
    """A step with its day, in the language in which the supplier reads it."""
    with translation.override(case.supplier.language):
        return _("%(step)s, by %(day)s") % {"step": step.title, "day": day(step.day)}


def close_plan(*, case: Case, by: User, reason: str) -> Plan:
    """End a plan without success: it was tried and is spent. Raises Refused, Conflict."""
    with engine.locked(case) as held:
        require(rules.may_close_plan(by, held))
        plan = queries.open_plan(held)
        if plan is None or queries.newest_version(plan) is None:
            raise Conflict(_("No plan was shown to the supplier yet."))
        plan.state, plan.reason = PlanState.FAILED, reason
        plan.closed_by, plan.closed_at = by, clock.now()
        plan.save(update_fields=["state", "reason", "closed_by", "closed_at"])
        ledger.record(
            "plan.closed",
            by=by,
            on=held,
            data={"plan": plan.number, "state": str(plan.state)},
            words={"reason": reason},
        )
        if held.stage == Stage.REVIEW:
            goes_stale(held)
    return plan
