"""Suspending trade on the desk, looking at it again, and resuming it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.access import open_to, require
from portal.enums import Wording
from portal.http import SignedInRequest
from workflows import actions, clauses, engine, queries, rules
from workflows.forms import plans as forms
from workflows.models import Case
from workflows.views.found import DESK, back_to, case_for, page


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def suspend(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_suspend(request.user, case))

    initial = _step(case) | {"from_on": clock.today(case.buyer.zone)}
    form = forms.SuspendForm(
        request.POST or None, initial=initial, case=case, speaker=request.user
    )
    if form.may_send:
        actions.suspend(
            case=case,
            task=form.cleaned_data["task"],
            by=request.user,
            pause=form.pause(),
            seen=form.seen,
        )
        messages.info(request, _("Trade is suspended. The supplier has the letter."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Suspend trade"),
        button=_("Suspend trade and send the letter"),
        danger=True,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("Counsel is told by mail."),
            _(
                "You look at it again within %(days)d working days; it lasts %(most)d working"
                " days at most."
            )
            % {"days": clauses.SUSPENSION_DAYS, "most": clauses.SUSPENSION_MOST_DAYS},
            _("What was delivered before is paid as agreed. A pause ends nothing."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def suspension(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Look at a suspension again and say why it stays."""
    case = case_for(request, case_id)

    require(rules.may_review_suspension(request.user, case))

    form = forms.ReviewSuspensionForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        actions.review_suspension(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("The suspension stays, and the next look is set."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Look at the suspension again"),
        button=_("Let it stay"),
        beside="workflows/desk/_suspension.html",
        suspension=queries.suspension_of(case),
        follows=[
            _("The next look is in %(days)d working days at the latest.")
            % {"days": clauses.SUSPENSION_DAYS},
            _("If it should end, resume trade instead; it never ends by itself."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def resume(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_resume(request.user, case))

    remedy = queries.remedy(case)
    form = forms.ResumeForm(
        request.POST or None,
        initial=_step(case) | {"from_on": clock.today(case.buyer.zone)},
        case=case,
        speaker=request.user,
        to_plan=remedy.is_accepted,
    )
    if form.may_send:
        actions.resume(
            case=case,
            task=form.cleaned_data["task"],
            by=request.user,
            back=form.back(),
            seen=form.seen,
        )
        messages.info(request, _("Trade is resumed. The supplier has the letter."))
        return back_to(case, "plan")

    return _page(
        request,
        case,
        form,
        title=_("Resume trade"),
        button=_("Resume trade and send the letter"),
        beside="workflows/desk/_suspension.html",
        suspension=remedy.suspension,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The pause ends on the day you name."),
            _("A plan goes on from its next step; it must lie ahead."),
        ],
    )


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
