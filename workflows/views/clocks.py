"""Clocks: more time for the supplier, what is done when no answer comes, asking anew."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import open_to, require
from portal.enums import Role, Wording
from portal.http import SignedInRequest
from portal.templatetags.portal import day
from workflows import actions, engine, ladder, queries, rules
from workflows.forms import clocks as forms
from workflows.forms.desk import ContactForm
from workflows.models import Case
from workflows.views import supplier
from workflows.views.found import DESK, back_to, case_for, page, require_current

ANSWERING = (Role.CONTACT, Role.SIGNATORY)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def supplier_more_time(request: SignedInRequest, case_id: UUID) -> HttpResponseBase:
    """Take the one extension that needs no reason, or ask for more with one."""
    case = supplier.case_for(request, case_id)

    require(rules.may_ask_time(request.user, case))

    if request.POST.get("do") == "take":
        actions.take_time(case=case, by=request.user)
        messages.success(request, _("You have more time. A letter confirms the new day."))
        return redirect("workflows:request", case.pk)

    form = forms.AskTimeForm(request.POST or None, case=case)
    if form.is_valid():
        actions.ask_time(case=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your wish was sent. You hear of the answer by mail."))
        return redirect("workflows:request_more_time", case.pk)

    more = {
        "case": case,
        "form": form,
        "may_take": not queries.has_taken_time(case),
        "new_day": _own_day(case),
        "extensions": list(queries.extensions_of(case)),
    }
    return render(request, "workflows/supplier/more_time.html", more)


def _own_day(case: Case) -> str:
    zone = case.supplier.zone
    return day(actions.own_extension(case), zone)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def more_time(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_give_time(request.user, case))

    wish = queries.asked_for_time(case)
    initial = _step(case) | ({"until": wish.wished_on} if wish else {})
    form = forms.MoreTimeForm(request.POST or None, initial=initial, case=case, by=request.user)
    if form.may_send:
        require_current(case, form)
        said = form.cleaned_data
        actions.give_time(
            case=case, by=request.user, until=said["until"], reason=said["note"], seen=form.seen
        )
        messages.info(request, _("The supplier has more time. A letter tells it."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Give more time"),
        button=_("Move the day"),
        wish=wish,
        template="workflows/desk/more_time.html",
        follows=[
            _("The due date, the day on which time runs out, and all reminders move at once."),
            _("Nobody can undo this; more time can be given again."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def refuse_time(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_give_time(request.user, case))

    wish = queries.asked_for_time(case)
    if wish is None:
        return back_to(case)

    form = forms.RefuseTimeForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        require_current(case, form)
        actions.refuse_time(extension=wish, by=request.user, answer=form.cleaned_data["answer"])
        messages.info(request, _("The supplier is told that the day stays."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Refuse more time"),
        button=_("Refuse it"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[_("The supplier reads your reason. The day stays as it is.")],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def second_contact(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_write_second(request.user, case))

    form = ContactForm(request.POST or None, initial=_step(case))
    if form.is_valid() and _written(request, case, form):
        return back_to(case, "contacts")

    return _page(
        request,
        case,
        form,
        title=_("Write to a second contact"),
        button=_("Write to this person"),
        follows=[
            _("The person is sent the request, with a link that opens nothing by itself."),
            _("The contact stays the contact; either of them may answer."),
        ],
    )


def _written(request: SignedInRequest, case: Case, form: Any) -> bool:
    require_current(case, form)
    said = {name: form.cleaned_data[name] for name in ("email", "name")}
    try:
        actions.write_second_contact(case=case, by=request.user, **said)
    except ValidationError as error:
        form.add_error("email", error)
        return False
    messages.info(request, _("The request goes to %(email)s, too.") % {"email": said["email"]})
    return True


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def overdue_letter(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_chase(request.user, case))

    form = forms.OverdueLetterForm(
        request.POST or None, initial=_step(case), case=case, by=request.user
    )
    if form.may_send:
        require_current(case, form)
        note = form.cleaned_data["note"]
        actions.chase(case=case, by=request.user, note=note, seen=form.seen)
        messages.info(request, _("The letter is on its way."))
        return back_to(case, "contacts")

    return _page(
        request,
        case,
        form,
        title=_("Write to the signatory"),
        button=_("Send the letter"),
        follows=[
            _("It goes to the signatory and the contact, and stands on their page."),
            _("If no answer comes, a person reviews the case; the form stays open."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def bounce(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_log_bounce(request.user, case))

    mails = [one for one in queries.asked_by_mail(case)[::-1] if not hasattr(one, "bounce")][:20]
    zone = case.buyer.zone
    form = forms.BounceForm(request.POST or None, initial=_step(case), mails=mails, zone=zone)
    if form.is_valid():
        said = form.cleaned_data
        actions.log_bounce(
            case=case,
            mail_=said["mail"],
            by=request.user,
            came_back=actions.CameBack(at=said["at"], said=said["said"]),
        )
        messages.info(request, _("It is logged that this mail came back."))
        return back_to(case, "contacts")

    return _page(
        request,
        case,
        form,
        title=_("Log a mail that came back"),
        button=_("Log it"),
        zone=zone,
        follows=[
            _(
                "If it was the newest mail to the contact, reminders stop and silence does not"
                " count until somebody was reached."
            ),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def renew(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_renew(request.user, case))

    form = forms.RenewForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        actions.renew(case=case, by=request.user, reason=form.cleaned_data["reason"])
        messages.info(request, _("The supplier is asked anew."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Ask anew"),
        button=_("Ask the supplier anew"),
        follows=[
            _(
                "The questionnaire opens again: sites, owners, inputs and markets are to be"
                " confirmed, all else is given anew, and all is signed anew."
            ),
            _("The answer is due after the days of your policy of today."),
            _("The record of the last round stays."),
        ],
    )


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(
    request: SignedInRequest,
    case: Case,
    form: Any,
    template: str = "workflows/desk/act.html",
    **more: Any,
) -> HttpResponse:
    return render(request, template, page(case, form=form, **more))


def rungs_shown(case: Case) -> list[dict[str, Any]]:
    """Return the ladder of the present due date as the case page shows it; one query."""
    if not case.is_with_supplier or case.due_at is None:
        return []
    climbed = {one.rung: one for one in case.reminders.filter(due_at=case.due_at)}
    steps = ladder.steps(case.due_at, case.days_to_lapse, case.policy, case.place)
    last = max(climbed, default=None)
    return [
        {
            "step": step,
            "label": step.kind.label,
            "climbed": climbed.get(step.rung),
            "is_passed": step.rung not in climbed and last is not None and step.rung < last,
        }
        for step in steps
    ]
