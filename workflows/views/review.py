"""The verbs of a case in review, one page each: who may is the rule's to say."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.access import open_to, require
from portal.enums import Role, Wording
from portal.http import SignedInRequest
from portal.models import User
from questionnaires import queries as answers
from workflows import actions, calendar, engine, queries, rules
from workflows.enums import Stage
from workflows.forms import desk as forms
from workflows.forms import letter
from workflows.models import Case
from workflows.views.found import DESK, back_to, case_for, page, require_current


@open_to(*DESK)
@require_POST
def take(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    actions.take(case=case, by=request.user)

    messages.info(request, _("You review this case now."))
    return back_to(case)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def recommend(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_recommend(request.user, case))

    standing = queries.standing(case)
    require(rules.nothing_open(standing.obstacles))

    form = forms.RecommendForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        actions.recommend(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("Your recommendation stands. An approver decides."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Recommend clearing"),
        button=_("Recommend clearing"),
        standing=standing,
        follows=[
            _("All approvers but you are told by mail."),
            _("You can't clear this case yourself then."),
            _("New proof, a confirmed finding or a late answer sets the recommendation aside."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def clear(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_clear(request.user, case))

    standing = queries.standing(case)
    require(rules.nothing_open(standing.obstacles))

    unscanned = queries.unscanned_files(case)
    form = forms.ClearForm(request.POST or None, initial=_step(case), unscanned=unscanned)
    if form.is_valid():
        actions.clear(case=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("The case is cleared, as of today."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Clear the case"),
        button=_("Clear the case"),
        standing=standing,
        unscanned=unscanned,
        recommended=queries.last_recommendation(case),
        follows=[
            _("It says that nothing is open under B4 and B5 as of today, and no more."),
            _("The supplier is told by mail, in its wording."),
            _("Your name and reason stand in the dossier."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def escalate(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_escalate(request.user, case))

    people = _approvers_and_counsel(case, request.user)
    form = forms.EscalateForm(request.POST or None, initial=_step(case), people=people)
    if form.is_valid():
        actions.escalate(case=case, by=request.user, **form.cleaned_data)
        messages.info(
            request,
            _("The case lies before %(name)s now.") % {"name": form.cleaned_data["to"]},
        )
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Escalate"),
        button=_("Escalate"),
        nobody=not people,
        follows=[
            _("The person chosen is told by mail and has the next act."),
            ngettext(
                "The clock is %(days)d working day.",
                "The clock is %(days)d working days.",
                case.policy.escalation_days,
            )
            % {"days": case.policy.escalation_days},
            _("The stage stays “In review”; the supplier is told nothing."),
        ],
    )


def _approvers_and_counsel(case: Case, but: User) -> list[tuple[User, str]]:
    found: dict[User, list[str]] = {}
    approvers = queries.people(case.buyer_id, Role.APPROVER)
    for role, people in ((Role.APPROVER, approvers), (Role.COUNSEL, queries.counsel_of(case))):
        for person in people:
            if person.pk != but.pk:
                found.setdefault(person, []).append(str(role.label))
    return [(person, _(", ").join(roles)) for person, roles in found.items()]


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def refer(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_refer(request.user, case))

    form = forms.ReferForm(request.POST or None, initial=_step(case))
    if form.is_valid():
        actions.refer(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("The case lies with counsel."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Refer to counsel"),
        button=_("Refer to counsel"),
        follows=[
            _("The supplier's clocks stand still until counsel advises."),
            ngettext(
                "Counsel is told by mail and has %(days)d working day.",
                "Counsel is told by mail and has %(days)d working days.",
                case.policy.counsel_days,
            )
            % {"days": case.policy.counsel_days},
            _("Then the case returns to where it is now."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_withdraw(request.user, case))

    form = _withdraw_form(request, case)
    if form.may_send:
        require_current(case, form)
        actions.withdraw(
            case=case, by=request.user, reason=form.cleaned_data["reason"], seen=form.seen
        )
        messages.info(request, _("The request is withdrawn."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Withdraw the request"),
        button=_("Withdraw the request"),
        danger=True,
        follows=[
            _("For a request that was sent in error. The case ends."),
            _("All that was written and signed stays in the record."),
        ],
    )


def _withdraw_form(
    request: SignedInRequest, case: Case
) -> letter.WithdrawForm | letter.WithdrawDraftForm:
    if case.stage == Stage.DRAFT:
        return letter.WithdrawDraftForm(request.POST or None, initial=_step(case))
    return letter.WithdrawForm(request.POST or None, initial=_step(case), case=case)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def query(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """First the places are picked, with GET; then each is asked about, with one deadline."""
    case = case_for(request, case_id)

    require(rules.may_query(request.user, case))

    parts = _sheet(case)
    labels = _places(parts)
    given = request.POST if request.method == "POST" else request.GET
    asked = dict.fromkeys(given.getlist("path"))
    picked = [(path, labels[path]) for path in asked if path in labels]
    is_known = len(picked) == len(asked)
    picked = picked[: letter.MOST_QUESTIONS]
    if not picked or not is_known or "more" in request.GET:
        return _pick(request, case, parts, set(asked))

    supplier = case.supplier
    today = clock.today(supplier.zone)
    proposed = calendar.add_working_days(today, case.policy.query_days, supplier.country)
    form = letter.QueryForm(
        request.POST or None,
        case=case,
        by=request.user,
        picked=picked,
        today=today,
        initial=_step(case) | {"due_on": proposed},
    )
    if form.may_send:
        actions.query(
            case=case,
            task=form.cleaned_data["task"],
            by=request.user,
            questions=[actions.Question(path, text) for path, text in form.texts()],
            due_on=form.cleaned_data["due_on"],
            seen=form.seen,
        )
        messages.info(request, _("The questions are sent. The case waits for the supplier."))
        return back_to(case)

    more = {"form": form, "picked": picked, "title": _("Send questions back")}
    more["is_neutral"] = case.wording == Wording.TRACEABILITY
    return render(request, "workflows/desk/query.html", page(case, **more))


def _pick(
    request: SignedInRequest, case: Case, parts: list[answers.Part], picked: set[str]
) -> HttpResponse:
    sent = request.method == "POST" or bool(request.GET)
    context = {
        "title": _("Send questions back"),
        "parts": parts,
        "picked": picked,
        "is_empty": sent and "more" not in request.GET,
        "most": letter.MOST_QUESTIONS,
    }
    return render(request, "workflows/desk/query_pick.html", page(case, **context))


def _sheet(case: Case) -> list[answers.Part]:
    submission = queries.latest_submission(case)
    if submission is None:
        return []
    return answers.sheet_of(submission, language=answers.language())


def _places(parts: list[answers.Part]) -> dict[str, str]:
    """Every place that can be sent back, with its label: answers, files, whole tables."""
    found = {}
    for part in parts:
        if part.section.table:
            found[f"{part.section.table}[*]"] = _("%(section)s: the whole table") % {
                "section": part.title
            }
        for group in part.groups:
            for line in group.lines:
                found[line.path] = f"{group.title}: {line.label}" if group.title else line.label
    return found


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
