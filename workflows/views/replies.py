"""The pages of what a reply code leads to: conditions, terms, originals, limits, reasons."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.access import open_to, require
from portal.enums import Role, Wording
from portal.http import SignedInRequest
from questionnaires import queries as answers
from workflows import actions, clauses, engine, queries, rules
from workflows.forms import replies as forms
from workflows.models import Case, Condition
from workflows.views.found import DESK, back_to, case_for, page, require_current


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def conditions(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Every condition with its answer; a POST adds one that was named elsewhere."""
    case = case_for(request, case_id)

    require(rules.may_work_on_conditions(request.user, case))

    form = forms.AddConditionForm(request.POST or None, initial=_step(case), case=case)
    if form.is_valid():
        require_current(case, form)
        actions.add_condition(case=case, by=request.user, text=form.cleaned_data["text"])
        messages.info(request, _("The condition is added."))
        return _to(case, "case_conditions")

    more = {
        "form": form,
        "conditions": queries.conditions(case),
        "is_neutral": case.wording == Wording.TRACEABILITY,
    }
    return render(request, "workflows/desk/conditions.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def condition(request: SignedInRequest, case_id: UUID, condition_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    rows = Condition.objects.visible_to(request.user).select_related("case")
    found = get_object_or_404(rows, pk=condition_id, case=case)

    require(rules.may_answer_condition(request.user, case, found))

    form = forms.AnswerConditionForm(request.POST or None, initial=_step(case), case=case)
    if form.is_valid():
        require_current(case, form)
        said = {name: form.cleaned_data[name] for name in ("state", "answer", "we_do")}
        actions.answer_condition(condition=found, by=request.user, **said)
        messages.info(request, _("The answer stands on the supplier's page."))
        return _to(case, "case_conditions")

    return _page(
        request,
        case,
        form,
        title=_("Answer a condition"),
        button=_("Answer it"),
        quoted=found.text,
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The supplier reads the answer at once; it is told by mail after the last one."),
            _("What we do for it becomes a duty with a clock. An exit waits for it."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def terms(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_offer_terms(request.user, case))

    standing = queries.terms(case)
    initial = _step(case)
    if standing is not None:
        initial |= {
            "text": standing.text,
            "redaction": standing.redaction,
            "is_inspect_only": standing.is_inspect_only,
        }
    form = forms.TermsForm(request.POST or None, initial=initial, case=case)
    if form.is_valid():
        require_current(case, form)
        said = {name: form.cleaned_data[name] for name in ("text", "redaction", "is_inspect_only")}
        actions.offer_terms(case=case, by=request.user, **said)
        messages.info(request, _("The terms are offered. The supplier reads them on its page."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Offer confidentiality terms"),
        button=_("Offer these terms"),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("The supplier is told by mail and accepts them on its page, or asks for others."),
            _("Terms not answered yet are replaced by these."),
            _("What is only looked at is graded B at most and left out of the customs file."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def inspection(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_log_inspection(request.user, case))

    claims, steps = queries.claims_and_steps(case.campaign.version, answers.language())
    form = forms.InspectionForm(
        request.POST or None, initial=_step(case), claims=claims, steps=steps
    )
    form.zone = case.buyer.zone
    if form.is_valid():
        require_current(case, form)
        said = {name: value for name, value in form.cleaned_data.items() if name != "task"}
        actions.log_inspection(case=case, by=request.user, seen=actions.Seen(**said))
        messages.info(request, _("The original is logged as seen."))
        return back_to(case, "proof")

    return _page(
        request,
        case,
        form,
        title=_("Log an original that was seen"),
        button=_("Log it"),
        follows=[
            _("It counts for its claim like a document, graded B at most."),
            _("It is left out of the customs file: nobody there could check it."),
            _("A recommendation that stands is set aside: there is something new."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def constraint(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_close_constraint(request.user, case))

    form = forms.ConstraintForm(request.POST or None, initial=_step(case), case=case)
    if form.is_valid():
        said = form.cleaned_data
        actions.close_constraint(
            case=case,
            task=said["task"] or 0,
            by=request.user,
            way=said["outcome"],
            **{name: said[name] for name in ("summary", "advice", "to_supplier")},
        )
        messages.success(request, _("The limit is closed. The reply is read again."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Close what limits the reply"),
        button=_("Close it"),
        for_counsel=queries.notes_for_counsel(case, queries.latest_submission(case)),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("What was held goes on. Nothing of this is an exit, and nothing is shown as guilt."),
            _("A case that was with counsel goes back to where it was; its clocks move."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def reasons(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Why the supplier declined: the approver says that it read it, counsel may open the words."""
    case = case_for(request, case_id)
    user = request.user

    require(rules.may_read_declined(user, case))

    submission = queries.latest_submission(case)
    found = queries.reasons(case, submission, user, answers.language()) if submission else None
    is_counsel = user.works_on(case, Role.COUNSEL)
    may_read = bool(rules.may_read_reasons(user, case))
    may_release = is_counsel and found is not None and found.has_text and found.release is None
    kind = forms.ReasonForm if may_release else forms.NoteForm
    form = kind(request.POST or None, initial=_step(case))
    if request.method == "POST":
        require(
            rules.may_release_reasons(user, case)
            if may_release
            else rules.may_read_reasons(user, case)
        )
        if form.is_valid():
            require_current(case, form)
            if may_release:
                actions.release_reasons(case=case, by=user, reason=form.cleaned_data["reason"])
                messages.info(request, _("Analysts and approvers may read the words now."))
            else:
                actions.read_reasons(case=case, by=user, note=form.cleaned_data["note"])
                messages.info(request, _("It stands in the record that you read the reasons."))
            return back_to(case)

    more = {
        "form": form if may_release or may_read else None,
        "found": found,
        "is_counsel": is_counsel,
        "may_release": may_release,
    }
    return render(request, "workflows/desk/reasons.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def unreachable(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_mark_unreachable(request.user, case))

    form = forms.ReasonForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        require_current(case, form)
        actions.mark_unreachable(case=case, by=request.user, reason=form.cleaned_data["reason"])
        messages.info(request, _("It is our task now to find another way to the supplier."))
        return back_to(case)

    days = ngettext("%(n)d working day", "%(n)d working days", clauses.REPLY_DAYS)
    return _page(
        request,
        case,
        form,
        title=_("Say that no address answers"),
        button=_("Say so"),
        follows=[
            _("We owe another way within %(days)s: a second contact, a call, a letter.")
            % {"days": days % {"n": clauses.REPLY_DAYS}},
            _("No exit can be proposed meanwhile. Changing the contact ends it."),
        ],
    )


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _to(case: Case, name: str) -> HttpResponse:
    return redirect(f"workflows:{name}", case.pk)


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
