"""Pages on which two people agree: to an exit, and to halting it."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import open_to, require
from portal.enums import Wording
from portal.http import SignedInRequest
from portal.models import User
from workflows import actions, rules
from workflows.enums import ExitRole, Verb
from workflows.forms import exit as forms
from workflows.models import Case, ExitConsent, ExitPlan
from workflows.queries import exits
from workflows.views.exit_section import described
from workflows.views.found import DESK, back_to, case_for, page
from workflows.views.leaving import EXIT, act, plan_for, step


def _roles(user: User, case: Case, plan: ExitPlan, given: Sequence[ExitConsent]) -> list[ExitRole]:
    """Return the roles in which this person may agree now, or refuse with the first reason."""
    verdicts = {
        role: rules.may_consent(user, case, role=role, plan=plan, given=given)
        for role in ExitRole
        if rules.holds(user, case, role)
    }
    if not any(verdicts.values()):
        for verdict in verdicts.values():
            require(verdict)
    return [role for role, verdict in verdicts.items() if verdict]


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def approve(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    user = request.user

    require(rules.may_approve_exit(user, case))

    plan = plan_for(case)
    found = exits.read(plan)
    given = found.agreed(Verb.APPROVE_EXIT)
    roles = _roles(user, case, plan, given)
    lacks = actions.exit_lacks(case, plan)
    if lacks:
        more = {"title": _("Approve the exit"), "lacks": lacks, "plan": plan}
        return render(request, "workflows/exit/not_ready.html", page(case, **more))
    form = forms.ApproveForm(
        request.POST or None,
        initial=step(case) | {"rev": plan.rev},
        case=case,
        plan=plan,
        roles=roles,
    )
    if form.may_send:
        actions.approve_exit(case=case, by=user, seen=form.seen, **form.said())
        messages.info(
            request,
            _("The exit is approved. The notice is on its way.")
            if given
            else _("Your agreement stands. The exit waits for the other one."),
        )
        return back_to(case, EXIT)

    more = {
        "form": form,
        "title": _("Approve the exit"),
        "button": _("Approve the exit and send the notice") if given else _("Agree to the exit"),
        "danger": True,
        "plan": plan,
        "exit": found,
        "parts": described(plan),
        "given": given,
    }
    return render(request, "workflows/exit/approve.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def halt(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    user = request.user

    require(rules.may_halt_exit(user, case))

    plan = plan_for(case)
    given = exits.consents(plan, Verb.HALT_EXIT)
    roles = _roles(user, case, plan, given)
    title = _("Halt the exit")
    if not given:
        first = forms.HaltForm(request.POST or None, initial=step(case), roles=roles)
        if first.is_valid():
            said = first.cleaned_data
            actions.halt_exit(
                case=case, task=said["task"], by=user, word=forms.word_of(said, plan.rev)
            )
            messages.info(request, _("Your word stands. It waits for the other one."))
            return back_to(case, EXIT)
        follows = [
            _("An approver and counsel must both agree; you are the first."),
            _("The company is told once the second agrees. Until then the exit goes on."),
        ]
        return act(request, case, first, title=title, button=title, follows=follows)

    form = forms.HaltLetterForm(
        request.POST or None, initial=step(case), case=case, plan=plan, roles=roles
    )
    if form.may_send:
        actions.halt_exit(case=case, by=user, seen=form.seen, **form.said())
        messages.info(request, _("The exit is halted. The case is in review."))
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=title,
        button=_("Halt the exit and send the letter"),
        given=given,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The case is in review again. What applies to orders, an approver sets."),
            _("The exit and all who agreed to it stay in the record."),
        ],
    )
