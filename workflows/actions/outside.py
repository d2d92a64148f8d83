"""Outside counsel: let into named cases until a date, and out again (domain note, section 2)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock, ledger, mail
from portal import rules as portal_rules
from portal.access import Conflict, Refused, require
from portal.actions import people
from portal.enums import CASE_ROLES, Role
from portal.models import CaseGrant, Organisation, User
from workflows import calendar
from workflows.models import Case


@transaction.atomic
def let_in(  # noqa: PLR0913 - each is a word of the invitation
    *,
    buyer: Organisation,
    by: User,
    email: str,
    name: str,
    language: str,
    cases: Sequence[Case],
    until: date,
) -> list[CaseGrant]:
    """Let a person from outside read and advise on these cases, to the end of `until`.

    A newcomer is invited; who is in already gets the cases added, or their date moved. Each
    case's record names it. Raises Refused, also for somebody who reads every case already.
    """
    require(portal_rules.may_let_in_outside(by, buyer))
    if any(case.buyer_id != buyer.pk for case in cases):
        raise Refused(_("This case belongs to another company."))
    held = Organisation.objects.select_for_update(of=("self",)).get(pk=buyer.pk)
    known = User.objects.filter(email=email.strip().lower()).first()
    if known is not None and known.holds_any(CASE_ROLES, held.pk):
        raise Conflict(_("This person works on every case of your company already."))
    person, is_in = _person(held, by, known, email, name, language)
    ends = calendar.end_of(until, held.zone)
    grants = [
        _grant(case, person, by, ends) for case in sorted(cases, key=lambda case: case.chain_id)
    ]
    if is_in:
        _tell(held, person, cases, ends)
    return grants


def _person(
    buyer: Organisation, by: User, known: User | None, email: str, name: str, language: str
) -> tuple[User, bool]:
    if known is not None and known.holds(Role.OUTSIDE_COUNSEL, buyer.pk):
        return known, True
    offer = people.invite(
        organisation=buyer,
        role=Role.OUTSIDE_COUNSEL,
        email=email,
        name=name,
        language=language,
        by=by,
        next_url=reverse("workflows:desk"),
    )
    return offer.user, False


def _grant(case: Case, person: User, by: User, ends: datetime) -> CaseGrant:
    grant, is_new = CaseGrant.objects.get_or_create(
        user=person,
        chain_id=case.chain_id,
        ended_at=None,
        defaults={
            "buyer_id": case.buyer_id,
            "given_by": by,
            "given_at": clock.now(),
            "until": ends,
        },
    )
    if not is_new:
        grant.until, grant.given_by = ends, by
        grant.save(update_fields=["until", "given_by"])
    ledger.record(
        "counsel.let_in",
        by=by,
        on=case,
        data={"grant": str(grant.pk), "user": str(person.pk), "until": ledger.moment(ends)},
        words={"name": person.name, "address": person.email},
    )
    return grant


def _tell(buyer: Organisation, person: User, cases: Sequence[Case], ends: datetime) -> None:
    mail.send(
        purpose="counsel_let_in",
        key=f"counsel_let_in:{person.pk}:{uuid4()}",
        to=person,
        template="mail/counsel_let_in.txt",
        context={
            "buyer": buyer,
            "references": sorted(case.reference for case in cases),
            "until": ends,
            "zone": buyer.zone,
            "url": settings.BASE_URL + reverse("workflows:desk"),
        },
        buyer=buyer,
    )


@transaction.atomic
def let_out(*, grant: CaseGrant, by: User) -> CaseGrant:
    """Close one case to a person from outside, from the next page on.

    Raises Refused, or Conflict if it is closed already.
    """
    row = CaseGrant.objects.select_for_update(of=("self",)).select_related("buyer", "chain")
    held = row.get(pk=grant.pk)
    require(portal_rules.may_let_in_outside(by, held.buyer))
    if held.ended_at is not None:
        raise Conflict(_("This case was closed to this person already."))
    held.ended_at = clock.now()
    held.save(update_fields=["ended_at"])
    ledger.record(
        "counsel.let_out",
        by=by,
        on=Case.objects.get(chain_id=held.chain_id),
        data={"grant": str(held.pk), "user": str(held.user_id)},
    )
    return held
