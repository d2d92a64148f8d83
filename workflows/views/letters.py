"""Letters as they were sent, for both sides: the words, the exact bytes, and the PDF."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.access import open_to, require
from portal.enums import Language, Role
from portal.http import SignedInRequest
from questionnaires import queries as answers
from workflows import actions, letters, queries, rules
from workflows.enums import LetterKind
from workflows.models import Case, Instruction, SentLetter
from workflows.views.found import DESK, case_for, page

ANSWERING = (Role.CONTACT, Role.SIGNATORY)
Kept = Instruction | SentLetter


def in_readers_language(case: Case, letter: Kept) -> letters.Letter | None:
    """Return a letter as a reading aid, where it was sent in the other language."""
    reads = answers.language()
    if letter.language == reads:
        return None
    if isinstance(letter, Instruction):
        return letters.instruction(case, reads, due_on=case.campaign.due_on)
    kind = LetterKind(letter.kind)
    return letters.write(kind, case, reads, letters.restored(kind, letter.facts))


def _asked(request: SignedInRequest, case_id: UUID) -> Case:
    found: Case = get_object_or_404(queries.asked_in_full(request.user), pk=case_id)
    return found


def _found(case: Case, sha256: str) -> Kept:
    letter = queries.letter_of(case, sha256)
    if letter is None:
        raise Http404
    return letter


def _sent_to(case: Case, sha256: str) -> Kept:
    """Return a letter that the supplier reads here; Http404 for one in a wording given up."""
    letter = _found(case, sha256)
    if queries.says_too_much(case, letter):
        raise Http404
    return letter


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def instruction(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The exact words that were sent first; a POST has them written as a PDF."""
    case = _asked(request, case_id)
    if request.method == "POST":
        actions.ask_instruction(case=case, by=request.user)
        return redirect("workflows:request_instruction", case.pk)
    return _shown(request, case, queries.instruction_words(case))


@open_to(*ANSWERING)
@require_http_methods(["GET", "POST"])
def letter(request: SignedInRequest, case_id: UUID, sha256: str) -> HttpResponse:
    """One letter, by its hash; a POST has it written as a PDF."""
    case = _asked(request, case_id)
    found = _sent_to(case, sha256)
    if request.method == "POST":
        actions.ask_letter(case=case, letter=found, by=request.user)
        return redirect("workflows:request_letter", case.pk, sha256)
    return _shown(request, case, found)


def _shown(request: SignedInRequest, case: Case, found: Kept) -> HttpResponse:
    context = {
        "case": case,
        "letter": found,
        "reading": in_readers_language(case, found),
        "dossier": queries.copy_of(case, found),
        "read_in": Language(found.language).label,
        "has_list": isinstance(found, Instruction)
        and bool(rules.may_open_list(request.user, case)),
    }
    return render(request, "workflows/supplier/letter.html", context)


@open_to(*ANSWERING)
@require_GET
def text(request: SignedInRequest, case_id: UUID, sha256: str) -> HttpResponse:
    """The exact bytes, whose SHA-256 is in the address."""
    case = _asked(request, case_id)
    return _bytes(request, case, _sent_to(case, sha256))


@open_to(*DESK)
@require_http_methods(["GET", "POST"])
def case_letter(request: SignedInRequest, case_id: UUID, sha256: str) -> HttpResponse:
    """One letter as the supplier got it; a POST has it written as a PDF."""
    case = case_for(request, case_id)
    require(rules.may_read_letters(request.user, case))
    found = _found(case, sha256)
    if request.method == "POST":
        actions.ask_letter(case=case, letter=found, by=request.user)
        return redirect("workflows:case_letter", case.pk, sha256)
    more = {
        "title": _("Letter"),
        "letter": found,
        "kind": found.get_kind_display(),
        "wording_label": found.get_wording_display(),
        "read_in": Language(found.language).label,
        "by": case.campaign.launched_by if isinstance(found, Instruction) else found.written_by,
        "reading": in_readers_language(case, found),
        "dossier": queries.copy_of(case, found),
        "mails": queries.mails_with(case, found),
    }
    return render(request, "workflows/desk/letter.html", page(case, **more))


@open_to(*DESK)
@require_GET
def case_letter_text(request: SignedInRequest, case_id: UUID, sha256: str) -> HttpResponse:
    """The exact bytes, whose SHA-256 is in the address."""
    case = case_for(request, case_id)
    return _bytes(request, case, _found(case, sha256))


def _bytes(request: SignedInRequest, case: Case, found: Kept) -> HttpResponse:
    data = actions.open_letter(case=case, letter=found, by=request.user)
    response = HttpResponse(data, content_type="text/plain; charset=utf-8")
    name = f"{case.reference}-letter-{found.sha256[:8]}.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
