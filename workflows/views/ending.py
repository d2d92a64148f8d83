"""Ending a case for its facts: trade that had ended, a duplicate, a company that is gone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.access import Conflict, open_to, require
from portal.http import SignedInRequest
from workflows import actions, queries, rules
from workflows.enums import Ending
from workflows.forms.exit_plan import CloseForm
from workflows.models import Case
from workflows.queries import exits
from workflows.views.found import DESK, back_to, case_for, require_current
from workflows.views.leaving import act, step


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def close(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_close(request.user, case))
    if queries.has_grave_finding(case):
        raise Conflict(
            _("A finding on location, transfers or the group is open; it must be decided.")
        )

    form = _form(request, case)
    is_whole = form.is_valid() if form.is_bound else False
    if form.is_bound and (kept := _kept(request, case, form)):
        # a file that came is kept and named, whatever else was missing
        form = _form(request, case, proof=kept)
        is_whole = form.is_valid()
    if is_whole and form.may_send:
        require_current(case, form)
        said = form.cleaned_data
        actions.close(
            case=case,
            by=request.user,
            ending=Ending(said["ending"]),
            reason=said["reason"],
            proof=form.documents[said["proof"]],
            seen=form.seen,
        )
        messages.info(request, _("The case has ended."))
        return back_to(case)

    return act(
        request,
        case,
        form,
        title=_("Close the case"),
        button=_("Close the case and send the letter"),
        danger=True,
        takes_file=True,
        follows=[
            _("For trade that had ended before, a duplicate, or a company that is dissolved."),
            _("The company is told that nothing more is asked."),
            _("All that was written and signed stays in the record."),
        ],
    )


def _form(request: SignedInRequest, case: Case, proof: str = "") -> CloseForm:
    data = request.POST.copy() if request.method == "POST" else None
    files = request.FILES or None
    if data is not None and proof:
        data["proof"], files = proof, None
    documents = list(exits.documents_of(case)[: exits.DOCUMENTS])
    return CloseForm(data, files, initial=step(case), case=case, documents=documents)


def _kept(request: SignedInRequest, case: Case, form: CloseForm) -> str:
    given = form.upload()
    if given is None:
        return ""
    file, described, arrival = given
    proof = actions.keep_closing_proof(
        case=case, by=request.user, file=file, described=described, arrival=arrival
    )
    return str(proof.pk)
