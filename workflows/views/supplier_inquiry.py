"""A question put to the supplier: it replies in its own words, with files."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents.forms import EvidenceForm
from portal.access import open_to, require
from portal.http import SignedInRequest
from workflows import actions, rules
from workflows.forms.plans import ReplyForm
from workflows.models import Case, Inquiry
from workflows.views.supplier import ANSWERING, case_for


def _inquiry(request: SignedInRequest, case: Case, inquiry_id: UUID) -> Inquiry:
    rows = Inquiry.objects.visible_to(request.user).select_related(
        "asked_by", "replied_by", "case", "letter"
    )
    found: Inquiry = get_object_or_404(rows, pk=inquiry_id, case=case)
    return found


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def inquiry(request: SignedInRequest, case_id: UUID, inquiry_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    found = _inquiry(request, case, inquiry_id)
    verdict = rules.may_reply(request.user, case)
    if request.method == "POST":
        require(verdict)
    form = ReplyForm(request.POST or None)
    if form.is_valid():
        actions.reply_to_inquiry(inquiry=found, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Your reply is sent. A person reads it."))
        return redirect("workflows:request_question", case.pk, found.pk)
    context = {
        "case": case,
        "inquiry": found,
        "files": list(found.files.all()),
        "form": form if verdict and found.replied_at is None else None,
        "may_add": bool(verdict),
        "closed": "" if verdict else verdict.sentence,
    }
    return render(request, "workflows/supplier/question.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def inquiry_file(request: SignedInRequest, case_id: UUID, inquiry_id: UUID) -> HttpResponse:
    """Add a file to a reply, before it is sent or later."""
    case = case_for(request, case_id)
    found = _inquiry(request, case, inquiry_id)
    require(rules.may_reply(request.user, case))
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        actions.add_to_reply(
            inquiry=found,
            by=request.user,
            file=form.cleaned_data["file"],
            described=form.described(about=f"reply:{found.pk}"),
        )
        messages.success(request, _("We have the file. It is being checked."))
        return redirect("workflows:request_question", case.pk, found.pk)
    context = {
        "case": case,
        "form": form,
        "title": _("Add a file to your reply"),
        "back_url": reverse("workflows:request_question", args=[case.pk, found.pk]),
    }
    return render(request, "workflows/supplier/add_file.html", context)
