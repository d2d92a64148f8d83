"""Judging what a reply rests on: findings, proof, the reply itself, files that are held."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents import actions as documents
from documents import rules as file_rules
from documents.enums import EvidenceKind
from documents.models import Evidence
from portal.access import open_to, require
from portal.http import SignedInRequest
from questionnaires import queries as answers
from workflows import actions, engine, queries, rules
from workflows.forms import desk as forms
from workflows.models import Finding, Proof
from workflows.views.found import DESK, back_to, case_for, page, require_current


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def finding(request: SignedInRequest, case_id: UUID, finding_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    found = get_object_or_404(
        Finding.objects.visible_to(request.user).select_related("judged_by"),
        pk=finding_id,
        case=case,
    )

    require(rules.may_judge_finding(request.user, case, found.level))

    missing = queries.missing_for_confirmation(found)
    initial = {"task": engine.open_task(case)}
    form = forms.FindingForm(request.POST or None, initial=initial, missing=missing)
    if form.is_valid():
        require_current(case, form)
        actions.judge_finding(
            finding=found,
            by=request.user,
            state=form.cleaned_data["state"],
            reason=form.cleaned_data["reason"],
        )
        messages.info(request, _("The finding is judged."))
        return back_to(case, "findings")

    queries.hear([found])
    more = {
        "form": form,
        "finding": found,
        "language": answers.language(),
        "missing": missing,
    }
    return render(request, "workflows/desk/finding.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def proof(request: SignedInRequest, case_id: UUID, proof_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    found = get_object_or_404(
        Proof.objects.visible_to(request.user).select_related("evidence", "graded_by"),
        pk=proof_id,
        case=case,
    )

    require(rules.may_grade_proof(request.user, case))

    evidence = found.evidence
    initial = {
        "task": engine.open_task(case),
        "grade": found.grade or evidence.proposed_grade,
        "counts": "yes" if found.counts else "no",
        "reason": found.reason,
    }
    form = forms.ProofForm(request.POST or None, initial=initial)
    if form.is_valid():
        require_current(case, form)
        said = {name: form.cleaned_data[name] for name in ("grade", "counts", "reason")}
        actions.grade_proof(proof=found, by=request.user, **said)
        messages.info(request, _("The proof is graded."))
        return back_to(case, "proof")

    submission = queries.latest_submission(case)
    more = {
        "form": form,
        "proof": found,
        "evidence": evidence,
        "kind": EvidenceKind(evidence.kind).label,
        "may_open": bool(file_rules.may_download(request.user, evidence)),
        "claim": queries.claim_label(submission, found.claim, found.step, answers.language())
        if submission
        else found.claim,
    }
    return render(request, "workflows/desk/proof.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def reply_code(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_set_reply_code(request.user, case))

    standing = queries.standing(case)
    initial = {
        "task": engine.open_task(case),
        "code": case.reply_code or standing.proposed_code,
    }
    form = forms.ReplyCodeForm(request.POST or None, initial=initial)
    if form.is_valid():
        require_current(case, form)
        said = {name: form.cleaned_data[name] for name in ("code", "reason")}
        actions.set_reply_code(case=case, by=request.user, **said)
        messages.info(request, _("The reading of the reply is kept."))
        return back_to(case)

    more = {"form": form, "standing": standing}
    return render(request, "workflows/desk/reply_code.html", page(case, **more))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def held_file(request: SignedInRequest, case_id: UUID, evidence_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    found = get_object_or_404(
        Evidence.objects.visible_to(request.user), pk=evidence_id, chain_id=case.chain_id
    )

    require(file_rules.may_decide_on(request.user, found))

    form = forms.HeldFileForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["decision"] == "release":
            documents.release(evidence=found, by=request.user, reason=reason)
            messages.info(request, _("The file is released."))
        else:
            documents.refuse(evidence=found, by=request.user, reason=reason)
            messages.info(request, _("The file is refused. Its bytes are destroyed."))
        return back_to(case, "proof")

    more = {"form": form, "evidence": found, "kind": EvidenceKind(found.kind).label}
    return render(request, "workflows/desk/held_file.html", page(case, **more))
