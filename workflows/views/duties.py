"""What the buyer owes: the register of its duties, each met or waived on a page of its own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access import open_to, require
from portal.enums import Role, Wording
from portal.http import SignedInRequest
from portal.models import Organisation
from workflows import actions, queries, rules, tables
from workflows.forms import replies as forms
from workflows.models import Duty
from workflows.queries.campaigns import buyers
from workflows.views import following
from workflows.views.found import DESK

# outside counsel works on named cases, not on what the whole company owes
HOUSE = (Role.COUNSEL, Role.APPROVER, Role.ANALYST, Role.CAMPAIGN_MANAGER)

VIEWS = {
    "open": gettext_lazy("Open"),
    "mine": gettext_lazy("Mine"),
    "settled": gettext_lazy("Met or waived"),
}


@open_to(*HOUSE)
@require_GET
def duties(request: SignedInRequest) -> HttpResponse:
    """Our duties, what is late first."""
    user = request.user
    own = [one.pk for one in buyers(user, *HOUSE)]
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "open"
    rows = list(queries.duty_register(user, own, view)[: queries.SHOWN + 1])
    buyer = buyers(user, *HOUSE)[0]
    context = {
        "rows": [_row(one) for one in following.shown(user, rows[: queries.SHOWN])],
        "is_more": len(rows) > queries.SHOWN,
        "most": queries.SHOWN,
        "view": view,
        "views": [
            {"url": f"?view={key}", "label": label, "is_current": key == view}
            for key, label in VIEWS.items()
        ],
        "importer": queries.importer_of(buyer.pk),
        "may_declare": bool(rules.may_declare_importer(user, buyer.pk)),
        "may_log": bool(rules.may_log_denial(user, buyer.pk)),
    }
    return render(request, "workflows/duties/duties.html", context)


def _row(one: following.DutyShown) -> dict[str, Any]:
    case = one.duty.case
    name, other = tables.names(case) if case else ("", "")
    return {"shown": one, "name": name, "other_name": other}


def duty_for(request: SignedInRequest, duty_id: UUID) -> Duty:
    """Return a duty of a buyer on whose desk this person works; Http404 for any other."""
    rows = Duty.objects.visible_to(request.user).select_related(
        "buyer", "case__supplier", "case__buyer", "campaign", "owner"
    )
    return get_object_or_404(rows, pk=duty_id)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def duty_meet(request: SignedInRequest, duty_id: UUID) -> HttpResponse:
    found = duty_for(request, duty_id)

    require(rules.may_meet_duty(request.user, found))

    form = forms.MeetDutyForm(request.POST or None, duty=found)
    if form.is_valid():
        actions.meet_duty(duty=found, by=request.user, **form.cleaned_data)
        messages.info(request, _("The duty is met."))
        return _back(found)

    return _page(
        request,
        found,
        form,
        title=_("Say what was done"),
        button=_("The duty is met"),
        is_neutral=found.case is not None and found.case.wording == Wording.TRACEABILITY,
        follows=[_("It stands in the dossier with your name and the day.")],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def duty_waive(request: SignedInRequest, duty_id: UUID) -> HttpResponse:
    found = duty_for(request, duty_id)

    require(rules.may_waive_duty(request.user, found))

    form = forms.WaiveDutyForm(request.POST or None)
    if form.is_valid():
        actions.waive_duty(duty=found, by=request.user, **form.cleaned_data)
        messages.info(request, _("The duty is waived. The dossier prints your reason."))
        return _back(found)

    return _page(
        request,
        found,
        form,
        title=_("Waive a duty"),
        button=_("Waive it"),
        danger=True,
        follows=[
            _("What it held goes on without it."),
            _("The dossier prints your name, the day and your reason."),
        ],
    )


@open_to(*DESK)
@require_POST
def duty_take(request: SignedInRequest, duty_id: UUID) -> HttpResponse:
    found = duty_for(request, duty_id)

    actions.take_duty(duty=found, by=request.user)

    messages.info(request, _("You see to this now."))
    return _back(found)


@open_to(*HOUSE)
@require_http_methods(["GET", "POST"])
def importer(request: SignedInRequest) -> HttpResponse:
    """Say whether the company imports into the United States: C1 and C2 bind it then."""
    buyer = _buyer(request)

    require(rules.may_declare_importer(request.user, buyer.pk))

    known = queries.importer_of(buyer.pk)
    initial = {"imports": "yes" if known.imports else "no"} if known else {}
    form = forms.ImporterForm(request.POST or None, initial=initial)
    if form.is_valid():
        actions.declare_importer(buyer=buyer, by=request.user, **form.cleaned_data)
        messages.info(request, _("It is kept, with your name and the day."))
        return redirect("workflows:duties")

    more = {
        "form": form,
        "title": _("Imports into the United States"),
        "button": _("Keep this"),
        "follows": [
            _("If so, one standard for all markets is a duty of each year (clause C1)."),
            _("Goods that were refused entry are held back within a day (clause C2)."),
        ],
    }
    return render(request, "workflows/duties/act.html", more)


@open_to(*HOUSE)
@require_http_methods(["GET", "POST"])
def denial(request: SignedInRequest) -> HttpResponse:
    """Log goods of the company's own that were refused entry."""
    buyer = _buyer(request)

    require(rules.may_log_denial(request.user, buyer.pk))

    form = forms.DenialForm(request.POST or None)
    if form.is_valid():
        actions.log_denial(buyer=buyer, by=request.user, **form.cleaned_data)
        messages.info(request, _("It is logged. Counsel is told."))
        return redirect("workflows:duties")

    more = {
        "form": form,
        "title": _("Log goods that were refused entry"),
        "button": _("Log them"),
        "follows": [_("Counsel is told by mail at once."), _("The duty has one working day.")],
    }
    return render(request, "workflows/duties/act.html", more)


def _buyer(request: SignedInRequest) -> Organisation:
    """The buyer spoken of: the first of those this person works for."""
    found: Organisation = buyers(request.user, *HOUSE)[0]
    return found


def _back(duty: Duty) -> HttpResponseRedirect:
    if duty.case_id is None:
        return redirect("workflows:duties")
    answer = redirect("workflows:case", duty.case_id)
    answer["Location"] += "#duties"
    return answer


def _page(request: SignedInRequest, duty: Duty, form: Any, **more: Any) -> HttpResponse:
    context = {
        "duty": duty,
        "form": form,
        "duty_title": queries.duty_title(duty),
        "name": tables.names(duty.case)[0] if duty.case else duty.buyer.name,
        **more,
    }
    return render(request, "workflows/duties/act.html", context)
