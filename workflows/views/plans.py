"""A plan on the desk: drafted, shown, agreed, judged step by step, ended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.access import Conflict, open_to, require
from portal.enums import Wording
from portal.http import SignedInRequest
from questionnaires import queries as answers
from workflows import actions, engine, plans, queries, rules
from workflows.enums import LineOwner, Trading
from workflows.forms import plans as forms
from workflows.models import Case, Finding, Milestone, Plan, PlanVersion
from workflows.views.found import DESK, back_to, case_for, page, require_current


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def plan_draft(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Write the plan; each save keeps it and offers one more line and one more step."""
    case = case_for(request, case_id)

    require(rules.may_draft_plan(request.user, case))

    plan = queries.open_plan(case)
    findings = [one for one in queries.standing(case).blocking if one.state == "CONFIRMED"]
    known = plans.restored(plan.draft) if plan else _proposal(case, findings)
    form = forms.PlanForm(
        request.POST or None,
        case=case,
        initial={name: getattr(known, name) for name in ("trading", "orders", "consequence")},
    )
    lines = forms.LineSet(
        request.POST or None,
        prefix="line",
        initial=[vars(one) for one in known.lines],
        form_kwargs={"case": case, "findings": _named(findings)},
    )
    steps = forms.MilestoneSet(
        request.POST or None,
        prefix="step",
        initial=[vars(one) | {"due_on": one.day} for one in known.in_order],
        form_kwargs={"case": case},
    )
    if request.method == "POST" and all([form.is_valid(), lines.is_valid(), steps.is_valid()]):
        content = forms.content_of(form, lines, steps)
        actions.draft_plan(case=case, by=request.user, content=content)
        messages.info(request, _("The draft is kept. The supplier sees nothing of it yet."))
        return redirect("workflows:case_plan_draft", case.pk)

    more = {
        "title": _("Write the plan"),
        "form": form,
        "lines": lines,
        "steps": steps,
        "plan": plan,
        "is_neutral": case.wording == Wording.TRACEABILITY,
        "latest": plans.latest(clock.today(case.supplier.zone), case.supplier.country),
    } | _draft_state(case, plan)
    return render(request, "workflows/desk/plan_draft.html", page(case, **more))


def _draft_state(case: Case, plan: Plan | None) -> dict[str, Any]:
    """What stands between the draft as kept and showing it."""
    if plan is None:
        return {"sha256": "", "problems": []}
    content = plans.restored(plan.draft)
    supplier = case.supplier
    sha256 = plans.digest(case.pk, content)
    version = queries.newest_version(plan)
    return {
        "sha256": sha256,
        "problems": plans.problems(content, clock.today(supplier.zone), supplier.country),
        "version": version,
        "is_shown": version is not None and version.sha256 == sha256,
        "remarks": list(queries.remarks_on(plan)),
    }


def _named(findings: list[Finding]) -> list[tuple[str, str]]:
    language = answers.language()
    return [(str(one.pk), f"{one.clause}: {one.text.get(language, '')}") for one in findings]


def _proposal(case: Case, findings: list[Finding]) -> plans.Content:
    """Offer a line for each confirmed finding; a cause is offered where the wording allows it."""
    language = case.supplier.language
    with translation.override(language):
        return plans.Content(
            lines=tuple(
                plans.Line(
                    finding=str(one.pk),
                    cause=""
                    if case.wording == Wording.TRACEABILITY
                    else str(one.text.get(language, "")),
                    step=one.subject,
                    action=_remedy_for(one),
                    owner=LineOwner.SUPPLIER,
                )
                for one in findings
            ),
            trading=Trading(case.trading),
            consequence=_(
                "A person looks at the case again. Orders may pause or end, depending on what is"
                " found; we tell you the reason."
            ),
        )


def _remedy_for(finding: Finding) -> str:
    if finding.clause in {"B4", "A4"}:
        return _(
            "Replace the source. Show the last order from the old one, the first order, delivery"
            " and payment from the new one, and what becomes of the old stock."
        )
    if finding.clause in {"B3", "A3"}:
        return _(
            "End this way of taking on people, and show channels and numbers for each workplace."
        )
    return _("End the tie, and show the deed, the deregistration or the payment.")


@open_to(*DESK)
@require_POST
def plan_show(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_draft_plan(request.user, case))

    sha256 = request.POST.get("sha256", "")[:64]
    actions.show_plan(case=case, by=request.user, sha256=sha256)

    messages.info(request, _("The supplier reads the plan now. Its signatory may accept it."))
    return back_to(case, "plan")


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def plan_agree(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Agree what the signatory accepted, with the letter as it will go."""
    case = case_for(request, case_id)

    require(rules.may_agree_plan(request.user, case))

    version = _accepted(case)
    content = plans.restored(version.content)
    supplier = case.supplier
    today = clock.today(supplier.zone)
    form = forms.AgreeForm(
        request.POST or None,
        initial=_step(case) | {"sha256": version.sha256},
        case=case,
        content=content,
        speaker=request.user,
        is_long=plans.is_long(content, today, supplier.country),
    )
    if form.may_send:
        actions.agree_plan(case=case, by=request.user, seen=form.seen, **form.said())
        messages.success(request, _("The plan is agreed. The supplier has the letter."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Agree the plan"),
        button=_("Agree it and send the letter"),
        beside="workflows/desk/_plan_content.html",
        version=version,
        content=content,
        follows=[
            _("Both sides have then accepted the same text, by its fingerprint."),
            _("The first step's day is the supplier's clock; a missed one comes to review."),
            _("Trade while it runs: %(state)s.") % {"state": Trading(content.trading).label},
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def plan_continue(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Let the agreed plan go on after a report."""
    case = case_for(request, case_id)

    require(rules.may_agree_plan(request.user, case))

    remedy = queries.remedy(case)
    if remedy.version is None or not remedy.goes_on:
        raise Conflict(_("No step of an agreed plan can go on now. Look at the case again."))
    form = forms.GoOnForm(
        request.POST or None, initial=_step(case) | {"sha256": remedy.version.sha256}
    )
    if form.is_valid():
        actions.agree_plan(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("The plan goes on. The supplier is told by mail."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Let the plan go on"),
        button=_("Let it go on"),
        beside="workflows/desk/_steps.html",
        remedy=remedy,
        follows=[_("The case waits for the supplier until the next step's day.")],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def plan_close(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_close_plan(request.user, case))

    form = forms.ClosePlanForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        require_current(case, form)
        reason = form.cleaned_data["reason"]
        actions.close_plan(case=case, by=request.user, reason=reason)
        messages.info(request, _("The plan is ended."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("End the plan"),
        button=_("End the plan"),
        danger=True,
        follows=[
            _("The plan was tried and is spent. What was shown and accepted stays."),
            _("The stage stays as it is; nothing else follows by itself."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def milestone(request: SignedInRequest, case_id: UUID, milestone_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    rows = Milestone.objects.visible_to(request.user).select_related("reported_by")
    found = get_object_or_404(rows, pk=milestone_id, plan__case=case)

    require(rules.may_judge_milestone(request.user, case))

    claims, steps = queries.claims_and_steps(case.campaign.version, answers.language())
    form = forms.JudgeMilestoneForm(
        request.POST or None, initial=_step(case), case=case, claims=claims, steps=steps
    )
    if form.is_valid():
        require_current(case, form)
        names = ("accepted", "reason", "claim", "place")
        said = {name: form.cleaned_data[name] for name in names}
        actions.judge_milestone(milestone=found, by=request.user, **said)
        messages.info(request, _("The step is judged. The supplier is told by mail."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Judge a step"),
        button=_("Keep the judgement"),
        beside="workflows/desk/_step.html",
        one=found,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("A step not accepted is open again, with your reason beside it."),
            _("Once every step is accepted, the plan is carried out."),
        ],
    )


def _accepted(case: Case) -> PlanVersion:
    remedy = queries.remedy(case)
    if remedy.version is None:
        raise Conflict(_("No plan was shown to the supplier yet."))
    if not remedy.is_accepted:
        raise Conflict(_("The supplier's signatory has not accepted this version."))
    if remedy.is_agreed:
        raise Conflict(_("This version of the plan is agreed already."))
    return remedy.version


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
