"""A supplier's pages of its case: what is asked, where it stands, and the short acts."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import mail
from portal.access import Refused, open_to, require
from portal.enums import Language, Role
from portal.http import SignedInRequest
from portal.templatetags.portal import day
from questionnaires import queries as answers
from questionnaires.definition import split_path
from questionnaires.views.finding import url_of_path
from workflows import actions, engine, letters, queries, rules
from workflows.enums import Stage
from workflows.forms.supplier import MessageForm, ReferForm, SignatoryForm, WrongPersonForm
from workflows.models import Case
from workflows.views import supplier_state

ANSWERING = (Role.CONTACT, Role.SIGNATORY)
LAST_SHOWN = 3


def case_for(request: SignedInRequest, case_id: UUID) -> Case:
    """Return the issued case if this person answers for its company, else 404."""
    found: Case = get_object_or_404(queries.asked_in_full(request.user), pk=case_id)
    return found


@open_to(*ANSWERING)
@require_GET
def requests(request: SignedInRequest) -> HttpResponse:
    cases = list(queries.asked_of(request.user))
    if len(cases) == 1:
        return redirect("workflows:request", cases[0].pk)
    tasks = [
        {
            "title": case.buyer.name,
            "hint": _("%(reference)s for %(supplier)s, by %(day)s")
            % {
                "reference": case.reference,
                "supplier": case.supplier.name,
                "day": day(case.due_at, case.supplier.zone),
            },
            "url": reverse("workflows:request", args=[case.pk]),
            **_tag(supplier_state.State(case, request.user, late=rules.may_still_answer(case))),
        }
        for case in cases
    ]
    return render(request, "workflows/supplier/requests.html", {"tasks": tasks})


def _tag(state: supplier_state.State) -> dict[str, str]:
    return {"state": state.label, "colour": state.colour}


@open_to(*ANSWERING)
@require_GET
def hub(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    state = supplier_state.of(case, request.user)
    thread = list(queries.messages(case))
    context = {
        "case": case,
        "state": state,
        "next": state.next,
        "task": engine.open_task(case),
        "sent_back": _sent_back(state),
        "letter": case.instruction,
        "reading": _in_readers_language(case),
        "thread": thread[-LAST_SHOWN:],
        "older": max(0, len(thread) - LAST_SHOWN),
        "submissions": list(queries.submissions(case)),
        "is_one_of_many": queries.asked_of(request.user).count() > 1,
        "may": {
            "refer": bool(rules.may_refer(request.user, case)),
            "decline": bool(rules.may_prepare_decline(request.user, case)),
            "message": bool(rules.may_write_message(request.user, case)),
            "name": bool(rules.may_name_signatory(request.user, case)),
            "list": bool(rules.may_open_list(request.user, case)),
        },
    }
    return render(request, "workflows/supplier/request.html", context)


def _in_readers_language(case: Case) -> letters.Letter | None:
    """The instruction as a reading aid, where it was sent in the other language."""
    reads = answers.language()
    if case.instruction.language == reads:
        return None
    return letters.instruction(case, reads)


def _sent_back(state: supplier_state.State) -> list[dict[str, object]]:
    """Answers sent back: question, reason, where it is put right, whether somebody was there."""
    if state.draft is None:
        return []
    draft, words = state.draft, state.draft.words
    found = []
    for one in state.corrections:
        path = one.path.removesuffix("[*]")
        if path in draft.questionnaire.tables:
            label, row = words.text(draft.questionnaire.tables[path].title), ""
        else:
            key, row_id = split_path(path)
            question = draft.questionnaire.questions[key]
            label = words.text(question.label)
            row = words.rows_of(question.table).get(row_id, "") if row_id else ""
        found.append(
            {
                "label": label,
                "row": row,
                "reason": one.reason,
                "is_touched": state.is_touched(one),
                "url": url_of_path(draft.response, draft, path),
            }
        )
    return found


@open_to(*ANSWERING)
@require_POST
def acknowledge(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    if rules.may_still_answer(case):
        actions.acknowledge_late(case=case, by=request.user)
    else:
        require(rules.may_acknowledge(request.user, case))
        actions.acknowledge(case=case, task=_task(request), by=request.user)
    messages.success(
        request,
        _("We noted that you have it. %(person)s answers for %(supplier)s.")
        % {"person": request.user, "supplier": case.supplier.name},
    )
    return redirect("workflows:request", case.pk)


def _task(request: SignedInRequest) -> int:
    typed = request.POST.get("task", "")
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


@open_to(*ANSWERING)
@require_GET
def genuine(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    context = {
        "case": case,
        "mails": list(queries.mails_to(case, request.user)[:20]),
        "sender": mail.sender_of(case.buyer),
        "host": request.get_host(),
    }
    return render(request, "workflows/supplier/genuine.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def wrong_person(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    form = WrongPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.report_wrong_person(case=case, by=request.user, note=form.cleaned_data["note"])
        return redirect("workflows:request_wrong_person", case.pk)
    return render(request, "workflows/supplier/wrong_person.html", {"case": case, "form": form})


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def signatory(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    require(rules.may_name_signatory(request.user, case))
    form = SignatoryForm(request.POST or None)
    if form.is_valid() and _named(request, case, form):
        return redirect("workflows:request", case.pk)
    return render(request, "workflows/supplier/signatory.html", {"case": case, "form": form})


def _named(request: SignedInRequest, case: Case, form: SignatoryForm) -> bool:
    given, user = form.cleaned_data, request.user
    is_me = given["who"] == "me"
    email, name = (user.email, user.name) if is_me else (given["email"], given["name"])
    try:
        actions.name_signatory(case=case, by=user, email=email, name=name)
    except Refused as refused:
        form.add_error("who" if is_me else "email", str(refused))
        return False
    except ValidationError as error:
        form.add_error("email", error)
        return False
    if is_me or email.strip().lower() == user.email:
        said = _("You sign for %(supplier)s.") % {"supplier": case.supplier.name}
    else:
        said = _("%(person)s signs. An invitation goes to %(address)s.") % {
            "person": name,
            "address": email,
        }
    messages.success(request, said)
    return True


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def refer(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    require(rules.may_refer(request.user, case))
    form = ReferForm(request.POST or None, initial={"task": engine.open_task(case)})
    if form.is_valid():
        actions.refer(case=case, by=request.user, **form.cleaned_data)
        messages.success(
            request, _("Your note is with counsel. Your time stands still until you hear from us.")
        )
        return redirect("workflows:request", case.pk)
    return render(request, "workflows/supplier/refer.html", {"case": case, "form": form})


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def message(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    verdict = rules.may_write_message(request.user, case)
    if request.method == "POST":
        require(verdict)
    form = MessageForm(request.POST or None)
    if form.is_valid():
        actions.write_message(case=case, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Your message was sent."))
        return redirect("workflows:request_message", case.pk)
    context = {
        "case": case,
        "form": form,
        "thread": list(queries.messages(case)),
        "closed": "" if verdict else verdict.sentence,
    }
    return render(request, "workflows/supplier/message.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def decline(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)
    require(rules.may_prepare_decline(request.user, case))
    section = reverse("questionnaires:section", args=[case.response_id, queries.COMMITMENTS])
    if request.method == "POST":
        actions.prepare_decline(case=case, by=request.user)
        return redirect(section)
    context = {
        "case": case,
        "reply": queries.reply_that_declines(queries.commitments_of(case)),
        "section_url": section,
        "signs": request.user.holds(Role.SIGNATORY, case.supplier_id),
    }
    return render(request, "workflows/supplier/decline.html", context)


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def instruction(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The exact words that were sent; a POST has them written as a PDF."""
    case = case_for(request, case_id)
    if request.method == "POST":
        actions.ask_instruction(case=case, by=request.user)
        return redirect("workflows:request_instruction", case.pk)
    context = {
        "case": case,
        "letter": case.instruction,
        "reading": _in_readers_language(case),
        "dossier": queries.instruction_of(case),
        "read_in": Language(case.instruction.language).label,
        "has_list": bool(rules.may_open_list(request.user, case)),
        "is_withdrawn": case.stage == Stage.WITHDRAWN,
    }
    return render(request, "workflows/supplier/instruction.html", context)


@open_to(*ANSWERING)
@require_GET
def companies(request: SignedInRequest, case_id: UUID) -> FileResponse:
    """The list that belongs to the instruction; explicit wording only."""
    case = case_for(request, case_id)
    opened, name = actions.open_list(case=case, by=request.user)
    response = FileResponse(
        opened,
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
