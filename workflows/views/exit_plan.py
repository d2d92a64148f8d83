"""Writing an exit's plan, answering replies, and what follows the decision: plan to reviews."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import open_to, require
from portal.enums import Wording
from portal.http import SignedInRequest
from workflows import actions, exit_plan, rules
from workflows.forms import exit_plan as forms
from workflows.models import Case, ExitPlan
from workflows.queries import exits
from workflows.views.found import DESK, back_to, case_for, page
from workflows.views.leaving import EXIT, act, plan_for


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def plan(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """One long page; saved at any time, whatever is missing or cannot be read."""
    case = case_for(request, case_id)

    require(rules.may_save_exit_plan(request.user, case))

    found = plan_for(case)
    form = forms.PlanForm(request.POST or None, plan=found)
    if not form.is_bound:
        return _plan_page(request, case, found, form)
    is_whole = form.is_valid()
    rev = form.cleaned_data.get("rev")
    try:
        kept = actions.save_exit_plan(
            case=case,
            by=request.user,
            values=form.values(),
            not_applicable=form.skipped(),
            rev=-1 if rev is None else rev,
        )
    except actions.PlanBehind as behind:
        form.add_error(None, str(behind))
        return _plan_page(request, case, behind.plan, form, status=409)
    if not is_whole:
        return _plan_page(request, case, kept, form, is_part=True)
    lacks = actions.exit_lacks(case, kept)
    if lacks:
        messages.info(request, _("The plan is saved. Points still missing: %d.") % len(lacks))
    else:
        messages.success(request, _("The plan is saved, and complete."))
    return back_to(case, EXIT)


def _plan_page(
    request: SignedInRequest,
    case: Case,
    found: ExitPlan,
    form: forms.PlanForm,
    *,
    status: int = 200,
    is_part: bool = False,
) -> HttpResponse:
    more = {
        "form": form,
        "plan": found,
        # of a page that was overtaken, the next save replaces what stands now
        "rev": found.rev,
        "lacks": actions.exit_lacks(case, found),
        "replies": exits.replies(found),
        "is_part": is_part,
        "is_neutral": case.wording == Wording.TRACEABILITY,
        "title": _("Exit plan"),
    }
    return render(request, "workflows/exit/plan.html", page(case, **more), status=status)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, case_id: UUID, reply_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    reply = get_object_or_404(exits.replies_in(case), pk=reply_id)

    require(rules.may_answer_exit_reply(request.user, case))

    form = forms.AnswerForm(request.POST or None)
    if form.is_valid():
        text = form.cleaned_data["text"]
        actions.answer_exit_reply(case=case, by=request.user, reply=reply, text=text)
        messages.info(request, _("The answer stands on the company's page. It is told by mail."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Answer the reply"),
        button=_("Send the answer"),
        replies=[reply],
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The company reads it on its page, and so do those who decide."),
            _("It can't be changed; a message can add to it."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def point(request: SignedInRequest, case_id: UUID, key: str) -> HttpResponse:
    case = case_for(request, case_id)
    if key not in exit_plan.CHECKLIST:
        raise Http404

    require(rules.may_wind_down(request.user, case))

    found = plan_for(case)
    met = found.steps.filter(key=key).first()
    known = {"applies": "yes" if met.applies else "no", "note": met.note} if met else {}
    form = forms.PointForm(request.POST or None, initial=known)
    if form.is_valid():
        actions.meet_exit_point(case=case, by=request.user, key=key, **form.cleaned_data)
        messages.info(request, _("It is noted."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=exit_plan.CHECKLIST[key],
        button=_("Note it"),
        follows=[_("Said again later, the later note stands; the record keeps both.")],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def look(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_wind_down(request.user, case))

    form = forms.LookForm(request.POST or None)
    if form.is_valid():
        actions.look_at_exit(case=case, by=request.user, note=form.cleaned_data["note"])
        messages.info(request, _("The look is noted. The next one is due within a week."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Look at the winding down"),
        button=_("Note the look"),
        follows=[_("Somebody looks once a week until trade has ended.")],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def review(request: SignedInRequest, case_id: UUID, months: int) -> HttpResponse:
    case = case_for(request, case_id)
    found = get_object_or_404(exits.reviews_in(case), months=months)

    require(rules.may_review_exit(request.user, case))

    form = forms.ReviewForm(request.POST or None)
    if form.is_valid():
        actions.review_exit(case=case, by=request.user, review=found, effects=form.effects())
        messages.info(request, _("The effects are written down."))
        return back_to(case, EXIT)

    return act(
        request,
        case,
        form,
        title=_("Effects after %(n)d months") % {"n": found.months},
        button=_("Keep it"),
        follows=[
            _("Written once; the record keeps it, and counsel reads it in the dossier."),
            _("No names of workers, and no contact with workers in the Region."),
        ],
    )
