"""Who hears of what in a case. Nothing here says more than the wording chosen for it."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from portal import mail
from portal.enums import Role
from portal.models import User
from questionnaires.models import Submission
from workflows import queries
from workflows.models import Case, Policy

ISSUED = "case_issued"


def request_path(case: Case) -> str:
    """Return the path of the page where the supplier finds its case."""
    return reverse("workflows:request", args=[case.pk])


def _tell(
    case: Case, purpose: str, to: Iterable[User], *, once: object, **context: object
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
        )


def _suppliers_people(case: Case) -> list[User]:
    """The contact and the signatory, each once."""
    found = {one.pk: one for one in (case.contact, case.signatory) if one is not None}
    return list(found.values())


def _request_url(case: Case) -> str:
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
        url=_request_url(case),
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


def case_queried(case: Case, once: object, questions: int) -> None:
    _tell(
        case,
        "case_queried",
        _suppliers_people(case),
        once=once,
        url=_request_url(case),
        questions=questions,
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
    _tell(case, "case_cleared", _suppliers_people(case), once=once, url=_request_url(case))


def case_withdrawn(case: Case) -> None:
    _tell(case, "case_withdrawn", _suppliers_people(case), once="withdraw")


def case_lapsed(case: Case, once: object) -> None:
    analysts = queries.people(case.buyer_id, Role.ANALYST)
    _tell(case, "case_lapsed", analysts, once=once, url=_case_url(case))


def case_referred(case: Case, once: object) -> None:
    counsel = queries.people(case.buyer_id, Role.COUNSEL)
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
            url=_request_url(case),
        )


def wrong_person(case: Case, to: Iterable[User], once: object) -> None:
    _tell(case, "wrong_person", to, once=once, url=_case_url(case))


def message_written(case: Case, to: Iterable[User], once: object, *, for_supplier: bool) -> None:
    url = _request_url(case) if for_supplier else _case_url(case)
    _tell(case, "case_message", to, once=once, url=url)
