"""What follows from a confirmed reply code, by when, and who does it: the buyer's side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from portal import clock
from portal.access import Verdict
from portal.enums import Role
from portal.models import User
from workflows import queries, rules
from workflows.enums import (
    ConditionState,
    ConstraintOutcome,
    DutyKind,
    DutyState,
    ReplyCode,
    Stage,
    TermsState,
)
from workflows.models import Case, Condition, ConfidentialityTerms, Duty
from workflows.views import exit_acts
from workflows.views.acts import Offered
from workflows.views.acts import offered as offered_before
from workflows.views.offers import Act, Next, url_of

TEXTS = {
    ReplyCode.AGREES_PROVES: gettext_lazy("The review goes on, to clearing if nothing is open."),
    ReplyCode.AGREES_NO_PROOF_YET: gettext_lazy(
        "Ask for the documents that are missing, or agree a plan with dates."
    ),
    ReplyCode.AGREES_CANNOT_OBTAIN: gettext_lazy(
        "Others hold the documents: we help to obtain them, or name what may replace them. The"
        " proof limb is held meanwhile."
    ),
    ReplyCode.AGREES_ON_CONDITIONS: gettext_lazy(
        "Each condition is answered in writing; what we accept becomes a duty of ours. The"
        " agreement limb is held meanwhile. Then the reply is read again."
    ),
    ReplyCode.LEGAL_CONSTRAINT_CLAIMED: gettext_lazy(
        "Counsel says how it goes on: other wording, inspection on site or substitute evidence."
        " What rests on the reply is held until then; location, transfers, group, denied goods"
        " and known origin go on."
    ),
    ReplyCode.CONFIDENTIAL_NEEDS_TERMS: gettext_lazy(
        "We offer terms of confidentiality; the supplier accepts them on its page. The agreement"
        " limb is held meanwhile. Then the reply is read again."
    ),
    ReplyCode.DECLINES_NO_REASON: gettext_lazy(
        "An analyst calls once and offers our help. Before that no exit can be proposed."
    ),
    ReplyCode.DECLINES_DISAGREES: gettext_lazy(
        "An approver reads the reasons, as far as they were opened. Before that no exit can be"
        " proposed."
    ),
    ReplyCode.NO_REPLY: gettext_lazy(
        "Both limbs fail. A person decides how to go on; the form stays open to the supplier."
    ),
    ReplyCode.UNREACHABLE: gettext_lazy(
        "We look for a second contact, by telephone or letter. Nothing counts against the"
        " supplier meanwhile."
    ),
    ReplyCode.CONTRADICTED_BY_EVIDENCE: gettext_lazy(
        "Send the question back and name the document that says otherwise. Nothing is decided"
        " before the supplier has answered."
    ),
}
# stages in which what a reading led to lies behind the case
SETTLED = exit_acts.STAGES | queries.ENDED
STATE_COLOURS = {DutyState.OPEN: "amber", DutyState.MISSED: "red", DutyState.MET: "green"}


@dataclass(frozen=True)
class Following:
    """What stands around a reply code: its text and clock, its conditions, terms and duties."""

    text: str = ""
    until: datetime | None = None
    is_over: bool = False
    closed_as: str = ""
    conditions: Sequence[Condition] = ()
    terms: ConfidentialityTerms | None = None
    duties: Sequence[Duty] = field(default_factory=list)

    def waits_for(self, kind: DutyKind) -> bool:
        return any(one.kind == kind and one.is_pending for one in self.duties)

    @property
    def unanswered(self) -> int:
        return sum(one.state == ConditionState.OPEN for one in self.conditions)


def following(case: Case) -> Following:
    """Read what follows from a case's reply code; three queries at most, one without a code."""
    code = case.reply_code
    has_terms = code == ReplyCode.CONFIDENTIAL_NEEDS_TERMS or case.response_id is not None
    return Following(
        text=str(TEXTS[ReplyCode(code)]) if code and case.stage not in SETTLED else "",
        until=case.reply_until,
        is_over=case.reply_until is not None and case.reply_until < clock.now(),
        closed_as=str(ConstraintOutcome(case.constraint_outcome).label)
        if case.constraint_outcome
        else "",
        conditions=queries.conditions(case) if code == ReplyCode.AGREES_ON_CONDITIONS else (),
        terms=queries.terms(case) if has_terms else None,
        duties=queries.duties_of(case),
    )


def offered(
    user: User,
    case: Case,
    standing: queries.Standing,
    remedy: queries.Remedy,
    found: Following,
) -> Offered:
    """Return what is offered on the page of a case: what a reply code asks for comes first."""
    before = offered_before(user, case, standing, remedy)
    first = next(_candidates(user, case, found), None)
    if first is None:
        return before
    others = [one for one in before.acts if first.act is None or one.url != first.act.url]
    if before.next.act and not before.next.act.is_post and before.next.act != first.act:
        others.append(before.next.act)
    pressed = first.act.url if first.act else ""
    records = [one for one in before.records if one.url != pressed]
    return replace(before, next=first, acts=others, records=records)


def _candidates(user: User, case: Case, found: Following) -> Iterator[Next]:
    if user.holds(Role.APPROVER, case.buyer_id) and found.waits_for(DutyKind.READ_REASONS):
        yield Next(
            _("Read why they declined"),
            _("Before you did, no exit can be proposed on this reply."),
            Act(_("Read the reasons"), url_of("workflows:case_reasons", case)),
        )
    is_analyst = user.holds(Role.ANALYST, case.buyer_id)
    if is_analyst and found.waits_for(DutyKind.FIND_CONTACT):
        yield Next(
            _("Find another way to reach them"),
            _("No address answers. Another person, a call or a letter may."),
            Act(_("Change whom we write to"), url_of("workflows:case_contact", case)),
        )
    # the first act of a review is to take it
    if is_analyst and case.stage == Stage.REVIEW and case.reviewer_id is not None:
        yield from _for_analyst(user, case, found)


def _for_analyst(user: User, case: Case, found: Following) -> Iterator[Next]:
    if found.unanswered:
        text = ngettext(
            "%(n)d condition waits for an answer in writing.",
            "%(n)d conditions wait for an answer in writing.",
            found.unanswered,
        )
        yield Next(
            _("Answer the conditions"),
            text % {"n": found.unanswered},
            Act(_("Answer the conditions"), url_of("workflows:case_conditions", case)),
        )
    if found.waits_for(DutyKind.CALL_ONCE):
        yield Next(
            _("Call once and offer help"),
            _("They declined without a reason. Before this call no exit can be proposed."),
            Act(_("Log a call or letter"), url_of("workflows:case_log_contact", case)),
        )
    if case.reply_code == ReplyCode.CONFIDENTIAL_NEEDS_TERMS:
        yield from _terms(case, found.terms)
    elif case.reply_code == ReplyCode.CONTRADICTED_BY_EVIDENCE and rules.may_query(user, case):
        yield Next(
            _("Send the question back"),
            _("Name the document that says otherwise, with its date and page."),
            Act(_("Send questions back"), url_of("workflows:case_query", case)),
        )
    elif case.reply_code == ReplyCode.AGREES_ON_CONDITIONS and found.conditions:
        yield Next(
            _("Ask whether they agree now"),
            _("Every condition is answered. Send the agreement back to be signed again."),
            Act(_("Send questions back"), url_of("workflows:case_query", case)),
        )


def _terms(case: Case, terms: ConfidentialityTerms | None) -> Iterator[Next]:
    offer = Act(_("Offer confidentiality terms"), url_of("workflows:case_terms", case))
    if terms is None:
        yield Next(_("Offer confidentiality terms"), _("They show documents once you do."), offer)
    elif terms.state == TermsState.DECLINED:
        yield Next(_("Offer other terms"), terms.note, offer)
    elif terms.state == TermsState.OFFERED:
        yield Next(
            _("The supplier reads the terms"),
            _("They were offered and wait for its answer."),
        )
    else:
        yield Next(
            _("Ask for the documents"),
            _("The terms are accepted. Ask for what was held back."),
            Act(_("Send questions back"), url_of("workflows:case_query", case)),
        )


# duties that another act meets, and where it is done
ELSEWHERE: Mapping[DutyKind, tuple[Callable[[User, Case], Verdict], str, str]] = {
    DutyKind.ANSWER_CONDITIONS: (
        rules.may_work_on_conditions,
        gettext_noop("Answer the conditions"),
        "case_conditions",
    ),
    DutyKind.OFFER_TERMS: (
        rules.may_offer_terms,
        gettext_noop("Offer confidentiality terms"),
        "case_terms",
    ),
    DutyKind.CALL_ONCE: (
        rules.may_log,
        gettext_noop("Log a call or letter"),
        "case_log_contact",
    ),
    DutyKind.READ_REASONS: (
        rules.may_read_reasons,
        gettext_noop("Read the reasons"),
        "case_reasons",
    ),
}


@dataclass(frozen=True)
class DutyShown:
    """One duty as the desk shows it, with what this person may do about it."""

    duty: Duty
    title: str
    whose: str
    state: str
    colour: str
    is_late: bool
    acts: list[Act]


def shown(user: User, duties: Sequence[Duty]) -> list[DutyShown]:
    now = clock.now()
    return [_shown(user, one, now) for one in duties]


def _shown(user: User, duty: Duty, now: datetime) -> DutyShown:
    is_late = duty.is_late(now)
    state = DutyState.MISSED if is_late else DutyState(duty.state)
    return DutyShown(
        duty=duty,
        title=queries.duty_title(duty),
        whose=queries.duty_owner(duty),
        state=_("No longer asked for") if duty.is_moot else str(state.label),
        colour="" if duty.is_moot else STATE_COLOURS.get(state, ""),
        is_late=is_late,
        acts=list(_acts(user, duty)),
    )


def _acts(user: User, duty: Duty) -> Iterator[Act]:
    if not duty.is_pending:
        return
    if page := ELSEWHERE.get(DutyKind(duty.kind)):
        verdict, label, name = page
        if duty.case is not None and verdict(user, duty.case):
            yield Act(_(label), url_of(f"workflows:{name}", duty.case))
    elif rules.may_meet_duty(user, duty):
        yield Act(_("Say what was done"), reverse("workflows:duty_meet", args=[duty.pk]))
    if duty.owner_id != user.pk and rules.may_take_duty(user, duty):
        yield Act(_("Take it"), reverse("workflows:duty_take", args=[duty.pk]), is_post=True)
    if rules.may_waive_duty(user, duty):
        yield Act(_("Waive it"), reverse("workflows:duty_waive", args=[duty.pk]))
