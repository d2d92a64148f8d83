"""A supplier's pages after its reply: help, conditions, confidentiality terms, its own reasons."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.access import Conflict, open_to, require
from portal.http import SignedInRequest
from workflows import actions, queries, rules
from workflows.forms.helping import AnswerTermsForm, HelpForm
from workflows.views.supplier import ANSWERING, case_for


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def help_(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    verdict = rules.may_ask_help(request.user, case)
    if request.method == "POST":
        require(verdict)
    form = HelpForm(request.POST or None)
    if form.is_valid():
        actions.ask_help(case=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your request for help was sent."))
        return redirect("workflows:request_help", case.pk)
    context = {
        "case": case,
        "form": form,
        "asked": queries.help_of(case),
        "closed": "" if verdict else verdict.sentence,
    }
    return render(request, "workflows/supplier/help.html", context)


@open_to(*ANSWERING)
@require_GET
def conditions(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    context = {"case": case, "conditions": queries.conditions(case)}
    return render(request, "workflows/supplier/conditions.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def terms(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The terms as offered; a POST accepts what was read, or asks for something else."""
    case = case_for(request, case_id)
    found = queries.terms(case)
    verdict = rules.may_answer_terms(request.user, case, found)
    if request.method == "POST":
        require(verdict)
    form = AnswerTermsForm(request.POST or None, initial={"terms": found.sha256 if found else ""})
    if found is not None and form.is_valid():
        said = form.cleaned_data
        if said["terms"] != found.sha256:
            raise Conflict(_("The terms changed since you read them. Read them again."))
        actions.answer_terms(
            terms=found,
            by=request.user,
            accepts=said["answer"] == "accept",
            note=said["note"] if said["answer"] == "decline" else "",
        )
        messages.success(request, _("Your answer was kept."))
        return redirect("workflows:request_terms", case.pk)
    context = {"case": case, "form": form, "terms": found, "is_open": bool(verdict)}
    return render(request, "workflows/supplier/terms.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def reasons(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The words that counsel alone reads: the supplier may open them to those who decide."""
    case = case_for(request, case_id)
    submission = queries.latest_submission(case)
    may_open = queries.may_be_released(case, submission)
    if request.method == "POST":
        require(rules.may_release_reasons(request.user, case))
        actions.release_reasons(case=case, by=request.user)
        messages.success(request, _("Those who decide may read your words now."))
        return redirect("workflows:request", case.pk)
    has_words = submission is not None and queries.has_reasons_text(submission)
    context = {"case": case, "may_open": may_open, "has_words": has_words}
    return render(request, "workflows/supplier/reasons.html", context)
