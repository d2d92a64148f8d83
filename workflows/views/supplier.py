"""A supplier's pages of its case: what is asked, where it stands, and the short acts."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import mail
from portal.access import Refused, open_to, require
from portal.enums import Role
from portal.http import SignedInRequest
from portal.templatetags.portal import day
from questionnaires.definition import split_path
from questionnaires.views.finding import url_of_path
from workflows import actions, engine, queries, rules
from workflows.enums import LetterKind, Stage, Trading
from workflows.forms.supplier import MessageForm, ReferForm, SignatoryForm, WrongPersonForm
from workflows.models import Case
from workflows.views import supplier_exit_state, supplier_follows, supplier_state
from workflows.views.letters import in_readers_language

ANSWERING = (Role.CONTACT, Role.SIGNATORY)
LAST_SHOWN = 3
# letters that announce nothing new
ROUTINE = frozenset({LetterKind.INSTRUCTION, LetterKind.ACKNOWLEDGEMENT})
TRADING = {
    Trading.OPEN: gettext_lazy("Open: nothing is paused"),
    Trading.NO_NEW_ORDERS: gettext_lazy("No new orders for the time being; placed ones go on"),
    Trading.PAUSED: gettext_lazy("Paused for the time being"),
    Trading.ENDED: gettext_lazy("Ended"),
}


def case_for(request: SignedInRequest, case_id: UUID) -> Case:
    """Return the issued case if this person answers for its company, else 404."""
    found: Case = get_object_or_404(queries.asked_in_full(request.user), pk=case_id)
    return found


def _orders(case: Case) -> str:
    """What applies to orders; while trade winds down, the notice says it."""
    if case.stage == Stage.WINDING_DOWN and case.trading == Trading.OPEN:
        return _("As the notice says")
    return str(TRADING[Trading(case.trading)])


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
            **_tag(supplier_state.State(case, request.user, late=case.is_late)),
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
    thread, sent = list(queries.messages(case)), queries.letters_to(case)
    letter = queries.instruction_words(case)
    questions = list(queries.inquiries_of(case))
    remedy = queries.remedy(case)
    state.remedy, state.questions = remedy, questions
    context = {
        "case": case,
        "state": state,
        "questions": questions,
        "remedy": remedy,
        "ended_plan": queries.ended_plan(case) if remedy.version is None else None,
        "trading": _orders(case),
        "next": state.next,
        "task": engine.open_task(case),
        "exit": supplier_exit_state.shown(case),
        "sent_back": _sent_back(state),
        "letter": letter,
        "reading": in_readers_language(case, letter),
        "letters": sent,
        "newest": sent[0] if sent[0].kind not in ROUTINE else None,
        "thread": thread[-LAST_SHOWN:],
        "older": max(0, len(thread) - LAST_SHOWN),
        "submissions": list(queries.submissions(case)),
        "follows": supplier_follows.of(case, request.user),
        "is_one_of_many": queries.asked_of(request.user).count() > 1,
        "may": {
            "refer": bool(rules.may_refer(request.user, case)),
            "decline": bool(rules.may_prepare_decline(request.user, case)),
            "help": bool(rules.may_ask_help(request.user, case)),
            "message": bool(rules.may_write_message(request.user, case)),
            "name": bool(rules.may_name_signatory(request.user, case)),
            "time": bool(rules.may_ask_time(request.user, case)),
            "list": bool(rules.may_open_list(request.user, case)),
        },
    }
    return render(request, "workflows/supplier/request.html", context)


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
    may_name = bool(rules.may_name_signatory(request.user, case))
    context = {"case": case, "form": form, "may_name": may_name}
    return render(request, "workflows/supplier/wrong_person.html", context)


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
