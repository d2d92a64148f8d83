"""Sessions: how they begin, what keeps them alive, and how they end (security note, 2.5)."""

import time
from datetime import timedelta
from typing import cast

from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.actions import people
from portal.models import User, Visit
from portal.sign_in.naming import bear_name, buyer_of, speak
from portal.sign_in.trust import needs_second_factor

IDLE_SECONDS = {False: 30 * 60, True: 15 * 60}  # by: does the person hold a buyer-side role?
WHOLE_SECONDS = 12 * 3600
SEEN_EVERY = 60


def proved(session: SessionBase) -> None:
    """Note that the person proved itself anew; the session gets a new key."""
    session["proved_at"] = time.time()
    renew(session)


def renew(session: SessionBase) -> None:
    """Give a session a new key, and its line in the person's list of sessions with it."""
    before = session.session_key
    session.cycle_key()
    Visit.objects.filter(key=before).update(key=session.session_key)


def begin(request: HttpRequest, user: User) -> None:
    """Start the clocks of a session just opened, and take up the person's invitations."""
    request.session["begun_at"] = request.session["seen_at"] = time.time()
    _note_visit(request, user)
    people.accept_open(by=user)
    bear_name(request, buyer_of(user))
    speak(request, user.language)


def is_over(request: HttpRequest, user: User) -> bool:
    """Tell whether the session was idle too long or is too old; else note that it is in use.

    Written once a minute at most: each write takes SQLite's only write lock.
    """
    now = time.time()
    begun, seen = (request.session.get(name) for name in ("begun_at", "seen_at"))
    if begun is None or seen is None:
        request.session["begun_at"] = request.session["seen_at"] = now
        return False
    if now - seen > IDLE_SECONDS[needs_second_factor(user)] or now - begun > WHOLE_SECONDS:
        return True
    if now - seen >= SEEN_EVERY:
        request.session["seen_at"] = now
        key = request.session.session_key
        Visit.objects.filter(key=key).update(seen_at=timezone.now())
    return False


def idle_minutes(user: User) -> int:
    """Return after how many minutes without activity this person is signed out."""
    return IDLE_SECONDS[needs_second_factor(user)] // 60


def end(request: HttpRequest) -> str:
    """End the session; return the sentence that says why."""
    forget_visit(request)
    minutes = idle_minutes(cast("User", request.user))
    logout(request)
    return _("You were signed out after %(minutes)s minutes without activity.") % {
        "minutes": minutes
    }


def _note_visit(request: HttpRequest, user: User) -> None:
    """Write the line of this session; lines of sessions long over go with it."""
    if request.session.session_key is None:  # somebody else was signed in here
        request.session.create()
    now = timezone.now()
    over = now - timedelta(seconds=WHOLE_SECONDS)
    Visit.objects.filter(user=user, begun_at__lt=over).delete()
    Visit.objects.update_or_create(
        key=request.session.session_key,
        defaults={
            "user": user,
            "agent": request.headers.get("User-Agent", "")[:300],
            "begun_at": now,
            "seen_at": now,
        },
    )


def forget_visit(request: HttpRequest) -> None:
    """Take the session that ends off the person's list."""
    Visit.objects.filter(key=request.session.session_key).delete()


def open_visits(user: User) -> QuerySet[Visit]:
    """Return the sessions of a person that are neither idle too long nor too old."""
    now = timezone.now()
    idle = timedelta(seconds=IDLE_SECONDS[needs_second_factor(user)])
    whole = timedelta(seconds=WHOLE_SECONDS)
    rows = user.visits.filter(seen_at__gt=now - idle, begun_at__gt=now - whole)
    return rows.order_by("-seen_at", "pk")


def end_visit(visit: Visit) -> None:
    """End one session from another one; its next request is asked to sign in."""
    with transaction.atomic():
        Session.objects.filter(session_key=visit.key).delete()
        visit.delete()


def end_others(request: HttpRequest) -> None:
    """Sign this person out everywhere but here: after the way it signs in changed."""
    user = cast("User", request.user)
    here = request.session.session_key
    with transaction.atomic():
        user.visits.exclude(key=here).delete()
        user.set_unusable_password()
        user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    Visit.objects.filter(key=here).update(key=request.session.session_key)
