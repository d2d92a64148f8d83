"""What a confirmed reply code leads to: its clock, its conditions, terms and reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portal import clock
from portal.enums import Role
from portal.models import User
from questionnaires import queries as answers
from questionnaires.enums import CommentAudience
from questionnaires.models import Comment, CounselText, Submission
from workflows import outcome
from workflows.enums import ConditionState, DutyKind, HelpKind, ReplyCode, TermsState
from workflows.models import Case, Condition, ConfidentialityTerms, Duty, ReasonsRelease
from workflows.queries import signed

# questions by their keys, in whatever version they stand
HELP, HELP_TEXT = "help", "help_text"
CONDITIONS = "agree_terms"
REASONS, REASONS_TEXT = "why_not", "why_not_text"
SITES, SITE_FOR_US = "sites", "site_for_us"
MOST_CONDITIONS = 30
NOTES = 20

# the duty that opens with a code; while it is open, what the code holds stays held
DUTY_OF: Mapping[str, DutyKind] = {
    ReplyCode.AGREES_CANNOT_OBTAIN: DutyKind.ASSIST_EVIDENCE,
    ReplyCode.AGREES_ON_CONDITIONS: DutyKind.ANSWER_CONDITIONS,
    ReplyCode.CONFIDENTIAL_NEEDS_TERMS: DutyKind.OFFER_TERMS,
    ReplyCode.DECLINES_NO_REASON: DutyKind.CALL_ONCE,
    ReplyCode.DECLINES_DISAGREES: DutyKind.READ_REASONS,
    ReplyCode.UNREACHABLE: DutyKind.FIND_CONTACT,
}
HOLDING = outcome.TALKS | {ReplyCode.AGREES_CANNOT_OBTAIN}


def is_open(case: Case) -> bool:
    """Whether what a reply code holds is still held: its clock runs, or our part is not done.

    No query while the clock runs. What is held counts neither as clear nor as failed.
    """
    if case.reply_code not in HOLDING or case.reply_until is None:
        return False
    if clock.now() <= case.reply_until:
        return True
    ours = Duty.objects.pending().filter(case=case, reply_code=case.reply_code)
    return ours.exists()


def conditions(case: Case) -> list[Condition]:
    """Return the conditions of the reply signed last, in their order."""
    rows = Condition.objects.filter(case=case).select_related("answered_by", "duty")
    found = list(rows.order_by("submission__number", "number"))
    latest = found[-1].submission_id if found else None
    return [one for one in found if one.submission_id == latest]


def open_conditions(case: Case) -> QuerySet[Condition]:
    return Condition.objects.filter(case=case, state=ConditionState.OPEN)


def conditions_said(submission: Submission) -> list[str]:
    """Return the conditions as the supplier wrote them, one a line."""
    said = signed.answers_of(submission).get(CONDITIONS)
    lines = said.splitlines() if isinstance(said, str) else []
    found = [line.strip() for line in lines if line.strip()]
    if len(found) <= MOST_CONDITIONS:
        return found
    # the last one holds the rest: nothing that was asked for is lost
    return [*found[: MOST_CONDITIONS - 1], "\n".join(found[MOST_CONDITIONS - 1 :])]


def terms(case: Case) -> ConfidentialityTerms | None:
    """Return the confidentiality terms that stand: offered, accepted or declined last."""
    rows = ConfidentialityTerms.objects.filter(case=case).exclude(state=TermsState.REPLACED)
    return rows.select_related("offered_by", "answered_by").order_by("-offered_at").first()


@dataclass(frozen=True)
class HelpWanted:
    """What a supplier asks of its buyer: codes of `HelpKind`, and its own words."""

    kinds: tuple[str, ...] = ()
    text: str = ""


def help_wanted(submission: Submission) -> HelpWanted:
    """Return the help asked for in a signed reply; empty where it was not asked about."""
    given = signed.answers_of(submission)
    stored = given.get(HELP)
    kinds = tuple(one for one in _listed(stored) if one in HelpKind.values)
    text = given.get(HELP_TEXT)
    return HelpWanted(kinds, text[:2000] if isinstance(text, str) and kinds else "")


def _listed(stored: Any) -> list[Any]:
    return stored if isinstance(stored, list) else []


def sites_for_us(submission: Submission) -> dict[str, str]:
    """Return the sites that supply us by row, each with its title, as signed."""
    sections = submission.content["sections"]
    stored = sections.get(SITES, {}).get("rows") or []
    rows = [row["id"] for row in stored if row["answers"].get(SITE_FOR_US) == "yes"]
    if not rows:
        return {}
    definition = answers.questionnaire(submission.response.version)
    words = answers.Words(definition, submission.wording, submission.language, sections)
    titles = words.rows_of(definition.section_of[SITES].table)
    return {row: titles.get(row, row) for row in rows}


@dataclass(frozen=True)
class Reasons:
    """Why a supplier declined: the reasons it ticked, and its own words.

    `text` is empty for whom it is not released; `has_text` says whether there is any.
    """

    codes: Sequence[str]
    has_text: bool
    text: str
    release: ReasonsRelease | None


def reasons(case: Case, submission: Submission, user: User | None, language: str) -> Reasons:
    """Return the reasons of a reply as far as this person may read them; two queries.

    Counsel reads the words always, analyst and approver once they are released. Without a
    user, as the working edition prints them.
    """
    release = ReasonsRelease.objects.filter(submission=submission).select_related("by").first()
    written = CounselText.objects.filter(submission=submission, path=REASONS_TEXT).first()
    is_counsel = user is not None and user.works_on(case, Role.COUNSEL)
    opens = is_counsel or release is not None
    return Reasons(
        codes=_labels(submission, language),
        has_text=written is not None and bool(written.text.strip()),
        text=written.text if written is not None and opens else "",
        release=release,
    )


def _labels(submission: Submission, language: str) -> list[str]:
    stored = signed.answers_of(submission).get(REASONS)
    definition = answers.questionnaire(submission.response.version)
    question = definition.questions.get(REASONS)
    if question is None or question.choices is None:
        return []
    listed = question.choices.by_code
    return [
        listed[code].label.of(submission.wording, language)
        for code in _listed(stored)
        if code in listed
    ]


def notes_for_counsel(case: Case, submission: Submission | None) -> list[str]:
    """Return what a supplier wrote for counsel alone: in the reply signed last, and in notes."""
    found = []
    if submission is not None:
        written = CounselText.objects.filter(submission=submission).exclude(text="")
        found += list(written.order_by("path").values_list("text", flat=True))
    notes = Comment.objects.filter(response=case.response_id, audience=CommentAudience.COUNSEL)
    return found + list(notes.order_by("at", "pk").values_list("text", flat=True)[:NOTES])


def has_reasons_text(submission: Submission) -> bool:
    """Whether a reply holds words on its reasons, which counsel alone reads at first."""
    written = CounselText.objects.filter(submission=submission, path=REASONS_TEXT)
    return written.exclude(text="").exists()


def may_be_released(case: Case, submission: Submission | None) -> bool:
    """Whether a reply that declines holds words that nobody opened yet; two queries at most."""
    if submission is None or case.reply_code not in outcome.DECLINES:
        return False
    if not has_reasons_text(submission):
        return False
    return not ReasonsRelease.objects.filter(submission=submission).exists()
