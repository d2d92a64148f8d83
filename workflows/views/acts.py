"""What a person may do with a case now, what comes next, and why an act is not open."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from documents.enums import EvidenceState
from documents.models import Evidence
from portal.access import Verdict
from portal.enums import Role
from portal.models import User
from workflows import clauses, outcome, queries, rules
from workflows.enums import FindingState, Level, ReplyCode, Stage
from workflows.models import Case, Finding, Proof

UNJUDGED = frozenset({FindingState.OPEN, FindingState.ANSWERED})


@dataclass(frozen=True)
class Act:
    """Something to press: `is_post` acts at once, else the link leads to its page."""

    label: str
    url: str
    is_post: bool = False


@dataclass(frozen=True)
class Next:
    """The one thing this person is here for; without `act` there is nothing to press."""

    title: str
    text: str = ""
    act: Act | None = None


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


@dataclass(frozen=True)
class _Kind:
    """One act: its page, whose it is, the rule it asks."""

    label: str
    page: str
    roles: frozenset[Role]
    rule: Callable[[User, Case], Verdict]
    needs_nothing_open: bool = False


def _kind(
    label: str, page: str, rule: Callable[[User, Case], Verdict], *roles: Role, clean: bool = False
) -> _Kind:
    return _Kind(label, f"workflows:case_{page}", frozenset(roles), rule, clean)


A, P, C, M = Role.ANALYST, Role.APPROVER, Role.COUNSEL, Role.CAMPAIGN_MANAGER
DECIDING = (
    _kind(gettext_noop("Clear the case"), "clear", rules.may_clear, P, clean=True),
    _kind(gettext_noop("Recommend clearing"), "recommend", rules.may_recommend, A, clean=True),
    _kind(gettext_noop("Send questions back"), "query", rules.may_query, A),
    _kind(gettext_noop("Escalate"), "escalate", rules.may_escalate, A),
    _kind(gettext_noop("Give advice"), "advise", rules.may_advise, C),
    _kind(gettext_noop("Refer to counsel"), "refer", rules.may_refer, A, P),
    _kind(gettext_noop("Withdraw the request"), "withdraw", rules.may_withdraw, M),
)
RECORDING = (
    _kind(gettext_noop("Write to the supplier"), "message", rules.may_write_message, A),
    _kind(gettext_noop("Log a call or letter"), "log_contact", rules.may_log, A),
    _kind(gettext_noop("Log proof that came by mail or post"), "log_evidence", rules.may_log, A),
    _kind(
        gettext_noop("Say what the reply amounts to"),
        "reply_code",
        rules.may_set_reply_code,
        A,
        C,
    ),
    _kind(gettext_noop("Change whom we write to"), "contact", rules.may_change_contact, A, M),
)


def url_of(page: str, case: Case) -> str:
    """Return a page's address; empty while the installation lacks it."""
    with suppress(NoReverseMatch):
        return reverse(page, args=[case.pk])
    return ""


def offered(user: User, case: Case, standing: queries.Standing) -> Offered:
    """Return the next act, the others that are open, and why the rest is not; no query."""
    deciding, closed = _judged(user, case, standing, DECIDING)
    recording, _unsaid = _judged(user, case, standing, RECORDING)
    coming = next_act(user, case, standing)
    pressed = coming.act.url if coming.act else ""
    return Offered(
        next=coming,
        acts=[act for act in deciding if act.url != pressed],
        records=[act for act in recording if act.url != pressed],
        closed=_joined(closed),
    )


def _judged(
    user: User, case: Case, standing: queries.Standing, kinds: tuple[_Kind, ...]
) -> tuple[list[Act], list[tuple[str, str]]]:
    open_, closed = [], []
    for kind in kinds:
        if not user.holds_any(kind.roles, case.buyer_id):
            continue
        verdict = kind.rule(user, case)
        if verdict and kind.needs_nothing_open:
            verdict = rules.nothing_open(standing.obstacles)
        url = url_of(kind.page, case)
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


def next_act(user: User, case: Case, standing: queries.Standing) -> Next:
    """Return what this person is here for, or whom the case waits for."""
    found = next(_candidates(user, case, standing), None)
    return found or _nothing_for_you(case)


def _candidates(user: User, case: Case, standing: queries.Standing) -> Iterator[Next]:
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
    if user.holds(Role.COUNSEL, case.buyer_id):
        yield from _for_counsel(case, standing)
    if user.holds(Role.APPROVER, case.buyer_id):
        yield from _for_approver(user, case, standing)
    if case.stage == Stage.REVIEW and case.escalated_person_id == user.pk:
        yield from _put_before_you(user, case)
    if case.stage == Stage.REVIEW and user.holds(Role.ANALYST, case.buyer_id):
        yield _for_analyst(user, case, standing)


def _for_counsel(case: Case, standing: queries.Standing) -> Iterator[Next]:
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
    held = case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    if held and case.stage in {Stage.REVIEW, Stage.WITH_COUNSEL}:
        yield Next(
            _("Say what the reply amounts to"),
            _("It was read as a legal constraint; only you may set another code."),
            Act(_("Say what the reply amounts to"), url_of("workflows:case_reply_code", case)),
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
    return _judge_first(standing) or _read_reply(user, case, standing) or _conclude(case, standing)


def _judge_first(standing: queries.Standing) -> Next | None:
    """Findings first, proof then: what the engine proposes rests on both."""
    open_ = [
        one
        for one in by_weight(standing.blocking)
        if one.state in UNJUDGED and one.level != Level.COUNSEL
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


def finding_act(finding: Finding) -> Act:
    url = reverse("workflows:case_finding", args=[finding.case_id, finding.pk])
    return Act(_("Judge this finding"), url)


def proof_act(proof: Proof) -> Act:
    url = reverse("workflows:case_proof", args=[proof.case_id, proof.pk])
    return Act(_("Grade this proof"), url)


def file_act(case: Case, evidence: Evidence) -> Act:
    url = reverse("workflows:case_file", args=[case.pk, evidence.pk])
    return Act(_("Decide on this file"), url)
