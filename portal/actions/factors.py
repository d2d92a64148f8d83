"""A lost second step: asked for by one administrator after a call, removed by another one."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger, mail, queries, rules
from portal.access import Conflict, require
from portal.actions import people
from portal.enums import Role
from portal.models import FactorReset, Organisation, User

OPEN_FOR = timedelta(hours=24)


def has_factor(person: User) -> bool:
    """Tell whether this person has set up anything beyond the mailed code."""
    return apps.get_model("mfa", "Authenticator").objects.filter(user=person).exists()


@transaction.atomic
def ask_reset(*, company: Organisation, person: User, reason: str, by: User) -> FactorReset:
    """Put a person's lost second step before the other administrators, for 24 hours.

    `reason` says how the person was recognised. They are told by mail, and so is the person:
    whoever is not calling can still object. Raises Refused or Conflict.
    """
    held = Organisation.objects.select_for_update(of=("self",)).get(pk=company.pk)
    verdict = rules.may_ask_reset(
        by,
        held,
        person,
        has_factor=has_factor(person),
        elsewhere=queries.works_elsewhere(person, held),
    )
    require(verdict)
    now = clock.now()
    unsettled = FactorReset.objects.filter(
        user=person, organisation=held, done_at=None, dropped_at=None
    )
    if unsettled.filter(expires_at__gt=now).exists():
        raise Conflict(_("A colleague asked for this already. Look at the list again."))
    unsettled.update(dropped_at=now)
    asked = FactorReset.objects.create(
        user=person,
        organisation=held,
        asked_by=by,
        asked_at=now,
        reason=reason.strip(),
        expires_at=now + OPEN_FOR,
    )
    ledger.record(
        "person.second_step_lost",
        by=by,
        on=held,
        data={"reset": str(asked.pk), "user": str(person.pk)},
        words={"reason": asked.reason},
    )
    buyer = held.buyer or held
    for colleague in _administrators(buyer, besides={by.pk, person.pk}):
        _tell(asked, colleague, "second_step_lost", buyer)
    _tell(asked, person, "second_step_reported_lost", buyer)
    return asked


def is_alone(company: Organisation, besides: set[UUID]) -> bool:
    """Tell whether no other administrator of the buyer is there to do the second part."""
    return not _administrators(company.buyer or company, besides)


def _administrators(buyer: Organisation, besides: set[UUID]) -> list[User]:
    held = buyer.memberships.current().filter(role=Role.ADMINISTRATOR)
    rows = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return list(rows.exclude(pk__in=besides).order_by("pk"))


@transaction.atomic
def reset(*, asked: FactorReset, reason: str, by: User) -> FactorReset:
    """Remove every second step of the person and end all its sessions; it is told by mail.

    `reason` says how this administrator, another than the one who asked, made sure. Raises
    Refused or Conflict.
    """
    row = _held(asked)
    require(rules.may_reset(by, row, clock.now()))
    row.done_by, row.done_at = by, clock.now()
    row.save(update_fields=["done_by", "done_at"])
    _forget_factors(row.user)
    ledger.record(
        "person.second_step_removed",
        by=by,
        on=row.organisation,
        data={
            "reset": str(row.pk),
            "user": str(row.user_id),
            "asked_by": str(row.asked_by_id),
        },
        words={"reason": reason.strip()},
    )
    _tell(row, row.user, "second_step_reset", row.organisation.buyer or row.organisation)
    return row


@transaction.atomic
def drop_reset(*, asked: FactorReset, by: User) -> FactorReset:
    """Leave the second step as it is: it was found again, or the caller was somebody else."""
    row = _held(asked)
    require(rules.may_drop_reset(by, row, clock.now()))
    row.dropped_at = clock.now()
    row.save(update_fields=["dropped_at"])
    ledger.record(
        "person.second_step_kept",
        by=by,
        on=row.organisation,
        data={"reset": str(row.pk), "user": str(row.user_id)},
    )
    return row


@transaction.atomic
def reset_by_operator(*, person: User, reason: str) -> User:
    """Remove a second step from the operator's shell; each company served has it on record.

    For a buyer with one administrator, and for whoever serves several buyers.
    """
    _forget_factors(person)
    companies = Organisation.objects.filter(pk__in=person.roles).order_by("pk")
    for company in companies:
        ledger.record(
            "person.second_step_removed",
            by="installation",
            on=company,
            data={"user": str(person.pk)},
            words={"reason": reason.strip()},
        )
    mail.send(
        purpose="second_step_reset",
        key=f"second_step_reset:{person.pk}:{uuid4()}",
        to=person,
        template="mail/second_step_reset.txt",
        context={"person": person, "url": settings.BASE_URL},
        buyer=queries.buyer_of(person),
    )
    return person


def _held(asked: FactorReset) -> FactorReset:
    rows = FactorReset.objects.select_for_update(of=("self",))
    return rows.select_related("user", "organisation__buyer").get(pk=asked.pk)


def _forget_factors(person: User) -> None:
    apps.get_model("mfa", "Authenticator").objects.filter(user=person).delete()
    people.end_sessions(person)


def _tell(asked: FactorReset, to: User, template: str, buyer: Organisation) -> None:
    mail.send(
        purpose=template,
        key=f"{template}:{asked.pk}:{to.pk}",
        to=to,
        template=f"mail/{template}.txt",
        context={
            "person": asked.user,
            "asked_by": asked.asked_by,
            "buyer": buyer,
            "url": settings.BASE_URL,
        },
        buyer=buyer,
        supplier=asked.organisation if asked.organisation.buyer_id else None,
    )
