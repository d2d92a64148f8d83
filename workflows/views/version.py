"""A newer questionnaire: the buyer's people ask for it, the supplier's change over to it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import Conflict, open_to, require
from portal.http import SignedInRequest
from questionnaires import queries as answers
from questionnaires import rules as answering
from questionnaires.views.finding import response_for, successor_of
from workflows import actions, queries, rules
from workflows.forms.desk import VersionForm
from workflows.views.found import DESK, back_to, case_for, page
from workflows.views.supplier import ANSWERING


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def offer(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Shows the two versions side by side; the supplier's draft is not the buyer's to read."""
    case = case_for(request, case_id)

    require(rules.may_offer_version(request.user, case))

    response = queries.response_of(case)
    newest = answers.newest(response)
    if newest is None:
        raise Http404
    form = VersionForm(request.POST or None, initial={"version": newest.pk})
    if form.is_valid():
        if form.cleaned_data["version"] != newest.pk:
            raise Conflict(_("A newer version was published since. Please look at it first."))
        actions.offer_version(case=case, version=newest, by=request.user)
        messages.info(request, _("The supplier is asked to use version %s.") % newest.version)
        return back_to(case)

    context = page(
        case,
        form=form,
        title=_("Ask for the newer questionnaire"),
        response=response,
        newest=newest,
        is_asked=response.offered_id == newest.pk,
        revision=answers.revision(
            answers.questionnaire(response.version), answers.questionnaire(newest)
        ),
    )
    return render(request, "workflows/desk/version.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def newer(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    """Shows the supplier what becomes of its answers, and carries them over when told to."""
    response = response_for(request, response_id)
    if (successor := successor_of(response)) is not None:
        return redirect("questionnaires:carried", successor.pk)
    case = get_object_or_404(queries.is_asked(request.user, response.pk))

    require(rules.may_change_version(request.user, case))
    require(answering.may_change_over(request.user, response))
    if (offered := response.offered) is None:
        raise Http404

    if request.method == "POST":
        version = request.POST.get("version", "")
        case = actions.change_version(
            case=case, response=response, by=request.user, version=version
        )
        messages.success(request, _("You answer in the newer version now. Nothing was lost."))
        return redirect("questionnaires:carried", case.response_id)

    found = answers.comparison(answers.draft(response), offered)
    context = {
        "case": case,
        "response": response,
        "comparison": found,
        "confirm": [(one, [{"told": told} for told in one.told]) for one in found.confirm],
        "new": [(one, "") for one in found.new],
    }
    return render(request, "workflows/supplier/newer.html", context)
