"""A fresh code, bound to the hash of exactly what it confirms (security note, section 2.4).

Ask writes the row and mails the code. Confirm counts a try and commits it, whatever
follows. Spend belongs into the transaction of the act: it uses the code up there. With
`ask_passkey` a signature by the person's own key takes the place of the code.
"""

import hashlib
import secrets
import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import mail, passkeys
from portal.access import ALLOWED, Conflict, Refused, Verdict, require, untimely
from portal.enums import Queue, StepUpPurpose
from portal.models import LedgerChain, Organisation, StepUp, User
from portal.passkeys import Touch

TRIES = 5
MINUTES = 5
ROWS_AN_HOUR = 10
DIGITS = 8
BY_PASSKEY = "passkey"

Proof = str | Touch  # a mailed code as typed, or a passkey as used


def may_ask(user: User) -> Verdict:
    """Answer whether another code may be sent: ten an hour, counted from rows."""
    since = timezone.now() - timedelta(hours=1)
    if user.step_ups.filter(asked_at__gt=since).count() < ROWS_AN_HOUR:
        return ALLOWED
    return untimely(_("Too many codes were asked for. Wait an hour, then try again."))


@transaction.atomic
def ask(  # noqa: PLR0913 - each is a word of the mail
    *,
    user: User,
    session: SessionBase,
    purpose: StepUpPurpose,
    content_hash: str,
    what: str,
    buyer: Organisation | None = None,
    supplier: Organisation | None = None,
    chain: LedgerChain | None = None,
    address: str = "",
    is_silent: bool = False,
) -> StepUp:
    """Mail a code that confirms `purpose` for the content with this SHA-256 (hex), once.

    `what` names the thing in the reader's words ("case K7QF-3MX9"); `address` is the
    person's second one, or one it is about to add. `is_silent` sends nothing, and looks the
    same. An older code of the same purpose is void from now on. Raises Conflict when too many
    were asked for.
    """
    step_up = _fresh(user, session, purpose, content_hash)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    step_up.code_hmac = _hmac(step_up, code)
    step_up.address = address or user.email
    step_up.save()
    if is_silent:
        return step_up
    mail.send(
        purpose="step_up",
        key=f"step-up:{step_up.pk}",
        to=user,
        address=address,
        template="mail/step_up_code.txt",
        context={
            "purpose": StepUpPurpose(purpose).label,
            "what": what,
            "digits": content_hash[:8],
            "code": f"{code[:4]}-{code[4:]}",
            "minutes": MINUTES,
        },
        buyer=buyer,
        supplier=supplier,
        chain=chain,
        expires_at=step_up.expires_at,
        is_secret=True,
        queue=Queue.URGENT,
    )
    return step_up


@transaction.atomic
def ask_passkey(
    *, user: User, session: SessionBase, purpose: StepUpPurpose, content_hash: str
) -> StepUp:
    """Wait for a signature by one of the person's passkeys over this content; mails nothing.

    Counts like a code, and makes older ones void. Raises Conflict when too many were asked for.
    """
    step_up = _fresh(user, session, purpose, content_hash)
    step_up.method = BY_PASSKEY
    step_up.save()
    return step_up


def touch_options(step_up: StepUp, host: str) -> dict[str, Any]:
    """Return what the browser needs to ask the passkey for this very step, as JSON has it."""
    return passkeys.options(step_up.user, _challenge(step_up), host)


def _fresh(user: User, session: SessionBase, purpose: StepUpPurpose, content_hash: str) -> StepUp:
    require(may_ask(user))
    now = timezone.now()
    user.step_ups.filter(purpose=purpose, used_at=None, expires_at__gt=now).update(expires_at=now)
    return StepUp(
        user=user,
        session=_of(session),
        purpose=purpose,
        content_hash=content_hash,
        asked_at=now,
        expires_at=now + timedelta(minutes=MINUTES),
    )


def confirm(*, step_up: StepUp, code: Proof, session: SessionBase) -> Verdict:
    """Count one try and say whether the code is right; call it before the act's transaction.

    A try counts even if what follows fails, so this must not run inside a transaction
    that may be undone.
    """
    counted = StepUp.objects.filter(
        pk=step_up.pk, attempts__lt=TRIES, used_at=None, expires_at__gt=timezone.now()
    ).update(attempts=F("attempts") + 1)
    if not counted:
        return untimely(_gone())
    step_up.refresh_from_db()
    if _fits(step_up, code, session):
        return ALLOWED
    left = TRIES - step_up.attempts
    if not left:
        return untimely(_gone())
    if isinstance(code, Touch):
        return untimely(_("The passkey did not confirm this. Use it again, or ask for a code."))
    return untimely(
        ngettext(
            "This is not the code. You have %(left)s try left.",
            "This is not the code. You have %(left)s tries left.",
            left,
        )
        % {"left": left}
    )


def spend(*, step_up: StepUp, code: Proof, content_hash: str, session: SessionBase) -> StepUp:
    """Use the code up for exactly this content, in the transaction of the caller.

    Of a passkey the row keeps from now on what it signed. Raises Conflict if the content is
    no longer what the code was asked for, or the code ran out or was used; Refused if it is
    not the code, or not of this session.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("spend() belongs into the transaction of the act it confirms")
    row = StepUp.objects.select_for_update().get(pk=step_up.pk)
    if row.used_at or row.expires_at <= timezone.now() or row.attempts > TRIES:
        raise Conflict(_gone())
    if not _fits(row, code, session):
        raise Refused(_("This is not the code that was sent for this."))
    if not constant_time_compare(row.content_hash, content_hash):
        raise Conflict(
            _("Something changed since this code was asked for. Read it again, then confirm.")
        )
    row.used_at = timezone.now()
    if isinstance(code, Touch):
        row.assertion = passkeys.check(row.user, code, _challenge(row))
    row.save(update_fields=["used_at", "assertion"])
    return row


def _gone() -> str:
    return _("This code can no longer be used. Ask for a new one.")


def _challenge(step_up: StepUp) -> bytes:
    return passkeys.challenge(step_up.content_hash, step_up.pk)


def _fits(step_up: StepUp, code: Proof, session: SessionBase) -> bool:
    same_session = constant_time_compare(step_up.session, _of(session))
    if (step_up.method == BY_PASSKEY) is not isinstance(code, Touch):
        return False
    if isinstance(code, Touch):
        return same_session and _is_signed(step_up, code)
    return constant_time_compare(step_up.code_hmac, _hmac(step_up, code)) and same_session


def _is_signed(step_up: StepUp, touch: Touch) -> bool:
    try:
        passkeys.check(step_up.user, touch, _challenge(step_up))
    except passkeys.Unfit:
        return False
    return True


def _hmac(step_up: StepUp, code: str) -> str:
    # full-width digits, spaces and dashes are typing, not another code
    plain = "".join(filter(str.isdigit, unicodedata.normalize("NFKC", code)))
    said = f"{step_up.pk}:{plain}"
    return salted_hmac(
        "portal.step_up", said, secret=settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def _of(session: SessionBase) -> str:
    """Name a session without storing its key."""
    return hashlib.sha256((session.session_key or "").encode()).hexdigest()
