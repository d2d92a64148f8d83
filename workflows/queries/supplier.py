"""What a supplier's people see of their cases: theirs alone, and nothing of the buyer's side."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from documents.enums import DossierKind, Edition
from documents.models import Dossier
from portal.enums import Role
from portal.models import OutboxMessage, User
from questionnaires import queries as answers
from questionnaires.enums import CommentAudience
from questionnaires.models import Comment, Submission
from workflows import outcome
from workflows.enums import ReplyCode
from workflows.models import Case

ANSWERING = frozenset({Role.CONTACT, Role.SIGNATORY})
COMMITMENTS = "commitments"
AGREEMENTS = ("agree_sourcing", "agree_dealings", "agree_no_groups")
REASONS = "why_not"


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
        )
        .defer("response__version__definition")
    )


def messages(case: Case) -> QuerySet[Comment]:
    """Return what both sides wrote to each other about the whole case, oldest first."""
    return (
        Comment.objects.filter(
            response_id=case.response_id, path="", audience=CommentAudience.BOTH
        )
        .select_related("by")
        .order_by("at", "pk")
    )


def submissions(case: Case) -> QuerySet[Submission]:
    """Return what was signed, newest first, without the texts."""
    return (
        Submission.objects.filter(response_id=case.response_id)
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


def _copies(case: Case, kind: DossierKind) -> QuerySet[Dossier]:
    found = Dossier.objects.filter(chain_id=case.chain_id, kind=kind, edition=Edition.SUPPLIER)
    return found.defer("content").order_by("-number")


def reply_that_declines(draft: answers.Draft) -> ReplyCode | None:
    """Return the code of a reply that declines, read from section 5 alone.

    None while the section holds no refusal: there is nothing to decline then.
    """
    given = draft.answers.get(COMMITMENTS, {}).get("answers", {})
    replies = [given.get(key) for key in AGREEMENTS]
    if not any(reply == "refused" or _is_unsaid(reply) for reply in replies):
        return None
    reasons = given.get(REASONS)
    found = outcome.propose_reply_code(
        outcome.Reply(
            findings=frozenset(
                one.key for one in draft.evaluation.findings if one.key.startswith("refusal_")
            ),
            declined={
                key: str(reply.get("why", ""))
                for key, reply in zip(AGREEMENTS, replies, strict=True)
                if isinstance(reply, Mapping)
            },
            declined_files=frozenset(),
            replies=("refused", "refused"),
            reasons=frozenset(reasons) if isinstance(reasons, list) else frozenset(),
            sent_to_counsel=False,
            is_proven=False,
        )
    )
    return found or ReplyCode.DECLINES_DISAGREES


def _is_unsaid(reply: object) -> bool:
    return isinstance(reply, Mapping) and reply.get("declined") == "cannot_say"


def is_asked(user: User, response_id: UUID) -> QuerySet[Case]:
    """Return the case of these answers, if this person answers for its company."""
    return asked_in_full(user).filter(response_id=response_id)


def is_said_again(case: Case, by: User, text: str) -> bool:
    """Whether this person's last message says the same: the same form sent twice."""
    last = messages(case).last()
    return last is not None and last.by_id == by.pk and last.text == text
