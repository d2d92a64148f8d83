"""What a supplier's people see of their cases: theirs alone, and nothing of the buyer's side."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from documents.enums import DossierKind, Edition
from documents.models import Dossier
from portal.enums import Role, Wording
from portal.models import Membership, OutboxMessage, User
from questionnaires.enums import CommentAudience
from questionnaires.models import Comment, Response, SectionDocument, Submission
from workflows import outcome
from workflows.enums import LetterKind, ReplyCode, Stage
from workflows.models import Case, Instruction, SentLetter

ANSWERING = frozenset({Role.CONTACT, Role.SIGNATORY})
COMMITMENTS = "commitments"
AGREEMENTS = ("agree_sourcing", "agree_dealings", "agree_no_groups")
REASONS = "why_not"
# reasons that limit a reply, and the finding each raises
LIMITS = {"law": "refusal_law", "safety": "refusal_law", "confidential": "refusal_confidential"}


def asked_of(user: User) -> QuerySet[Case]:
    """Return the issued cases of the companies this person answers for, oldest due date first."""
    serves = [pk for pk, held in user.roles.items() if held & ANSWERING]
    return (
        Case.objects.issued()
        .visible_to(user)
        .filter(supplier_id__in=serves)
        .select_related("buyer", "supplier")
        .order_by("due_at", "pk")
    )


def asked_in_full(user: User) -> QuerySet[Case]:
    """Return the same with all that the page of one case shows."""
    return (
        asked_of(user)
        .select_related(
            "campaign__launched_by",
            "contact",
            "signatory",
            "instruction",
            "prohibited_list",
            "response__version",
            "response__offered",
        )
        .defer("response__version__definition", "response__offered__definition")
    )


def own_roles(user: User, case: Case) -> list[Membership]:
    """Return the roles a person holds at the supplier of a case, to be handed over."""
    rows = user.memberships.current().filter(organisation_id=case.supplier_id)
    return list(
        rows.filter(role__in=ANSWERING).select_related("organisation__buyer").order_by("role")
    )


def open_cases_of(user: User, case: Case) -> QuerySet[Case]:
    """Return the requests to the same supplier that are not settled and name this person."""
    mine = Q(contact=user) | Q(signatory=user)
    rows = Case.objects.issued().filter(mine, supplier_id=case.supplier_id)
    return rows.exclude(stage__in=[Stage.CLEARED, Stage.WITHDRAWN]).order_by("pk")


def response_of(case: Case) -> Response:
    """Return the answers of a case that was issued: each has them from then on."""
    return cast("Response", case.response)


def messages(case: Case) -> QuerySet[Comment]:
    """Return what both sides wrote to each other about the whole case, oldest first."""
    return (
        Comment.objects.filter(
            response__chain=case.chain_id, path="", audience=CommentAudience.BOTH
        )
        .select_related("by")
        .order_by("at", "pk")
    )


def submissions(case: Case) -> QuerySet[Submission]:
    """Return what was signed, newest first, without the texts."""
    return (
        Submission.objects.filter(response=response_of(case))
        .defer("snapshot", "evaluation")
        .order_by("-number")
    )


def mails_to(case: Case, user: User) -> QuerySet[OutboxMessage]:
    """Return the mails this person was sent about a case, newest first; never a code."""
    return (
        OutboxMessage.objects.filter(chain_id=case.chain_id, recipient=user, is_secret=False)
        .defer("body")
        .order_by("-written_at", "-pk")
    )


def receipt_of(case: Case, submission: Submission) -> Dossier | None:
    """Return the receipt that prints this submission's hash; the newest if it was redone."""
    return _copies(case, DossierKind.RECEIPT).filter(content__contains=submission.sha256).first()


def instruction_of(case: Case) -> Dossier | None:
    """Return the newest PDF of the instruction, if one was asked for."""
    return _copies(case, DossierKind.INSTRUCTION).first()


def letters_of(case: Case) -> list[Instruction | SentLetter]:
    """Return every letter of a case, newest first: the instruction is the oldest."""
    sent: list[Instruction | SentLetter] = list(
        SentLetter.objects.filter(case=case)
        .select_related("written_by")
        .order_by("-written_at", "-pk")
    )
    instruction = getattr(case, "instruction", None)
    return sent + ([instruction] if instruction is not None else [])


def says_too_much(case: Case, letter: Instruction | SentLetter) -> bool:
    """Whether a letter names what the wording that was chosen since keeps from the supplier.

    What was sent stays in its mails; a page that names it anew could harm its readers.
    """
    return case.wording == Wording.TRACEABILITY and letter.wording != case.wording


def letters_to(case: Case) -> list[Instruction | SentLetter]:
    """Return the letters that the supplier reads on its pages, newest first."""
    return [one for one in letters_of(case) if not says_too_much(case, one)]


def letter_of(case: Case, sha256: str) -> Instruction | SentLetter | None:
    """Return the letter of a case that bears this hash."""
    instruction = getattr(case, "instruction", None)
    if instruction is not None and instruction.sha256 == sha256:
        return cast("Instruction", instruction)
    found = SentLetter.objects.filter(case=case, sha256=sha256).select_related("written_by")
    return found.order_by("-written_at").first()


def copy_of(case: Case, letter: Instruction | SentLetter) -> Dossier | None:
    """Return the newest PDF of a letter, if one was asked for."""
    if isinstance(letter, Instruction):
        return instruction_of(case)
    return _copies(case, DossierKind.LETTER).filter(content__contains=letter.sha256).first()


def mails_with(case: Case, letter: Instruction | SentLetter) -> QuerySet[OutboxMessage]:
    """Return the mails that carried a letter, newest first."""
    begins = f"case_issued:{case.pk}" if isinstance(letter, Instruction) else letter.mail_key
    found = OutboxMessage.objects.filter(chain_id=case.chain_id, key__startswith=f"{begins}:")
    return found.defer("body").order_by("-written_at", "-pk")


def instruction_words(case: Case) -> Instruction | SentLetter:
    """Return the words of the instruction that stand: a later wording has its own."""
    sent = case.instruction
    if sent.wording == case.wording:
        return sent
    later = SentLetter.objects.filter(case=case, kind=LetterKind.INSTRUCTION, wording=case.wording)
    return later.order_by("-written_at").first() or sent


def _copies(case: Case, kind: DossierKind) -> QuerySet[Dossier]:
    found = Dossier.objects.filter(chain_id=case.chain_id, kind=kind, edition=Edition.SUPPLIER)
    return found.defer("content").order_by("-number")


def commitments_of(case: Case) -> Mapping[str, Any]:
    """Return what stands in section 5 at present, by question; empty before it was opened."""
    found = (
        SectionDocument.objects.filter(response=response_of(case), section=COMMITMENTS)
        .values_list("data", flat=True)
        .first()
    )
    return (found or {}).get("answers", {})


def reply_that_declines(given: Mapping[str, Any]) -> ReplyCode | None:
    """Return the code of a reply that declines, read from the answers of section 5 alone.

    None while the section holds no refusal: there is nothing to decline then.
    """
    replies = [given.get(key) for key in AGREEMENTS]
    if not any(reply == "refused" or _is_unsaid(reply) for reply in replies):
        return None
    stored = given.get(REASONS)
    reasons = frozenset(stored) if isinstance(stored, list) else frozenset()
    return outcome.propose_reply_code(
        outcome.Reply(
            findings=frozenset(LIMITS[reason] for reason in reasons if reason in LIMITS),
            declined={
                key: str(reply.get("why", ""))
                for key, reply in zip(AGREEMENTS, replies, strict=True)
                if isinstance(reply, Mapping)
            },
            declined_files=frozenset(),
            replies=("refused", "refused"),
            reasons=reasons,
            sent_to_counsel=False,
            is_proven=False,
        )
    )


def _is_unsaid(reply: object) -> bool:
    return isinstance(reply, Mapping) and reply.get("declined") == "cannot_say"


def is_asked(user: User, response_id: UUID) -> QuerySet[Case]:
    """Return the case of these answers, if this person answers for its company."""
    return asked_in_full(user).filter(response_id=response_id)


def is_said_again(case: Case, by: User, text: str) -> bool:
    """Whether this person's last message says the same: the same form sent twice."""
    last = messages(case).last()
    return last is not None and last.by_id == by.pk and last.text == text
