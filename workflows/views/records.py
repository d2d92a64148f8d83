"""What the buyer's people write down: messages, calls, proof by post, another contact."""

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
from questionnaires import queries as answers
from workflows import actions, engine, queries, rules
from workflows.forms import desk as forms
from workflows.models import Case
from workflows.views.found import DESK, back_to, case_for, page, require_current


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def message(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_write_message(request.user, case))

    form = forms.MessageForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        text = form.cleaned_data["text"]
        if not queries.is_said_again(case, request.user, text):
            actions.write_message(case=case, by=request.user, text=text)
        messages.info(request, _("The message is sent."))
        return back_to(case, "messages")

    return _page(
        request,
        case,
        form,
        title=_("Write to the supplier"),
        button=_("Send the message"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The contact and the signatory are told by mail; the text stands here only."),
            _("It stays in the record and can't be changed."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def log_contact(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_log(request.user, case))

    zone = case.buyer.zone
    initial = _step(case) | {"on": clock.today(zone)}
    form = forms.ContactLogForm(request.POST or None, initial=initial, zone=zone)
    if form.is_valid():
        said = form.cleaned_data
        contacted = actions.Contacted(
            channel=said["channel"],
            at=said["at"],
            is_reached=said["is_reached"],
            note=said["note"],
            offers_help=said["offers_help"],
        )
        if not queries.is_logged_already(case, request.user, contacted.at, contacted.note):
            actions.log_contact(case=case, by=request.user, contacted=contacted)
        messages.info(request, _("The contact is logged."))
        return back_to(case, "contacts")

    return _page(
        request,
        case,
        form,
        title=_("Log a call or letter"),
        button=_("Log it"),
        zone=zone,
        follows=[
            _("A contact that reached the person lets silence count later."),
            _("Only what was said belongs here, and no names of workers."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def log_evidence(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_log(request.user, case))

    claims, steps = queries.claims_and_steps(case.campaign.version, answers.language())
    form = forms.LogEvidenceForm(
        request.POST or None,
        request.FILES or None,
        initial=_step(case),
        claims=claims,
        steps=steps,
    )
    if form.is_valid():
        require_current(case, form)
        actions.log_evidence(
            case=case,
            by=request.user,
            logged=actions.LoggedFile(
                file=form.cleaned_data["file"],
                described=form.described(),
                arrival=form.arrival(),
                claim=form.cleaned_data["claim"],
                step=form.cleaned_data["step"],
            ),
        )
        messages.info(request, _("The proof is logged. It is checked now, then you grade it."))
        return back_to(case, "proof")

    return _page(
        request,
        case,
        form,
        title=_("Log proof that came by mail or post"),
        button=_("Keep it"),
        takes_file=True,
        follows=[
            _("The record says that you logged it, from whom it came and how."),
            _("A recommendation that stands is set aside: there is something new."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def contact(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_change_contact(request.user, case))

    form = forms.ContactForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        require_current(case, form)
        said = {name: form.cleaned_data[name] for name in ("email", "name")}
        actions.change_contact(case=case, by=request.user, **said)
        messages.info(request, _("The request goes to %(email)s now.") % {"email": said["email"]})
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Change whom we write to"),
        button=_("Write to this person"),
        follows=[
            _("The person is sent the request, with a link that opens nothing by itself."),
            _("Answers already given stay. Dates stay as they are."),
        ],
    )


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
