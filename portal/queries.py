"""Reading across the models of this floor: companies, people, fitness of the installation."""

import logging
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import clock, ledger_triggers
from portal.enums import Role, Side
from portal.models import (
    DemoDoor,
    DemoMail,
    FactorReset,
    Heartbeat,
    Invitation,
    LedgerChain,
    Membership,
    Organisation,
    OutboxMessage,
    User,
)

logger = logging.getLogger(__name__)

# people of a company with the roles they hold there
People = list[tuple[User, list[Membership]]]
Served = tuple[Organisation, People]

OWN_NAME = "Extricate"
TICK_SILENT = timedelta(minutes=3)
LEAST_FREE_BYTES = 200 * 1024 * 1024
PRIVATE_PLACES = ("quarantine", "evidence", "dossiers")


@dataclass(frozen=True)
class Service:
    """What this service is called for one reader; `is_buyers`: not by its own name."""

    name: str

    @property
    def is_buyers(self) -> bool:
        return self.name != OWN_NAME


def service(user: User | AnonymousUser) -> Service:
    """Return the name one reader meets: that of the buyer it works for or answers.

    Who answers several buyers, or is not signed in where buyers have names of their own,
    meets a neutral name: a page never gives away whom else this installation serves.
    """
    if user.is_authenticated:
        mine = Organisation.objects.filter(pk__in=user.roles)
        named = mine.values_list("service_name", "buyer__service_name", "buyer_id")
        names = {(of_buyer if buyer else own) or "" for own, of_buyer, buyer in named}
    else:
        buyers = Organisation.objects.filter(side=Side.BUYER)
        names = set(buyers.values_list("service_name", flat=True).distinct()[:2])
    if names and names != {""}:
        return Service(names.pop() if len(names) == 1 else _("Service for suppliers"))
    return Service(settings.SERVICE_NAME)


def buyers_of(user: User) -> QuerySet[Organisation]:
    """Return the buyers this person works for or answers: whose word counts for its data."""
    mine = Q(pk__in=user.roles) | Q(suppliers__pk__in=user.roles)
    return Organisation.objects.filter(mine, side=Side.BUYER).distinct().order_by("name", "pk")


def buyer_of(user: User) -> Organisation | None:
    """Return the buyer in whose name this person is written to: of its newest offer or role.

    A supplier's person must not meet another name than that of the buyer it answers.
    """
    roles = user.memberships.current().select_related("organisation__buyer").order_by("-since")
    offers = user.invitations.filter(accepted_at=None, withdrawn_at=None)
    newest_offer = offers.select_related("organisation__buyer").order_by("-invited_at").first()
    newest = newest_offer or roles.first()
    if newest is None:
        return None
    return newest.organisation.buyer or newest.organisation


def buyer_domains(user: User) -> set[str]:
    """Return the mail domains of the people of the buyers this person answers."""
    buyers = Organisation.objects.filter(suppliers__pk__in=user.roles).values("pk")
    held = Membership.objects.current().filter(organisation__in=buyers)
    addresses = held.values_list("user__email", flat=True).distinct()
    return {address.rpartition("@")[2].lower() for address in addresses}


def companies(user: User) -> QuerySet[Organisation]:
    """Return the companies whose people this administrator manages: buyers, their suppliers."""
    own = user.administered_ids()
    return Organisation.objects.filter(Q(pk__in=own) | Q(buyer_id__in=own)).select_related("buyer")


def memberships(user: User) -> QuerySet[Membership]:
    """Return the roles at those companies."""
    own = user.administered_ids()
    mine = Q(organisation_id__in=own) | Q(organisation__buyer_id__in=own)
    return Membership.objects.filter(mine).select_related("organisation__buyer", "user")


def invitations(user: User) -> QuerySet[Invitation]:
    """Return the invitations to those companies."""
    own = user.administered_ids()
    mine = Q(organisation_id__in=own) | Q(organisation__buyer_id__in=own)
    return Invitation.objects.filter(mine).select_related("organisation__buyer", "user")


def with_people(found: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Bring each company's current roles as `held` and its open invitations as `offered`."""
    held = (
        Membership.objects.current().select_related("user").order_by("user__name", "user", "role")
    )
    open_ = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("user")
    return found.prefetch_related(
        Prefetch("memberships", held, to_attr="held"),
        Prefetch("invitations", open_.order_by("invited_at", "pk"), to_attr="offered"),
    )


def serving(company: Organisation) -> QuerySet[User]:
    """Return who holds a role at a company now."""
    current = Membership.objects.current().filter(organisation=company)
    return User.objects.filter(pk__in=current.values("user"))


def with_address(email: str) -> User | None:
    """Return whoever has this address, whatever company it serves: for a rule, never to show."""
    return User.objects.filter(email=email.strip().lower()).first()


def reading(email: str) -> User | None:
    """Return whoever reads this mailbox, as the first address or the second."""
    return with_address(email) or reading_second(email)


def reading_second(email: str) -> User | None:
    """Return the active person whose second address this is."""
    address = email.strip().lower()
    if not address:
        return None
    return User.objects.filter(second_email=address, is_active=True).first()


def suppliers(user: User, words: str = "") -> QuerySet[Organisation]:
    """Return suppliers of the buyers this person administers, by name; `words` search them."""
    found = Organisation.objects.filter(buyer_id__in=user.administered_ids())
    for word in words.split()[:6]:
        at_person = Q(memberships__ended_at=None, memberships__user__email__icontains=word)
        found = found.filter(
            Q(name__icontains=word)
            | Q(name_en__icontains=word)
            | Q(reference__icontains=word)
            | at_person
        ).distinct()
    return with_people(found.select_related("buyer").order_by("name", "pk"))


def people_of(company: Organisation) -> People:
    """Return the people of a company that came `with_people`, each with its roles."""
    found: dict[object, tuple[User, list[Membership]]] = {}
    for membership in company.held:  # type: ignore[attr-defined]
        found.setdefault(membership.user_id, (membership.user, []))[1].append(membership)
    return list(found.values())


def open_resets(user: User) -> QuerySet[FactorReset]:
    """Return the lost second steps an administrator may remove, or asked to have removed."""
    own = user.administered_ids()
    mine = Q(organisation_id__in=own) | Q(organisation__buyer_id__in=own)
    rows = FactorReset.objects.open(clock.now()).filter(mine)
    return rows.select_related("user", "organisation", "asked_by").order_by("asked_at", "pk")


def works_elsewhere(person: User, company: Organisation) -> bool:
    """Tell whether a person also serves a company that is no party to this buyer."""
    buyer = company.buyer_id or company.pk
    here = Q(organisation_id=buyer) | Q(organisation__buyer_id=buyer)
    return person.memberships.current().exclude(here).exists()


def only_administrators(found: Iterable[Served]) -> set[UUID]:
    """Return the roles that cannot end: of the one administrator of each of these companies."""
    roles = [[role for _person, held in served for role in held] for _company, served in found]
    each = [[one.pk for one in held if one.role == Role.ADMINISTRATOR] for held in roles]
    return {pks[0] for pks in each if len(pks) == 1}


def with_factor(found: Iterable[Served]) -> set[UUID]:
    """Return which of these people have set up a second step of their own."""
    people = {person.pk for _company, served in found for person, _held in served}
    rows = apps.get_model("mfa", "Authenticator").objects.filter(user__in=people)
    return set(rows.values_list("user", flat=True))


# The demonstration ------------------------------------------------------------------------


def cast() -> QuerySet[Organisation]:
    """Return every company of a demonstration that somebody serves, buyers first."""
    served = Organisation.objects.filter(memberships__ended_at=None, memberships__isnull=False)
    return with_people(served.distinct().order_by("side", "created_at", "name", "pk"))


def doors() -> QuerySet[DemoDoor]:
    return DemoDoor.objects.select_related("person")


def demo_mails() -> QuerySet[DemoMail]:
    """Return the mails of a demonstration, newest first."""
    return DemoMail.objects.order_by("-sent_at", "-pk")


@dataclass(frozen=True)
class Counts:
    """How many events and mails there are: before and after the clock of a demonstration moved."""

    events: int
    mails: int


def counts() -> Counts:
    events = LedgerChain.objects.aggregate(all=Sum("length"))["all"] or 0
    return Counts(events=events, mails=OutboxMessage.objects.count())


# Fitness ------------------------------------------------------------------------------------


def readiness() -> dict[str, bool]:
    """Answer, by name, each question of `/health/ready` except that of late work.

    Real time; shows nothing of any company.
    """
    checks = {
        "database": _database_answers,
        "migrations": _migrations_are_applied,
        "ledger": _ledger_is_guarded,
        "storage": _storage_answers,
        "disk": _disk_has_room,
        "tick": _tick_is_heard,
    }
    return {name: _holds(check) for name, check in checks.items()}


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        # a storage library may raise anything: the answer is no, the reason is for the log
        logger.exception("not ready")
        return False


def _database_answers() -> bool:
    now = timezone.now()
    Heartbeat.objects.update_or_create(name="ready", defaults={"beat_at": now})
    return Heartbeat.objects.filter(name="ready", beat_at=now).exists()


def _migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _ledger_is_guarded() -> bool:
    return not ledger_triggers.missing()


def _storage_answers() -> bool:
    return all(_place_answers(place) for place in PRIVATE_PLACES)


def _place_answers(place: str) -> bool:
    storage = storages[place]
    if location := getattr(storage, "base_location", None):
        return os.access(_existing(Path(location)), os.W_OK)
    storage.exists("is-anybody-there")
    return True


def _existing(folder: Path) -> Path:
    """Return the folder itself, or the nearest one above it: the first file makes the rest."""
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())


def _disk_has_room() -> bool:
    return shutil.disk_usage(_existing(settings.VAR_DIR)).free > LEAST_FREE_BYTES


def _tick_is_heard() -> bool:
    last = tick()
    # a beat of tomorrow: the clock was set back, and says nothing of who beats now
    return last is not None and abs(timezone.now() - last.beat_at) < TICK_SILENT


def tick() -> Heartbeat | None:
    return Heartbeat.objects.filter(name="tick").first()
