"""The signature: statements ticked one by one, a fresh code bound to their hash, the receipt."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import passkeys
from portal.access import Conflict, Verdict, open_to, require
from portal.actions import step_up
from portal.enums import Language, Role, StepUpPurpose
from portal.http import SignedInRequest
from portal.models import StepUp
from portal.views import proving
from questionnaires import actions as answering
from questionnaires import queries as answers
from questionnaires.enums import ResponseState, SubmissionKind
from workflows import actions, engine, queries, rules
from workflows.enums import ReplyCode, Stage
from workflows.forms.supplier import SignCodeForm, SignForm
from workflows.models import Case
from workflows.views.supplier import ANSWERING, case_for

TYPED = ("name", "title", "authority")
JOB = "job_title"
NO_CODE = UUID(int=0)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def sign(
    request: SignedInRequest, response_id: UUID, kind: str = SubmissionKind.ATTESTATION
) -> HttpResponse:
    """Page 1: what is signed and by whom; its POST keeps what was typed and mails the code."""
    case = _case(request, response_id)
    if _is_done(case):
        return redirect("workflows:request_receipt", case.pk)
    if request.method == "GET" and not request.user.holds(Role.SIGNATORY, case.supplier_id):
        messages.info(request, _("Only the signatory of the company signs. Say who that is."))
        return redirect("workflows:request_signatory", case.pk)
    require(_may(request, case, kind))
    form = SignForm(
        request.POST or None,
        statements=_statements(case, answers.language(), kind),
        initial=_initial(request, case, kind),
    )
    if not form.is_valid():
        return _page(request, case, kind, form)
    _require_task(case, form.cleaned_data["task"])
    kept = _typed(form, case, kind)
    request.session[_key(case)] = kept
    by_passkey = passkeys.has_any(request.user)
    try:
        _ask(request, case, kind, kept, by_passkey=by_passkey)
    except Conflict as conflict:
        return _back(request, case, kind, conflict)
    return redirect(_url("code", kind), response_id)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def code(
    request: SignedInRequest, response_id: UUID, kind: str = SubmissionKind.ATTESTATION
) -> HttpResponse:
    """Page 2: the code; its POST signs, or sends another code."""
    case = _case(request, response_id)
    if _is_done(case):
        return redirect("workflows:request_receipt", case.pk)
    require(_may(request, case, kind))
    kept = _kept(request, case, kind)
    if kept is None:
        return redirect(_url("page", kind), response_id)
    if "again" in request.POST or "second" in request.POST:
        return _send_again(request, case, kind, kept)
    form = proving.proof_form(request, _asked(request, kept), SignCodeForm)
    if request.method == "POST" and form.is_valid():
        try:
            _act(request, case, kind, kept, proving.proof_of(request, form))
        except actions.WrongCode as wrong:
            form.add_error(proving.field_of(form), str(wrong))
        except Conflict as conflict:
            _require_task(case, kept["task"])
            return _back(request, case, kind, conflict)
        else:
            _forget(request, case)
            return redirect("workflows:request_receipt", case.pk)
    return _code_page(request, case, kind, kept, form)


def _case(request: SignedInRequest, response_id: UUID) -> Case:
    found: Case = get_object_or_404(queries.is_asked(request.user, response_id))
    return found


def _is_done(case: Case) -> bool:
    """Whether it was signed in the meantime, perhaps by this very form sent twice."""
    # a form that an approved exit shut was not signed by this
    is_shut = case.stage == Stage.WINDING_DOWN
    return queries.response_of(case).state == ResponseState.SUBMITTED and not is_shut


def _may(request: SignedInRequest, case: Case, kind: str) -> Verdict:
    if kind == SubmissionKind.DECLINE:
        return rules.may_decline(request.user, case)
    if rules.may_still_answer(case):
        return rules.may_submit_late(request.user, case)
    return rules.may_submit(request.user, case)


def _url(page: str, kind: str) -> str:
    names = {
        ("page", SubmissionKind.ATTESTATION): "workflows:request_sign",
        ("code", SubmissionKind.ATTESTATION): "workflows:request_sign_code",
        ("page", SubmissionKind.DECLINE): "workflows:request_decline_sign",
        ("code", SubmissionKind.DECLINE): "workflows:request_decline_code",
    }
    return names[page, SubmissionKind(kind)]


def _require_task(case: Case, task: int) -> None:
    if engine.open_task(case) != task:
        raise Conflict(_("This step was already taken. Please look at the case as it is now."))


def _statements(case: Case, language: str, kind: str) -> list[tuple[str, str]]:
    if kind == SubmissionKind.DECLINE:
        return []
    return [
        (one.code, one.label.of(queries.response_of(case).wording, language))
        for question in answers.questionnaire(queries.response_of(case).version).questions.values()
        for one in question.statements
    ]


def _initial(request: SignedInRequest, case: Case, kind: str) -> dict[str, Any]:
    """What was typed before, else what is known already: nothing is asked for twice."""
    kept = _kept(request, case, kind) or {}
    ticked = {f"tick_{code}": True for code in kept.get("statements", ())}
    typed = {key: kept[key] for key in TYPED if key in kept}
    return {"name": request.user.name, "task": engine.open_task(case)} | typed | ticked


def _typed(form: SignForm, case: Case, kind: str) -> dict[str, Any]:
    given = {key: form.cleaned_data[key] for key in TYPED}
    return given | {
        "kind": str(kind),
        "statements": form.ticked,
        "language": answers.language(),
        "task": form.cleaned_data["task"],
        "reply": str(_reply(case, kind) or ""),
    }


def _reply(case: Case, kind: str) -> ReplyCode | None:
    if kind != SubmissionKind.DECLINE:
        return None
    return queries.reply_that_declines(queries.commitments_of(case))


def _content(request: SignedInRequest, case: Case, kept: dict[str, Any]) -> answering.Content:
    is_declining = kept["kind"] == SubmissionKind.DECLINE
    if is_declining and not kept["reply"]:
        raise Conflict(_("No answer of this section declines, so there is nothing to sign here."))
    return answering.content_to_sign(
        queries.response_of(case),
        by=request.user,
        statements=kept["statements"],
        language=kept["language"],
        name=kept["name"],
        title=kept["title"],
        authority=kept["authority"],
        kind=kept["kind"],
        reply=kept["reply"],
    )


def _ask(
    request: SignedInRequest,
    case: Case,
    kind: str,
    kept: dict[str, Any],
    *,
    by_passkey: bool = False,
) -> None:
    """Mail a code for exactly this content, or wait for a passkey to sign it.

    The key of what is asked joins what was typed in the session.
    """
    content = _content(request, case, kept)
    if by_passkey:
        asked = step_up.ask_passkey(
            user=request.user,
            session=request.session,
            purpose=StepUpPurpose.SIGN,
            content_hash=content.sha256,
        )
        request.session[_key(case)] = kept | {"step_up": str(asked.pk)}
        return
    asked = step_up.ask(
        user=request.user,
        session=request.session,
        purpose=StepUpPurpose.SIGN,
        content_hash=content.sha256,
        what=_what(case, kind),
        buyer=case.buyer,
        supplier=case.supplier,
        chain=case.chain,
        address=request.user.second_email if "second" in request.POST else "",
    )
    request.session[_key(case)] = kept | {"step_up": str(asked.pk)}


def _what(case: Case, kind: str) -> str:
    said = (
        _("Reply that declines, request %(reference)s of %(buyer)s")
        if kind == SubmissionKind.DECLINE
        else _("All answers, request %(reference)s of %(buyer)s")
    )
    return said % {"reference": case.reference, "buyer": case.buyer.name}


def _key(case: Case) -> str:
    return f"signing-{case.response_id}"


def _kept(request: SignedInRequest, case: Case, kind: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = request.session.get(_key(case))
    return found if found and found.get("kind") == kind else None


def _forget(request: SignedInRequest, case: Case) -> None:
    request.session.pop(_key(case), None)


def _asked(request: SignedInRequest, kept: dict[str, Any]) -> StepUp | None:
    return request.user.step_ups.filter(pk=kept.get("step_up", NO_CODE)).first()


def _send_again(
    request: SignedInRequest, case: Case, kind: str, kept: dict[str, Any]
) -> HttpResponse:
    try:
        _ask(request, case, kind, kept)
    except Conflict as conflict:
        return _back(request, case, kind, conflict)
    messages.success(request, _("Another code is on its way. Only the newest one counts."))
    return redirect(_url("code", kind), case.response_id)


def _act(
    request: SignedInRequest, case: Case, kind: str, kept: dict[str, Any], proof: step_up.Proof
) -> None:
    asked = _asked(request, kept)
    if asked is None:
        raise Conflict(_("No code was asked for yet."))
    signature = actions.Signature(
        name=kept["name"],
        title=kept["title"],
        authority=kept["authority"],
        language=kept["language"],
        statements=tuple(kept["statements"]),
        step_up=asked,
        code=proof,
        session=request.session,
        reply=kept["reply"],
    )
    act = actions.decline if kind == SubmissionKind.DECLINE else actions.submit
    act(case=case, task=kept["task"], by=request.user, signature=signature)


def _back(request: SignedInRequest, case: Case, kind: str, conflict: Conflict) -> HttpResponse:
    """Lead to page 1, which says what was in the way and still holds all that was typed."""
    said = _("This could not be signed yet: %(why)s Nothing you typed here is lost.")
    messages.warning(request, said % {"why": conflict})
    return redirect(_url("page", kind), case.response_id)


def _page(request: SignedInRequest, case: Case, kind: str, form: SignForm) -> HttpResponse:
    draft = answers.draft(queries.response_of(case))
    is_declining = kind == SubmissionKind.DECLINE
    if not is_declining:
        _propose_title(form, draft)
    reply = _reply(case, kind)
    parts = answers.sheet(draft)
    context = {
        "case": case,
        "form": form,
        "is_declining": is_declining,
        "is_ready": reply is not None if is_declining else draft.is_ready,
        "waiting": [] if is_declining else draft.waiting,
        "reply": ReplyCode(reply).label if reply else "",
        "parts": [part for part in parts if part.key == queries.COMMITMENTS],
        "count": len(parts),
        "files": sum(len(found) for path, found in draft.files.items() if path in draft.visible),
        "late": case.is_late,
        "by_passkey": passkeys.has_any(request.user),
        "is_again": bool(draft.corrections),
        "check_url": reverse("questionnaires:check", args=[case.response_id]),
        "section_url": reverse(
            "questionnaires:section", args=[case.response_id, queries.COMMITMENTS]
        ),
        "read_in": Language(answers.language()).label,
    }
    return render(request, "workflows/supplier/sign.html", context)


def _propose_title(form: SignForm, draft: answers.Draft) -> None:
    """What the contact said of its own position stands there already; nothing is typed twice."""
    job = draft.answers.get("you", {}).get("answers", {}).get(JOB)
    if isinstance(job, str):
        form.initial.setdefault("title", job)


def _code_page(
    request: SignedInRequest,
    case: Case,
    kind: str,
    kept: dict[str, Any],
    form: Form,
) -> HttpResponse:
    asked = _asked(request, kept)
    if asked is None:
        return redirect(_url("page", kind), case.response_id)
    if request.method == "GET":
        try:
            _require_same(request, case, kept, asked)
        except Conflict as conflict:
            return _back(request, case, kind, conflict)
    context = {
        "case": case,
        "form": form,
        "kept": kept,
        "statements": [
            text
            for code, text in _statements(case, kept["language"], kind)
            if code in kept["statements"]
        ],
        "digits": asked.content_hash[:8],
        "address": asked.address,
        "options": proving.options(request, asked),
        "is_declining": kind == SubmissionKind.DECLINE,
        "page_url": reverse(_url("page", kind), args=[case.response_id]),
        "read_in": Language(kept["language"]).label,
        "language_code": kept["language"],
    }
    return render(request, "workflows/supplier/sign_code.html", context)


def _require_same(
    request: SignedInRequest, case: Case, kept: dict[str, Any], asked: StepUp
) -> None:
    """Raise Conflict unless what would be signed now is what the code was asked for."""
    if _content(request, case, kept).sha256 != asked.content_hash:
        raise Conflict(
            _("The answers changed since this code was asked for. Read them again, then sign.")
        )


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def receipt(request: SignedInRequest, case_id: UUID, number: int = 0) -> HttpResponse:
    """What was signed and when; a POST has a receipt written again that could not be."""
    case = case_for(request, case_id)
    signed = list(queries.submissions(case))
    found = next((one for one in signed if number in (0, one.number)), None)
    if found is None:
        return redirect("workflows:request", case.pk)
    if request.method == "POST":
        actions.ask_receipt(case=case, submission=found, by=request.user)
        return redirect("workflows:request_receipt_of", case.pk, found.number)
    context = {
        "case": case,
        "submission": found,
        "is_latest": found is signed[0],
        "is_declined": found.kind == SubmissionKind.DECLINE,
        "dossier": queries.receipt_of(case, found),
        "version": queries.response_of(case).version,
        "read_in": Language(found.language).label,
        "is_demo": settings.EXTRICATE_DEMO,
    }
    return render(request, "workflows/supplier/receipt.html", context)
