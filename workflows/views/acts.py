"""What a person may do with a case now, what comes next, and why an act is not open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.enums import EvidenceState
from documents.models import Evidence
from portal.enums import Role
from portal.models import User
from portal.templatetags.portal import day
from workflows import clauses, outcome, queries, rules
from workflows.enums import FindingState, Level, ReplyCode, RungKind, Stage
from workflows.models import Case, Finding, Proof
from workflows.views import exit_acts, remedying
from workflows.views.kinds import DECIDING, RECORDING, Kind
from workflows.views.offers import Act, Next, finding_act, url_of

UNJUDGED = frozenset({FindingState.OPEN, FindingState.ANSWERED})


@dataclass(frozen=True)
class Closed:
    """Acts of this person's roles that are not open, and the one sentence that says why."""

    labels: str
    sentence: str


@dataclass(frozen=True)
class Offered:
    next: Next
    acts: list[Act] = field(default_factory=list)
    records: list[Act] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)


def offered(
    user: User, case: Case, standing: queries.Standing, remedy: queries.Remedy | None = None
) -> Offered:
    """Return the next act, the others that are open, and why the rest is not."""
    deciding, closed = _judged(user, case, standing, DECIDING)
    recording, _unsaid = _judged(user, case, standing, RECORDING)
    coming = next_act(user, case, standing, remedy or queries.Remedy())
    pressed = coming.act.url if coming.act else ""
    return Offered(
        next=coming,
        acts=[act for act in deciding if act.url != pressed],
        records=[act for act in recording if act.url != pressed],
        closed=_joined(closed),
    )


def _judged(
    user: User, case: Case, standing: queries.Standing, kinds: tuple[Kind, ...]
) -> tuple[list[Act], list[tuple[str, str]]]:
    open_, closed = [], []
    for kind in kinds:
        if not user.works_on(case, *kind.roles):
            continue
        verdict = kind.rule(user, case)
        if verdict and kind.needs_nothing_open:
            verdict = rules.nothing_open(standing.obstacles)
        url = url_of(kind.page, case)
        if kind.is_quiet and not (verdict and kind.is_grounded(user, case, standing)):
            continue
        if not verdict:
            closed.append((_(kind.label), verdict.sentence))
        elif url:
            open_.append(Act(_(kind.label), url))
    return open_, closed


def _joined(closed: list[tuple[str, str]]) -> list[Closed]:
    """Say each reason once, with all the acts it stands in the way of."""
    by_sentence: dict[str, list[str]] = {}
    for label, sentence in closed:
        by_sentence.setdefault(sentence, []).append(label)
    return [Closed(_(", ").join(labels), sentence) for sentence, labels in by_sentence.items()]


def next_act(user: User, case: Case, standing: queries.Standing, remedy: queries.Remedy) -> Next:
    """Return what this person is here for, or whom the case waits for."""
    found = next(_candidates(user, case, standing, remedy), None)
    return found or _nothing_for_you(case)


def _candidates(
    user: User, case: Case, standing: queries.Standing, remedy: queries.Remedy
) -> Iterator[Next]:
    if case.wrong_person_at is not None and rules.may_change_contact(user, case):
        yield Next(
            _("Find the right person"),
            _("The person we wrote to says that the request is not theirs."),
            Act(_("Change whom we write to"), url_of("workflows:case_contact", case)),
        )
    if case.put_off_at is not None and case.is_with_supplier and rules.may_log(user, case):
        yield Next(
            _("Reach the supplier"),
            _("Time ran out, but nobody was reached yet: silence does not count before that."),
            Act(_("Log a call or letter"), url_of("workflows:case_log_contact", case)),
        )
    yield from chases(user, case)
    yield from exit_acts.candidates(user, case, standing)
    if user.works_on(case, Role.COUNSEL):
        yield from _for_counsel(case, standing)
    if user.holds(Role.APPROVER, case.buyer_id):
        yield from _for_approver(user, case, standing)
        yield from remedying.for_approver(user, case, standing, remedy)
    if case.stage == Stage.REVIEW and case.escalated_person_id == user.pk:
        yield from _put_before_you(user, case)
    if user.holds(Role.ANALYST, case.buyer_id):
        yield from remedying.for_analyst(user, case, standing, remedy)
    if case.stage == Stage.REVIEW and user.holds(Role.ANALYST, case.buyer_id):
        yield _for_analyst(user, case, standing)


def chases(user: User, case: Case) -> Iterator[Next]:
    """What the ladder waits for, or a wish for more time, while the supplier's time runs."""
    if case.stall and rules.may_write_second(user, case):
        yield Next(
            _("Reach the supplier another way"),
            _(
                "%(why)s. Reminders stopped, and silence does not count: find a second contact,"
                " telephone, or write a letter."
            )
            % {"why": case.get_stall_display()},
            Act(_("Write to a second contact"), url_of("workflows:case_second_contact", case)),
        )
    if case.chase == RungKind.SECOND_CONTACT and rules.may_write_second(user, case):
        yield Next(
            _("Find a second contact"),
            _("No answer came, and we know only one person at this supplier."),
            Act(_("Write to a second contact"), url_of("workflows:case_second_contact", case)),
        )
    if case.chase == RungKind.PHONE and rules.may_log(user, case):
        yield Next(
            _("Telephone"),
            _("No answer came. Log the call, whether or not you reach somebody."),
            Act(_("Log a call or letter"), url_of("workflows:case_log_contact", case)),
        )
    if case.chase == RungKind.APPROVER and rules.may_chase(user, case):
        yield Next(
            _("Write to the signatory"),
            _(
                "No answer came to reminders and calls. Your letter is the last step before a"
                " review."
            ),
            Act(_("Write to the signatory"), url_of("workflows:case_overdue_letter", case)),
        )
    if case.wish_on is not None and rules.may_give_time(user, case):
        yield Next(
            _("Answer the wish for more time"),
            _("The supplier asks for time until %(day)s.") % {"day": day(case.wish_on)},
            Act(_("Give more time"), url_of("workflows:case_more_time", case)),
        )


def _for_counsel(case: Case, standing: queries.Standing) -> Iterator[Next]:
    held = case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    if held and case.stage in {Stage.REVIEW, Stage.WITH_COUNSEL}:
        yield Next(
            _("Close what limits the reply"),
            _("It was read as a legal constraint. Until you say how it goes on, it is held."),
            Act(_("Close what limits the reply"), url_of("workflows:case_constraint", case)),
        )
    if case.stage == Stage.WITH_COUNSEL and (url := url_of("workflows:case_advise", case)):
        yield Next(
            _("Give advice"),
            _("The supplier's clocks stand still until you do."),
            Act(_("Give advice"), url),
        )
    limits = [one for one in standing.unresolved if one.level == Level.COUNSEL]
    if limits and case.stage in {Stage.REVIEW, Stage.WITH_COUNSEL}:
        yield Next(
            _("Judge the note that limits the reply"),
            _("Until you close it, whatever rests on the reply is held."),
            finding_act(limits[0]),
        )


def _for_approver(user: User, case: Case, standing: queries.Standing) -> Iterator[Next]:
    if case.stage != Stage.REVIEW:
        return
    if rules.may_clear(user, case) and not standing.obstacles:
        yield Next(
            _("Decide on the recommendation"),
            _("%(name)s recommends clearing. You read the same facts and decide.")
            % {"name": case.proposed_by},
            Act(_("Clear the case"), url_of("workflows:case_clear", case)),
        )


def _put_before_you(user: User, case: Case) -> Iterator[Next]:
    if not queries.is_escalated_last(case):
        return
    act = None
    if rules.may_refer(user, case):
        act = Act(_("Refer to counsel"), url_of("workflows:case_refer", case))
    yield Next(
        _("Say how to go on"),
        _("The case was put before you. The question stands under “Decisions”."),
        act,
    )


def _for_analyst(user: User, case: Case, standing: queries.Standing) -> Next:
    if queries.is_escalated_last(case):
        return _nothing_for_you(case)
    if case.proposed_by_id is not None and not standing.obstacles:
        return _nothing_for_you(case)
    if case.reviewer_id is None:
        return Next(
            _("Take the case"),
            _("So that colleagues see that you review it."),
            Act(_("Take the case"), url_of("workflows:case_take", case), is_post=True),
        )
    return (
        _judge_first(standing)
        or exit_acts.proposing(case, standing, exit_acts.FACTS)
        or _grade_then(standing)
        or _read_reply(user, case, standing)
        or _conclude(case, standing)
    )


def _judge_first(standing: queries.Standing) -> Next | None:
    """Findings first, proof then: what the engine proposes rests on both."""
    open_ = [
        one
        for one in by_weight(standing.blocking)
        if one.state in UNJUDGED and one.level != Level.COUNSEL and not remedying.is_asked(one)
    ]
    if open_:
        return Next(
            _("Judge the findings"),
            ngettext(
                "%(number)d finding is not judged yet.",
                "%(number)d findings are not judged yet.",
                len(open_),
            )
            % {"number": len(open_)},
            finding_act(open_[0]),
        )
    return None


def _grade_then(standing: queries.Standing) -> Next | None:
    ungraded = [
        proof
        for claim in standing.claims
        for proof in claim.proofs
        if not proof.grade and proof.evidence.state == EvidenceState.RELEASED
    ]
    if ungraded:
        return Next(
            _("Grade the proof"),
            ngettext(
                "%(number)d document is not graded yet.",
                "%(number)d documents are not graded yet.",
                len(ungraded),
            )
            % {"number": len(ungraded)},
            proof_act(ungraded[0]),
        )
    return None


def _read_reply(user: User, case: Case, standing: queries.Standing) -> Next | None:
    if case.reply_code or standing.submission is None or standing.obstacles:
        return None
    if not rules.may_set_reply_code(user, case):
        return None
    return Next(
        _("Say what the reply amounts to"),
        _("The engine proposes a reading; you confirm it or choose another."),
        Act(_("Say what the reply amounts to"), url_of("workflows:case_reply_code", case)),
    )


def _conclude(case: Case, standing: queries.Standing) -> Next:
    if not standing.obstacles:
        return Next(
            _("Recommend clearing"),
            _("Nothing is open. An approver, another person than you, decides."),
            Act(_("Recommend clearing"), url_of("workflows:case_recommend", case)),
        )
    if standing.is_held:
        return Next(
            _("Refer to counsel"),
            _("The reply names a limit that only counsel can close."),
            Act(_("Refer to counsel"), url_of("workflows:case_refer", case)),
        )
    if (left := exit_acts.proposing(case, standing)) is not None:
        return left
    if standing.is_presumed and len(standing.obstacles) == 1:
        return Next(
            _("Put the case before an approver"),
            _("What raised the presumption is settled. Only an approver lifts it, upon evidence."),
            Act(_("Escalate"), url_of("workflows:case_escalate", case)),
        )
    confirmed = any(one.state == FindingState.CONFIRMED for one in standing.blocking)
    if confirmed or standing.submission is None:
        return Next(
            _("Put the case before a colleague"),
            _("What is confirmed cannot be cleared; an approver or counsel says how to go on.")
            if confirmed
            else _("No reply came. An approver or counsel says how to go on."),
            Act(_("Escalate"), url_of("workflows:case_escalate", case)),
        )
    return Next(
        _("Ask for what is missing"),
        " ".join(standing.obstacles),
        Act(_("Send questions back"), url_of("workflows:case_query", case)),
    )


def _nothing_for_you(case: Case) -> Next:
    waiting = queries.waiting_for(case)
    if not waiting.act and case.stage == Stage.CLEARED and case.renew_at is not None:
        return Next(
            _("Nothing is awaited"),
            _("The case is cleared. The supplier is asked anew on %(day)s.")
            % {"day": day(case.renew_at, case.buyer.zone)},
        )
    if not waiting.act:
        return Next(_("Nothing is awaited"), _("This case has ended. Its record stays."))
    return Next(
        _("Nothing waits for you"),
        _("%(whom)s: %(act)s.") % {"whom": waiting.whom, "act": waiting.act},
    )


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """Put what weighs most first: what blocks, by the rank of what it proposes; notes last."""
    return sorted(findings, key=_place)


def _place(finding: Finding) -> tuple[bool, int]:
    code = outcome.weight(clause=finding.clause, limb=finding.limb, level=finding.level)
    is_settled = not outcome.blocks_clearing(level=finding.level, state=finding.state)
    return is_settled, clauses.RANK.index(code) if code in clauses.RANK else len(clauses.RANK)


def proof_act(proof: Proof) -> Act:
    url = reverse("workflows:case_proof", args=[proof.case_id, proof.pk])
    return Act(_("Grade this proof"), url)


def file_act(case: Case, evidence: Evidence) -> Act:
    url = reverse("workflows:case_file", args=[case.pk, evidence.pk])
    return Act(_("Decide on this file"), url)
