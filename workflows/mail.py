"""Who hears of what in a case. Nothing here says more than the wording chosen for it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from portal import clock, mail
from portal.enums import Role
from portal.models import Organisation, User
from questionnaires.models import Submission
from workflows import calendar, queries
from workflows.enums import LetterKind, RungKind
from workflows.models import Case, Duty, Policy, SentLetter

ISSUED = "case_issued"
LETTER = "letter"
# letters that were mails before they were letters keep the name of those mails
PURPOSES = {
    LetterKind.QUERY: "case_queried",
    LetterKind.WITHDRAWAL: "case_withdrawn",
    LetterKind.OVERDUE: "case_chased",
}


def request_path(case: Case) -> str:
    """Return the path of the page where the supplier finds its case."""
    return reverse("workflows:request", args=[case.pk])


def _tell(
    case: Case,
    purpose: str,
    to: Iterable[User],
    *,
    once: object,
    not_before: datetime | None = None,
    **context: object,
) -> None:
    for person in to:
        mail.send(
            purpose=purpose,
            key=f"{purpose}:{case.pk}:{once}:{person.pk}",
            to=person,
            template=f"mail/{purpose}.txt",
            context={
                "case": case,
                "buyer": case.buyer,
                "supplier": case.supplier,
                "zone": case.supplier.zone,
                **context,
            },
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            not_before=not_before,
        )


def _suppliers_people(case: Case) -> list[User]:
    """The contact and the signatory, each once."""
    found = {one.pk: one for one in (case.contact, case.signatory) if one is not None}
    return list(found.values())


def request_url(case: Case) -> str:
    """Return the full address of the supplier's page of its case."""
    return settings.BASE_URL + request_path(case)


def _case_url(case: Case) -> str:
    return settings.BASE_URL + reverse("workflows:case", args=[case.pk])


def _tell_house(policy: Policy, purpose: str, to: Iterable[User]) -> None:
    """Tell the buyer's own people of a version of its policy."""
    for person in to:
        mail.send(
            purpose=purpose,
            key=f"{purpose}:{policy.pk}:{person.pk}",
            to=person,
            template=f"mail/{purpose}.txt",
            context={
                "policy": policy,
                "url": settings.BASE_URL + reverse("workflows:policies"),
            },
            chain=policy.buyer.chain,
            buyer=policy.buyer,
        )


def policy_proposed(policy: Policy) -> None:
    counsel = queries.people(policy.buyer_id, Role.COUNSEL)
    _tell_house(policy, "policy_proposed", counsel)


def policy_changed(policy: Policy, by: User) -> None:
    """Tell everybody who works by it, but for the one who changed it."""
    roles = (Role.APPROVER, Role.ANALYST, Role.CAMPAIGN_MANAGER, Role.COUNSEL, Role.ADMINISTRATOR)
    to = [one for one in queries.people(policy.buyer_id, *roles) if one.pk != by.pk]
    _tell_house(policy, "policy_changed", to)


def policy_objected(policy: Policy) -> None:
    _tell_house(policy, "policy_objected", [policy.created_by] if policy.created_by else [])


def case_issued(case: Case, to: User, url: str, once: object = "issue") -> None:
    """Send the instruction; `url` is a pointer that opens nothing by itself."""
    _tell(case, ISSUED, [to], once=once, url=url)


def case_submitted(case: Case, submission: Submission) -> None:
    """Tell the supplier that it arrived, with the hash signed, and the analysts to look."""
    number = submission.number
    _tell(
        case,
        "case_receipt",
        _suppliers_people(case),
        once=number,
        url=request_url(case),
        submission=submission,
    )
    _tell(
        case,
        "case_submitted",
        queries.people(case.buyer_id, Role.ANALYST),
        once=number,
        url=_case_url(case),
        submission=submission,
    )


def case_recommended(case: Case, once: object) -> None:
    approvers = [
        person
        for person in queries.people(case.buyer_id, Role.APPROVER)
        if person.pk != case.proposed_by_id
    ]
    _tell(case, "case_recommended", approvers, once=once, url=_case_url(case))


def case_escalated(case: Case, to: User, once: object) -> None:
    _tell(case, "case_escalated", [to], once=once, url=_case_url(case))


def case_cleared(case: Case, once: object) -> None:
    _tell(case, "case_cleared", _suppliers_people(case), once=once, url=request_url(case))


def case_lapsed(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "case_lapsed", analysts, once=once, url=_case_url(case))


def milestone_missed(case: Case, once: object) -> None:
    """Tell both sides that a step's day passed: the analysts to look, the supplier to speak."""
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "milestone_missed", analysts, once=once, url=_case_url(case))
    to = _suppliers_people(case)
    _tell(case, "plan_step_passed", to, once=once, url=request_url(case))


def finding_raised(case: Case, to: Iterable[User], once: object) -> None:
    _tell(case, "finding_raised", to, once=once, url=_case_url(case))


def inquiry_replied(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "inquiry_replied", analysts, once=once, url=_case_url(case))


def plan_shown(case: Case, once: object) -> None:
    path = reverse("workflows:request_plan", args=[case.pk])
    to = _suppliers_people(case)
    _tell(case, "plan_shown", to, once=once, url=settings.BASE_URL + path)


def plan_remarked(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "plan_remarked", analysts, once=once, url=_case_url(case))


def plan_accepted(case: Case, once: object) -> None:
    """Tell analysts and approvers that the signatory accepted, and the supplier that we know."""
    to = queries.people(case.buyer_id, Role.ANALYST, Role.APPROVER)
    _tell(case, "plan_accepted", to, once=once, url=_case_url(case))


def plan_continued(case: Case, once: object) -> None:
    to = _suppliers_people(case)
    _tell(case, "plan_continued", to, once=once, url=request_url(case))


def plan_reported(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "plan_reported", analysts, once=once, url=_case_url(case))


def step_judged(case: Case, once: object) -> None:
    to = _suppliers_people(case)
    _tell(case, "plan_step_judged", to, once=once, url=request_url(case))


def case_suspended(case: Case, once: object) -> None:
    """Tell counsel; the supplier has its letter."""
    counsel = queries.counsel_of(case)
    _tell(case, "case_suspended", counsel, once=once, url=_case_url(case))


def case_referred(case: Case, once: object) -> None:
    counsel = queries.counsel_of(case)
    _tell(case, "case_referred", counsel, once=once, url=_case_url(case))


def case_advised(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "case_advised", analysts, once=once, url=_case_url(case))
    if case.is_with_supplier:
        _tell(
            case,
            "case_resumed",
            _suppliers_people(case),
            once=once,
            url=request_url(case),
        )


def wrong_person(case: Case, to: Iterable[User], once: object) -> None:
    _tell(case, "wrong_person", to, once=once, url=_case_url(case))


def version_offered(case: Case, once: object) -> None:
    """Tell the supplier's people that a newer questionnaire is asked for, and where it stands."""
    _tell(
        case,
        "case_version_offered",
        _suppliers_people(case),
        once=once,
        url=request_url(case),
    )


def message_written(case: Case, to: Iterable[User], once: object, *, for_supplier: bool) -> None:
    url = request_url(case) if for_supplier else _case_url(case)
    _tell(case, "case_message", to, once=once, url=url)


# who of the buyer hears of which step of an exit, besides the one who took it
EXIT_NEWS = {
    "proposed": (Role.ANALYST, Role.APPROVER, Role.COUNSEL),
    "immediate": (Role.APPROVER, Role.COUNSEL),
    "presented": (Role.APPROVER, Role.COUNSEL),
    "agreed": (Role.APPROVER, Role.COUNSEL),
    "approved": (Role.ANALYST, Role.APPROVER, Role.COUNSEL),
    "returned": (Role.ANALYST, Role.APPROVER, Role.COUNSEL),
    "answered": (Role.APPROVER, Role.COUNSEL),
    "halt": (Role.APPROVER, Role.COUNSEL),
    "halted": (Role.ANALYST, Role.APPROVER, Role.COUNSEL),
    "completed": (Role.ANALYST, Role.APPROVER, Role.COUNSEL),
    "reentry": (Role.ANALYST, Role.COUNSEL),
    "concurred": (Role.APPROVER,),
    "trading": (Role.ANALYST, Role.APPROVER, Role.COUNSEL, Role.CAMPAIGN_MANAGER),
}


def exit_told(case: Case, what: str, once: object, by: User) -> None:
    """Tell the buyer's people of a step of an exit; `what` is a key of EXIT_NEWS."""
    to = [one for one in queries.people_of(case, *EXIT_NEWS[what]) if one.pk != by.pk]
    _tell(case, "exit_told", to, once=f"{what}-{once}", url=_case_url(case), what=what)


def exit_replied(case: Case, once: object, *, to_all: bool, counsel: bool) -> None:
    """Tell analysts of a reply; once the plan is presented, all who decide."""
    roles = {Role.ANALYST} | ({Role.APPROVER} if to_all else set())
    if to_all or counsel:
        roles.add(Role.COUNSEL)
    people = queries.people_of(case, *roles)
    _tell(case, "exit_told", people, once=f"reply-{once}", url=_case_url(case), what="reply")


def exit_reply_answered(case: Case, once: object) -> None:
    """Tell the supplier that its reply was answered; the answer stands on its page."""
    people = _suppliers_people(case)
    _tell(case, "exit_reply_answered", people, once=once, url=request_url(case))


def letter_sent(case: Case, letter: SentLetter) -> None:
    """Send the words of a letter to contact and signatory, the frame in each one's language."""
    for person in _suppliers_people(case):
        mail.send(
            purpose=PURPOSES.get(LetterKind(letter.kind), LETTER),
            key=f"{letter.mail_key}:{person.pk}",
            to=person,
            template="mail/letter.txt",
            context={
                "case": case,
                "buyer": case.buyer,
                "letter": letter,
                "is_foreign": person.language != letter.language,
                "url": request_url(case),
            },
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
        )


# What a reply leads to, and what the buyer owes ------------------------------------------------


def conditions_answered(case: Case, once: object) -> None:
    _tell(case, "conditions_answered", _suppliers_people(case), once=once, url=request_url(case))


def terms_offered(case: Case, once: object) -> None:
    url = settings.BASE_URL + reverse("workflows:request_terms", args=[case.pk])
    _tell(case, "terms_offered", _suppliers_people(case), once=once, url=url)


def terms_answered(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "terms_answered", analysts, once=once, url=_case_url(case))


def reasons_released(case: Case, once: object) -> None:
    to = queries.people(case.buyer_id, Role.ANALYST, Role.APPROVER)
    _tell(case, "reasons_released", to, once=once, url=_case_url(case))


def help_asked(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "help_asked", analysts, once=once, url=_case_url(case))


def _tell_of_duty(duty: Duty, purpose: str, to: Iterable[User]) -> None:
    """Tell the buyer's own people of a duty; the case's page or the register shows it."""
    case = duty.case
    url = _case_url(case) if case else settings.BASE_URL + reverse("workflows:duties")
    for person in to:
        mail.send(
            purpose=purpose,
            key=f"{purpose}:{duty.pk}:{person.pk}",
            to=person,
            template=f"mail/{purpose}.txt",
            context={"duty": duty, "case": case, "buyer": duty.buyer, "url": url},
            chain=case.chain if case else duty.buyer.chain,
            buyer=duty.buyer,
        )


def duty_missed(duty: Duty) -> None:
    """A clock of ours ran out: all approvers hear of it; it moves no case."""
    _tell_of_duty(duty, "duty_missed", queries.people(duty.buyer_id, Role.APPROVER))


def duty_missed_still(duty: Duty) -> None:
    to = queries.people(duty.buyer_id, Role.ADMINISTRATOR)
    _tell_of_duty(duty, "duty_missed_still", to)


def goods_denied(duty: Duty) -> None:
    """Denied goods: counsel hears at once (clause C2)."""
    _tell_of_duty(duty, "goods_denied", queries.people(duty.buyer_id, Role.COUNSEL))


def _open_at(where: Organisation) -> datetime:
    """Return when offices are open there: the clock writes to nobody at night."""
    return calendar.office_hours(clock.now(), where.country, where.zone)


def case_reminded(case: Case, to: User, url: str, once: object, *, is_overdue: bool) -> None:
    """Remind the contact before the due date, or say that it passed and the form is open."""
    _tell(
        case,
        "case_overdue" if is_overdue else "case_reminder",
        [to],
        once=once,
        not_before=_open_at(case.supplier),
        url=url,
    )


def second_contact_written(case: Case, to: Iterable[User], url: str, once: object) -> None:
    """Write to others at the supplier, beside the contact who did not answer."""
    _tell(
        case,
        "case_second_contact",
        to,
        once=once,
        not_before=_open_at(case.supplier),
        url=url,
    )


CHASERS = {
    RungKind.SECOND_CONTACT: Role.ANALYST,
    RungKind.PHONE: Role.ANALYST,
    RungKind.APPROVER: Role.APPROVER,
}


def case_chase(case: Case, kind: RungKind, once: object) -> None:
    """Tell the buyer's people that the ladder waits for an act of theirs."""
    _tell(
        case,
        "case_chase",
        queries.people(case.buyer_id, CHASERS[kind]),
        once=once,
        not_before=_open_at(case.buyer),
        url=_case_url(case),
        kind=str(kind),
    )


def case_unreached(case: Case, once: object) -> None:
    """Tell who may find another way that our mail did not arrive."""
    to = queries.people(case.buyer_id, Role.ANALYST, Role.CAMPAIGN_MANAGER)
    _tell(
        case,
        "case_unreached",
        to,
        once=once,
        not_before=_open_at(case.buyer),
        url=_case_url(case),
    )


def clock_missed(case: Case, act_at: datetime, *, is_second: bool) -> None:
    """Tell approvers of a clock of theirs that ran out; an administrator, when nothing follows.

    An administrator reads no case by that role, so that mail names it and leads nowhere.
    """
    role = Role.ADMINISTRATOR if is_second else Role.APPROVER
    _tell(
        case,
        "clock_missed_again" if is_second else "clock_missed",
        queries.people(case.buyer_id, role),
        once=f"{act_at:%Y%m%d%H%M%S}",
        not_before=_open_at(case.buyer),
        url=_case_url(case),
        act_at=act_at,
        waiting=queries.waiting_for(case),
        place=case.buyer.zone,
    )


def extension_taken(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "extension_taken", analysts, once=once, url=_case_url(case))


def extension_asked(case: Case, wished_on: date, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "extension_asked", analysts, once=once, url=_case_url(case), wished_on=wished_on)


def extension_refused(case: Case, answer: str, once: object) -> None:
    _tell(
        case,
        "extension_refused",
        _suppliers_people(case),
        once=once,
        url=request_url(case),
        answer=answer,
    )


def case_renewed(case: Case, once: object) -> None:
    """Ask the supplier anew, and tell the analysts that it was asked."""
    _tell(
        case,
        "case_renewed",
        _suppliers_people(case),
        once=once,
        not_before=_open_at(case.supplier),
        url=request_url(case),
    )
