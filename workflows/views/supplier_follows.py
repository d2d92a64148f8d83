"""What a reading of its reply means for a supplier: the neutral label, and what it can do next."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.models import User
from workflows import outcome, queries, rules
from workflows.enums import ReplyCode, Stage, TermsState, Verb
from workflows.models import Case
from workflows.views import supplier_exit_state

TEXTS = {
    ReplyCode.AGREES_PROVES: gettext_lazy("Nothing more is asked of you at the moment."),
    ReplyCode.AGREES_NO_PROOF_YET: gettext_lazy(
        "Some documents are still needed. You are told which."
    ),
    ReplyCode.AGREES_CANNOT_OBTAIN: gettext_lazy(
        "Others hold documents that are needed. The buyer helps to obtain them, or names what may"
        " replace them. Tell us what you can show instead."
    ),
    ReplyCode.AGREES_ON_CONDITIONS: gettext_lazy(
        "Each of your conditions is answered in writing. Nothing is decided about your agreement"
        " meanwhile."
    ),
    ReplyCode.LEGAL_CONSTRAINT_CLAIMED: gettext_lazy(
        "Counsel reads your note and says how it can go on: another wording, an inspection on"
        " site, other documents. Nothing is decided meanwhile, and it is not held against you."
    ),
    ReplyCode.CONFIDENTIAL_NEEDS_TERMS: gettext_lazy(
        "Terms of confidentiality are offered to you. Read them, accept them, or say what you"
        " need instead."
    ),
    ReplyCode.DECLINES_NO_REASON: gettext_lazy(
        "A person calls you once to offer help. You may give a reason, or change your mind, at"
        " any time."
    ),
    ReplyCode.DECLINES_DISAGREES: gettext_lazy(
        "A person who decides reads your reasons, as far as you let them. You may change your"
        " mind at any time."
    ),
    ReplyCode.NO_REPLY: gettext_lazy("The form is open: an answer is read whenever it comes."),
    ReplyCode.UNREACHABLE: gettext_lazy(
        "The buyer was not sure that its mails reach you. Write a message, and it knows."
    ),
    ReplyCode.CONTRADICTED_BY_EVIDENCE: gettext_lazy(
        "Something else that was read says otherwise. You are asked about it and may answer"
        " before anything is decided."
    ),
}
# in place of the text above, once the call was made
CALLED = gettext_lazy("You may give a reason, or change your mind, at any time.")
ENDED = frozenset({Stage.CLEARED, Stage.WITHDRAWN, Stage.DISENGAGED})


@dataclass(frozen=True)
class Follows:
    """The label of a reading, what it means, by when, and links of what may be done."""

    label: str = ""
    text: str = ""
    until: datetime | None = None
    acts: tuple[tuple[str, str], ...] = ()


def of(case: Case, user: User) -> Follows:
    """Return what a supplier reads of how its reply was read; nothing before, or at the end.

    Once it was told of an exit, or came back from one, this would speak of the past.
    """
    is_past = supplier_exit_state.is_told(case) or case.last_verb == Verb.OPEN_REENTRY
    if not case.reply_code or case.stage in ENDED or is_past:
        return _terms_alone(case)
    code = ReplyCode(case.reply_code)
    return Follows(
        label=str(code.label),
        text=_text(case, code),
        until=case.reply_until,
        acts=tuple(_acts(case, user, code)),
    )


def _text(case: Case, code: ReplyCode) -> str:
    if code == ReplyCode.DECLINES_NO_REASON and not queries.is_call_owed(case):
        return str(CALLED)
    return str(TEXTS[code])


def _terms_alone(case: Case) -> Follows:
    """Terms may be offered whatever the reading: they wait for an answer then."""
    if case.stage in ENDED or case.submitted_at is None:
        return Follows()
    standing = queries.terms(case)
    if standing is None or standing.state != TermsState.OFFERED:
        return Follows()
    return Follows(
        label=str(ReplyCode.CONFIDENTIAL_NEEDS_TERMS.label),
        text=str(TEXTS[ReplyCode.CONFIDENTIAL_NEEDS_TERMS]),
        acts=((_url("request_terms", case), _("Read the terms")),),
    )


def _acts(case: Case, user: User, code: ReplyCode) -> list[tuple[str, str]]:
    found = []
    if code == ReplyCode.AGREES_ON_CONDITIONS:
        found.append((_url("request_conditions", case), _("Your conditions and the answers")))
    if code == ReplyCode.CONFIDENTIAL_NEEDS_TERMS:
        found.append((_url("request_terms", case), _("Read the terms")))
    if code in outcome.DECLINES and rules.may_release_reasons(user, case):
        found.append((_url("request_reasons", case), _("Who reads your reasons")))
    if rules.may_ask_help(user, case):
        found.append((_url("request_help", case), _("Ask for help")))
    if rules.may_write_message(user, case):
        found.append((_url("request_message", case), _("Write a message")))
    return found


def _url(page: str, case: Case) -> str:
    return reverse(f"workflows:{page}", args=[case.pk])
