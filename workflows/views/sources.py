"""What was learned elsewhere, on the desk: recorded, weighed, raised, asked about, lifted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from documents.enums import EvidenceKind
from documents.models import Evidence
from portal.access import open_to, require
from portal.enums import Wording
from portal.http import SignedInRequest
from portal.templatetags.portal import day
from questionnaires import queries as answers
from workflows import actions, engine, queries, rules
from workflows.forms import sources as forms
from workflows.models import Case, Finding, Source
from workflows.views.found import DESK, back_to, case_for, page


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def source_new(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_record_source(request.user, case))

    form = forms.SourceForm(
        request.POST or None,
        request.FILES or None,
        initial=_step(case),
        findings=_findings(case),
    )
    if form.is_valid():
        actions.record_source(case=case, by=request.user, learned=form.learned())
        messages.info(request, _("The source is recorded. Nothing is found by it alone."))
        return back_to(case, "sources")

    return _page(
        request,
        case,
        form,
        title=_("Record a source"),
        button=_("Record it"),
        takes_file=True,
        follows=[
            _("The supplier never sees it, nor its file, nor that it exists."),
            _("A finding rests on sources, and is raised by a step of its own."),
            _("Counsel finds it in the dossier, with your name."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def source(request: SignedInRequest, case_id: UUID, source_id: UUID) -> HttpResponse:
    """Read a source in full; an analyst weighs it anew: grade, findings, whether it counts."""
    case = case_for(request, case_id)
    rows = Source.objects.visible_to(request.user)
    rows = rows.select_related("evidence", "recorded_by", "weighed_by")
    found = get_object_or_404(rows, pk=source_id, case=case)

    may_weigh = rules.may_record_source(request.user, case)
    if request.method == "GET" and not may_weigh:
        context = page(case, source=found, title=_("A source from elsewhere"))
        return render(request, "workflows/desk/source.html", context)
    require(may_weigh)

    initial = {
        "task": engine.open_task(case),
        "grade": found.grade,
        "counts": "yes" if found.counts else "no",
        "findings": [str(one.pk) for one in found.findings.all()],
        "reason": found.reason,
    }
    form = forms.WeighForm(request.POST or None, initial=initial, findings=_findings(case))
    if form.is_valid():
        actions.weigh_source(source=found, by=request.user, weight=form.weight())
        messages.info(request, _("The source is weighed."))
        return back_to(case, "sources")

    return _page(
        request,
        case,
        form,
        title=_("Weigh a source"),
        button=_("Keep it"),
        beside="workflows/desk/_source.html",
        source=found,
        follows=[
            _("A confirmed finding that its sources no longer carry is open again."),
            _("What was recorded stays in the record, whatever it weighs."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def raise_finding(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_raise(request.user, case))

    sources = list(queries.sources_of(case))
    if not sources:
        context = page(case, title=_("Raise a finding"))
        return render(request, "workflows/desk/no_sources.html", context)
    form = forms.RaiseForm(
        request.POST or None,
        initial=_step(case) | {"sources": request.GET.getlist("source")},
        sources=[(str(one.pk), f"{one.title} ({one.publisher}, {one.grade})") for one in sources],
    )
    if form.is_valid():
        actions.raise_finding(
            case=case,
            task=form.cleaned_data["task"],
            by=request.user,
            raised=form.raised(),
        )
        messages.info(request, _("The finding is raised. Ask the supplier about it next."))
        return back_to(case, "findings")

    stays = rules.stays(case)
    return _page(
        request,
        case,
        form,
        title=_("Raise a finding"),
        button=_("Raise it"),
        follows=[
            _("It is open, not confirmed. A colleague's view or a list is no proof."),
            _("The supplier is asked about it before it is confirmed; for B1, afterwards."),
            _("The case stays where it is.")
            if stays
            else _("The case comes to review. The supplier's form stays open."),
        ],
    )


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest, case_id: UUID, finding_id: UUID) -> HttpResponse:
    """Put a question to the supplier about a finding, shown first as the letter it will be."""
    case = case_for(request, case_id)
    rows = Finding.objects.visible_to(request.user).filter(submission=None)
    found = get_object_or_404(rows, pk=finding_id, case=case)

    require(rules.may_ask_supplier(request.user, case))

    form = forms.AskForm(
        request.POST or None, initial=_step(case), case=case, speaker=request.user
    )
    if form.may_send:
        actions.ask_supplier(
            case=case,
            task=form.cleaned_data["task"],
            by=request.user,
            finding=found,
            question=form.cleaned_data["question"],
            seen=form.seen,
        )
        messages.info(request, _("The question is sent. The supplier has ten working days."))
        return back_to(case, "findings")

    return _page(
        request,
        case,
        form,
        title=_("Ask the supplier about it"),
        button=_("Send the question"),
        beside="workflows/desk/_outside.html",
        finding=found,
        sources=list(found.sources.order_by("recorded_at")),
        language=answers.language(),
        is_neutral=case.wording == Wording.TRACEABILITY,
        follows=[
            _("It may reply by %(day)s, with text and files; later, too.")
            % {"day": day(_reply_by(case), case.supplier.zone)},
            _("The reply stands beside the finding. The stage stays as it is."),
            _("No source is handed out, nor named."),
        ],
    )


def _reply_by(case: Case) -> Any:
    return actions.reply_by(case)


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def lift_presumption(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_for(request, case_id)

    require(rules.may_lift_presumption(request.user, case))

    held_by = queries.still_presumed(case)
    require(rules.nothing_missing(_still(len(held_by))))

    files = Evidence.objects.visible_to(request.user).released()
    files = files.filter(chain_id=case.chain_id).order_by("received_at", "pk")
    form = forms.LiftForm(
        request.POST or None,
        initial=_step(case),
        files=[(str(one.pk), _named(one)) for one in files],
    )
    if form.is_valid():
        actions.lift_presumption(case=case, by=request.user, **form.cleaned_data)
        messages.info(request, _("The presumption is lifted."))
        return back_to(case)

    return _page(
        request,
        case,
        form,
        title=_("Lift the presumption"),
        button=_("Lift it"),
        follows=[
            _("It says that what raised the presumption of clause B no longer stands."),
            _("A finding confirmed later raises it again."),
        ],
    )


def _named(evidence: Evidence) -> str:
    """Name a document so that it can be told from its neighbours in a list."""
    said = (evidence.name, str(EvidenceKind(evidence.kind).label), evidence.issuer)
    return " · ".join(part for part in said if part)


def _still(number: int) -> list[str]:
    if not number:
        return []
    return [
        ngettext(
            "%(n)d finding that raises the presumption is still confirmed: settle it first.",
            "%(n)d findings that raise the presumption are still confirmed: settle them first.",
            number,
        )
        % {"n": number}
    ]


def _findings(case: Case) -> list[tuple[str, str]]:
    language = answers.language()
    return [
        (str(one.pk), f"{one.clause}: {one.text.get(language, '')}")
        for one in queries.outside_findings(case)
    ]


def _step(case: Case) -> dict[str, Any]:
    return {"task": engine.open_task(case)}


def _page(request: SignedInRequest, case: Case, form: Any, **more: Any) -> HttpResponse:
    return render(request, "workflows/desk/act.html", page(case, form=form, **more))
