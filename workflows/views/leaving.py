"""The verbs of an exit, one page each: proposing, presenting, taking back, completing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.access import Conflict, open_to, require
from portal.enums import Role, Wording
from portal.http import SignedInRequest
from workflows import actions, engine, queries, rules
from workflows.enums import ExitTrack
from workflows.forms import exit as forms
from workflows.models import Case, ExitPlan
from workflows.queries import exits
from workflows.views.found import DESK, back_to, case_for, page

EXIT = "exit"


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def propose(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_propose_exit(request.user, case))

    standing = queries.standing(case)
    grounds = exits.grounds(case, standing)
    held_by = [
        line for one in grounds[:1] for line in exits.obstacles_to_exit(case, standing, one)
    ]
    if not grounds or held_by:
        return render(
            request,
            "workflows/exit/no_ground.html",
            page(case, title=_("Propose an exit"), held_by=held_by, standing=standing),
        )
    form = forms.ProposeForm(request.POST or None, initial=step(case), case=case, grounds=grounds)
    if form.may_send:
        actions.propose_exit(case=case, by=request.user, seen=form.seen, **form.said())
        messages.info(request, _("The exit is proposed. The company is asked for its reply."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Propose an exit"),
        button=_("Propose the exit and send the letter"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("Nothing is decided by this. The company may reply for %(days)d working days.")
            % {"days": case.policy.exit_reply_days},
            _("Until an exit is approved, its form stays open: a signed answer ends this."),
            _("You can't approve this exit. An approver and counsel, two others, decide."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def propose_immediate(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_propose_immediate_exit(request.user, case))

    standing = queries.standing(case)
    if exits.location(standing) is None:
        return render(
            request,
            "workflows/exit/no_ground.html",
            page(case, title=_("Propose an immediate exit"), is_immediate=True),
        )
    form = forms.ProposeImmediateForm(request.POST or None, initial=step(case))
    if form.is_valid():
        actions.propose_immediate_exit(
            case=case, task=form.cleaned_data["task"], by=request.user, proposal=form.proposal()
        )
        messages.info(request, _("The exit is proposed. An approver and counsel have 48 hours."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Propose an immediate exit"),
        button=_("Propose the immediate exit"),
        danger=True,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("An approver and counsel, two others, decide within 48 hours."),
            _("The company is told nothing before that. It may show a mistake at any time."),
            _("An approver may stop new orders at once, alone; that can be undone."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def present(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_present_plan(request.user, case))

    plan = plan_for(case)
    lacks = actions.exit_lacks(case, plan)
    waits = exits.why_not_presented(case, plan, exits.replies(plan), clock.now())
    form = forms.PresentForm(request.POST or None, initial=step(case) | {"rev": plan.rev})
    if not lacks and not waits and form.is_valid():
        actions.present_plan(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("The plan lies before an approver and counsel."))
        return back_to(case, EXIT)

    more = {
        "form": form,
        "plan": plan,
        "lacks": lacks,
        "waits": waits,
        "title": _("Present the exit plan"),
    }
    return render(request, "workflows/exit/present.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def accept_reply(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_accept_reply(request.user, case))

    plan = plan_for(case)
    form = forms.AcceptReplyForm(request.POST or None, initial=step(case), case=case)
    if form.may_send:
        actions.accept_reply(case=case, by=request.user, seen=form.seen, **form.said())
        messages.info(request, _("The proposal no longer stands. The case is in review."))
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=_("Accept the reply"),
        button=_("Accept the reply and send the letter"),
        replies=exits.replies(plan),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=_back_follows(),
    )


def _back_follows() -> list[str]:
    return [
        _("The case is in review again. Findings stand as they were judged."),
        _("What applies to orders stays as it is until an approver sets it."),
    ]


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def return_exit(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    user = request.user

    require(rules.may_return_exit(user, case))

    is_counsel = user.works_on(case, Role.COUNSEL)
    title = _("Return the exit")
    if case.exit_track == ExitTrack.IMMEDIATE:
        quiet = forms.ReturnQuietlyForm(
            request.POST or None, initial=step(case), is_counsel=is_counsel
        )
        if quiet.is_valid():
            actions.return_exit(case=case, by=user, **quiet.cleaned_data)
            messages.info(request, _("The exit is returned. The case is in review."))
            return back_to(case)
        follows = [*_back_follows(), _("The company is told nothing: it was told of no exit.")]
        return act(request, case, quiet, title=title, button=title, follows=follows)

    form = forms.ReturnForm(
        request.POST or None, initial=step(case), case=case, is_counsel=is_counsel
    )
    if form.may_send:
        actions.return_exit(case=case, by=user, seen=form.seen, **form.said())
        messages.info(request, _("The exit is returned. The case is in review."))
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=title,
        button=_("Return the exit and send the letter"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            *_back_follows(),
            _("An approver and counsel can each return it alone; nobody overrides that."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def complete(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_complete_exit(request.user, case))

    plan = plan_for(case)
    missing = exits.why_not_complete(case, plan, clock.now())
    form = forms.CompleteForm(request.POST or None, initial=step(case))
    if not missing and form.is_valid():
        actions.complete_exit(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("Trade has ended. Its effects are looked at in three months."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Complete the exit"),
        button=_("Complete the exit"),
        missing=missing,
        missing_title=ngettext("One point is missing", "%(n)d points are missing", len(missing))
        % {"n": len(missing)},
        follows=[
            _("Trade is set to “Ended”."),
            _("The effects are looked at after 3, 6 and 12 months."),
            _("Re-entry may open after the six-month review, if the cause has ended."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def reentry(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_open_reentry(request.user, case))

    plan = plan_for(case)
    may_be_mistake = plan.is_immediate
    missing = exits.why_not_reentered(case, plan, is_mistake=False)
    shown = may_be_mistake and not exits.why_not_reentered(case, plan, is_mistake=True)
    form = forms.ReentryForm(
        request.POST or None, initial=step(case), case=case, may_be_mistake=may_be_mistake
    )
    if (not missing or shown) and form.may_send:
        actions.open_reentry(case=case, by=request.user, seen=form.seen, **form.said())
        messages.info(request, _("Re-entry is open. The case is in review."))
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=_("Open re-entry"),
        button=_("Open re-entry and send the letter"),
        missing=() if shown else missing,
        missing_title=_("Re-entry waits for this"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The case is in review again, as a new run; the exit stays in the record."),
            _("Clearing it takes an analyst, an approver and counsel: three people."),
            _("Trade stays as it is until an approver sets it."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def concur(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_concur_clear(request.user, case))

    form = forms.ConcurForm(request.POST or None, initial=step(case))
    if form.is_valid():
        actions.concur_clear(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("Your concurrence stands. An approver decides."))
        return redirect("workflows:case", case.pk)

    return act(
        request,
        case,
        form,
        title=_("Concur in clearing"),
        button=_("Concur"),
        recommended=queries.last_recommendation(case),
        follows=[
            _("Trade with this company had ended, so clearing it takes counsel, too."),
            _("Your word stands for this recommendation, and for no later one."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def trading(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_set_trading(request.user, case))

    located = exits.location(queries.standing(case)) is not None
    choices = exits.trading_choices(case, is_located=located)
    form = forms.TradingForm(request.POST or None, initial=step(case), choices=choices)
    if choices and form.is_valid():
        said = form.cleaned_data
        actions.set_trading(
            case=case, by=request.user, trading=said["trading"], reason=said["reason"]
        )
        messages.info(request, _("Trade now: %(word)s.") % {"word": said["trading"].label})
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=_("Say what applies to orders"),
        button=_("Set it now"),
        missing=()
        if choices
        else [_("A confirmed location (B1), or an exit that is proposed or under way")],
        missing_title=_("Orders are stopped here only on one of these"),
        trading=case.get_trading_display(),
        follows=[
            _("It holds at once, on your word alone, and can be undone the same way."),
            _("Your colleagues are told by mail. The stage of the case does not move."),
        ],
    )


def plan_for(case: Case) -> ExitPlan:
    plan = exits.plan_of(case)
    if plan is None:
        raise Conflict(_("No exit is proposed in this case."))
    return plan


def step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def act(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/exit/act.html", page(case, form=form, **more))
