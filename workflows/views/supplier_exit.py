"""The supplier's page for its reply to a proposed exit, or to a notice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents.models import Evidence
from portal.access import open_to, require
from portal.http import SignedInRequest
from workflows import actions, rules
from workflows.forms.exit_plan import ReplyForm
from workflows.models import Case
from workflows.queries import exits
from workflows.views.supplier import ANSWERING, case_for


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def reply(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_reply_to_exit(request.user, case))

    known = list(exits.reply_files(case, request.user)[: exits.DOCUMENTS])
    form = ReplyForm(request.POST or None, request.FILES or None, known=known)
    files: list[Evidence] = []
    if form.is_bound:
        is_whole = form.is_valid()
        files = [*form.kept, *_received(request, case, form)]
        if is_whole:
            actions.reply_to_exit(case=case, by=request.user, reply=form.reply(files))
            messages.success(
                request,
                _("Your reply was sent. %(buyer)s answers it in writing.")
                % {"buyer": case.buyer.name},
            )
            return redirect("workflows:request", case.pk)

    plan = exits.plan_of(case)
    context = {
        "case": case,
        "form": form,
        "plan": plan,
        "kept": {one.pk: one for one in files}.values(),
        "letter": exits.last_letter(case),
        "replies": exits.replies(plan) if plan else [],
    }
    return render(request, "workflows/supplier/exit_reply.html", context)


def _received(request: SignedInRequest, case: Case, form: ReplyForm) -> list[Evidence]:
    return [
        actions.keep_reply_file(case=case, by=request.user, file=file, described=described)
        for file, described in form.uploads()
    ]
