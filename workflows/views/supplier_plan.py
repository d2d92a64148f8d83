"""A supplier's pages of its plan: read, comment, accept with a fresh code, show and report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents.forms import EvidenceForm
from portal.access import Conflict, open_to, require
from portal.actions import step_up
from portal.enums import Role, StepUpPurpose
from portal.http import SignedInRequest
from portal.models import StepUp
from workflows import actions, engine, plans, queries, rules
from workflows.enums import MilestoneState
from workflows.forms.plans import AcceptForm, RemarkForm, ReportForm
from workflows.forms.supplier import SignCodeForm
from workflows.models import Case, Milestone, PlanVersion
from workflows.views.supplier import ANSWERING, case_for

TYPED = ("name", "title", "authority")
NO_CODE = UUID(int=0)
COLOURS = {
    MilestoneState.ACCEPTED: "green",
    MilestoneState.REPORTED: "harbour",
    MilestoneState.OPEN: "amber",
}


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def plan(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The plan as it was shown last; a POST keeps a comment on it.

    Where none is shown, the one that was agreed and ended last stays to be read.
    """
    case = case_for(request, case_id)
    remedy = queries.remedy(case)
    if remedy.version is None:
        return _ended(request, case)
    may = rules.may_remark_plan(request.user, case)
    if request.method == "POST":
        require(may)
    form = RemarkForm(request.POST or None)
    if form.is_valid():
        actions.remark_plan(
            version=remedy.version, by=request.user, text=form.cleaned_data["text"]
        )
        messages.success(request, _("Your comment was sent. It stands beside the plan."))
        return redirect("workflows:request_plan", case.pk)
    context = {
        "case": case,
        "remedy": remedy,
        "content": remedy.content,
        "form": form if may else None,
        "steps": _steps(remedy),
        "may_accept": remedy.waits_for_supplier
        and bool(rules.may_accept_plan(request.user, case)),
        "signs": request.user.holds(Role.SIGNATORY, case.supplier_id),
        "may_report": bool(rules.may_report(request.user, case)),
        "may_show": bool(rules.may_show_proof(request.user, case)),
    }
    return render(request, "workflows/supplier/plan.html", context)


def _ended(request: SignedInRequest, case: Case) -> HttpResponse:
    remedy = queries.ended_remedy(case)
    if remedy.version is None or request.method == "POST":
        return redirect("workflows:request", case.pk)
    context = {
        "case": case,
        "remedy": remedy,
        "content": remedy.content,
        "steps": _steps(remedy),
        "form": None,
    }
    return render(request, "workflows/supplier/plan.html", context)


def _steps(remedy: queries.Remedy) -> list[dict[str, object]]:
    return [
        {"one": one, "colour": COLOURS.get(MilestoneState(one.state), "")}
        for one in remedy.milestones
    ]


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def accept(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Who accepts, for the company; the POST keeps what was typed and mails the code."""
    case = case_for(request, case_id)
    require(rules.may_accept_plan(request.user, case))
    version = _waiting(case)
    if version is None:
        return redirect("workflows:request_plan", case.pk)
    kept = request.session.get(_key(case), {})
    initial = {name: kept[name] for name in TYPED if name in kept}
    form = AcceptForm(
        request.POST or None,
        initial={"name": request.user.name, "sha256": version.sha256} | initial,
    )
    if form.is_valid():
        if form.cleaned_data["sha256"] != version.sha256:
            raise Conflict(_("The plan changed since you read it. Read it again."))
        _ask(request, case, version, form.cleaned_data)
        return redirect("workflows:request_plan_code", case.pk)
    context = {"case": case, "form": form, "content": plans.restored(version.content)}
    return render(request, "workflows/supplier/plan_accept.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def code(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The code; its POST accepts, or sends another code."""
    case = case_for(request, case_id)
    require(rules.may_accept_plan(request.user, case))
    version, kept = _waiting(case), request.session.get(_key(case))
    asked = _asked(request, kept)
    if version is None:
        return redirect("workflows:request_plan", case.pk)
    if kept is None or asked is None or kept["sha256"] != version.sha256:
        return redirect("workflows:request_plan_accept", case.pk)
    if "again" in request.POST:
        _ask(request, case, version, kept)
        messages.success(request, _("Another code is on its way. Only the newest one counts."))
        return redirect("workflows:request_plan_code", case.pk)
    form = SignCodeForm(request.POST or None)
    if form.is_valid():
        try:
            _accept(request, version, kept, asked, form.cleaned_data["code"])
        except actions.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            request.session.pop(_key(case), None)
            messages.success(request, _("You accepted the plan. The other side agrees it next."))
            return redirect("workflows:request_plan", case.pk)
    context = {"case": case, "form": form, "kept": kept, "digits": asked.content_hash[:8]}
    return render(request, "workflows/supplier/plan_code.html", context)


def _waiting(case: Case) -> PlanVersion | None:
    """Return the version that waits to be accepted."""
    found = queries.remedy(case)
    return found.version if found.waits_for_supplier else None


def _key(case: Case) -> str:
    return f"plan-{case.pk}"


def _ask(
    request: SignedInRequest, case: Case, version: PlanVersion, given: dict[str, Any]
) -> None:
    """Mail a code for exactly this plan and these words."""
    typed = {name: given[name] for name in TYPED}
    asked = step_up.ask(
        user=request.user,
        session=request.session,
        purpose=StepUpPurpose.PLAN,
        content_hash=plans.acceptance(version.sha256, **typed),
        what=_("Plan, request %(reference)s of %(buyer)s")
        % {"reference": case.reference, "buyer": case.buyer.name},
        buyer=case.buyer,
        supplier=case.supplier,
        chain=case.chain,
    )
    kept = typed | {"sha256": version.sha256, "step_up": str(asked.pk)}
    request.session[_key(case)] = kept


def _asked(request: SignedInRequest, kept: dict[str, Any] | None) -> StepUp | None:
    key = (kept or {}).get("step_up", NO_CODE)
    return request.user.step_ups.filter(pk=key).first()


def _accept(
    request: SignedInRequest,
    version: PlanVersion,
    kept: dict[str, Any],
    asked: StepUp,
    typed: str,
) -> None:
    actions.accept_plan(
        version=version,
        by=request.user,
        acceptance=actions.Acceptance(
            **{name: kept[name] for name in TYPED},
            step_up=asked,
            code=typed,
            session=request.session,
        ),
    )


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def step(request: SignedInRequest, case_id: UUID, milestone_id: UUID) -> HttpResponse:
    """Add a file that shows a step of the plan."""
    case = case_for(request, case_id)
    rows = Milestone.objects.visible_to(request.user).select_related("plan__case")
    found = get_object_or_404(rows, pk=milestone_id, plan__case=case)
    require(rules.may_show_proof(request.user, case))
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        actions.add_to_step(
            milestone=found,
            by=request.user,
            file=form.cleaned_data["file"],
            described=form.described(about=f"step:{found.pk}"),
        )
        messages.success(request, _("We have the file. It is being checked."))
        return redirect("workflows:request_plan", case.pk)
    context = {
        "case": case,
        "form": form,
        "title": found.title,
        "hint": found.expected,
        "back_url": reverse("workflows:request_plan", args=[case.pk]),
    }
    return render(request, "workflows/supplier/add_file.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def report(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Say which steps are done, or what stands in the way."""
    case = case_for(request, case_id)
    require(rules.may_report(request.user, case))
    remedy = queries.remedy(case)
    form = ReportForm(
        request.POST or None,
        initial={"task": engine.open_task(case)},
        steps=[(str(one.pk), one.title) for one in remedy.open_steps],
    )
    if form.is_valid():
        actions.report(case=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your report is sent. A person reads it."))
        return redirect("workflows:request_plan", case.pk)
    context = {"case": case, "form": form, "remedy": remedy}
    return render(request, "workflows/supplier/report.html", context)
