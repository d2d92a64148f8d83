"""Who comes in, and who goes: invitations, memberships, the first sign-in."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock, ledger, mail, rules
from portal.access import Conflict, require
from portal.enums import Language
from portal.models import Invitation, Membership, Organisation, User

INVITATION_DAYS = 30

Inviter = User | Literal["installation", "clock"]


@transaction.atomic
def invite(  # noqa: PLR0913 - each is a word of the invitation
    *,
    organisation: Organisation,
    role: str,
    email: str,
    by: Inviter,
    name: str = "",
    language: str = "",
    next_url: str = "",
    announce: bool = True,
    replaces: Membership | None = None,
) -> Invitation:
    """Offer `role` at `organisation` to one person; the membership begins when it accepts.

    Creates the person, without any password, if nobody has that address: nothing else
    creates people. An open offer of the same role is sent again, not doubled. With
    `announce` false no mail is written: the caller's own mail carries `pointer`. `replaces`
    is the role of somebody who hands over: it ends when this one begins.

    Raises Refused if `by` may not, Conflict if the person holds the role, ValidationError
    if the address is none.
    """
    email = email.strip().lower()
    validate_email(email)
    if isinstance(by, User):
        require(rules.may_invite(by, organisation, role, email))
    # the row of the company keeps two equal invitations apart
    organisation = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    person = User.objects.filter(email=email).first() or User.objects.create_user(
        email, name=name.strip(), language=language or organisation.language or Language.EN
    )
    if person.memberships.current().filter(organisation=organisation, role=role).exists():
        raise Conflict(_("This person already has this role."))
    now = clock.now()
    offer, is_new = Invitation.objects.get_or_create(
        user=person,
        organisation=organisation,
        role=role,
        accepted_at=None,
        withdrawn_at=None,
        defaults={
            "invited_by": by if isinstance(by, User) else None,
            "invited_at": now,
            "expires_at": now + timedelta(days=INVITATION_DAYS),
            "replaces": replaces,
        },
    )
    if not is_new:
        offer.expires_at = now + timedelta(days=INVITATION_DAYS)
        offer.replaces = replaces or offer.replaces
        offer.save(update_fields=["expires_at", "replaces"])
    ledger.record(
        "person.invited",
        by=by,
        on=organisation,
        data={"invitation": str(offer.pk), "user": str(person.pk), "role": str(role)},
        words={"address": email, "name": person.name},
    )
    if announce:
        _announce(offer, next_url)
    return offer


def pointer(invitation: Invitation, next_url: str = "") -> str:
    """Return the full address that a mail carries: it opens nothing by itself."""
    path = reverse("portal:invitation", args=[invitation.pk])
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return f"{settings.BASE_URL}{path}{query}"


def _announce(offer: Invitation, next_url: str) -> None:
    organisation = offer.organisation
    mail.send(
        purpose="invitation",
        key=f"invitation:{offer.pk}:{uuid4()}",
        to=offer.user,
        template="mail/invitation.txt",
        context={
            "invitation": offer,
            "organisation": organisation,
            "buyer": organisation.buyer or organisation,
            "url": pointer(offer, next_url),
        },
        chain=organisation.chain,
        buyer=organisation.buyer or organisation,
        supplier=organisation if organisation.buyer_id else None,
        expires_at=None,
    )


@transaction.atomic
def accept(*, invitation: Invitation, by: User) -> Membership:
    """Begin the membership an invitation offers; again, and it answers the same.

    Raises Refused if it was sent to somebody else, Conflict if it ran out or was withdrawn.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("replaces__user")
    offer = rows.get(pk=invitation.pk)
    require(rules.may_accept(by, offer, clock.now()))
    now = clock.now()
    membership, is_new = Membership.objects.get_or_create(
        user=by,
        organisation_id=offer.organisation_id,
        role=offer.role,
        ended_at=None,
        defaults={"since": now},
    )
    forget_roles(by)
    if offer.accepted_at is None:
        offer.accepted_at = now
        offer.save(update_fields=["accepted_at"])
    if is_new:
        ledger.record(
            "person.joined",
            by=by,
            on=offer.organisation,
            data={"invitation": str(offer.pk), "user": str(by.pk), "role": offer.role},
            words={"address": by.email, "name": by.name},
        )
    _end_replaced(offer, by)
    return membership


def _end_replaced(offer: Invitation, by: User) -> None:
    """End the role of whoever handed it over, and with it every session of that person."""
    former = offer.replaces
    if former is None or former.ended_at is not None or former.user_id == by.pk:
        return
    former.ended_at = clock.now()
    former.save(update_fields=["ended_at"])
    end_sessions(former.user)
    ledger.record(
        "role.handed_over",
        by=by,
        on=offer.organisation,
        data={
            "from": str(former.user_id),
            "to": str(by.pk),
            "role": former.role,
            "membership": str(former.pk),
        },
    )


def accept_open(*, by: User) -> list[Membership]:
    """Accept all that is offered to a person who just proved to read that mailbox."""
    offers = by.invitations.filter(
        accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()
    ).order_by("invited_at", "pk")
    return [accept(invitation=offer, by=by) for offer in offers]


@transaction.atomic
def welcome(*, by: User, name: str, language: str) -> User:
    """Keep name and language as the person gave them, and that it saw the privacy notice."""
    by.name = name.strip()
    by.language = language
    by.noticed_at = by.noticed_at or clock.now()
    by.save(update_fields=["name", "language", "noticed_at"])
    for organisation in Organisation.objects.filter(pk__in=by.roles).order_by("pk"):
        ledger.record(
            "person.introduced",
            by=by,
            on=organisation,
            data={"user": str(by.pk), "language": language},
            words={"name": by.name},
        )
    return by


@transaction.atomic
def speak(user: User, language: str) -> User:
    """Keep the language a person reads in: its mails follow. No event: it decides nothing."""
    user.language = Language(language)
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def note_offer(user: User) -> User:
    """Remember that a passkey was offered: once is enough. No event: it decides nothing."""
    if user.offered_at is None:
        user.offered_at = clock.now()
        user.save(update_fields=["offered_at"])
    return user


def end_sessions(user: User) -> None:
    """Sign a person out everywhere: each session carries a hash of this unusable password."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.visits.all().delete()


def forget_roles(user: User) -> None:
    """Let the roles of a person be read anew after they changed."""
    user.__dict__.pop("roles", None)
    user.__dict__.pop("granted", None)
