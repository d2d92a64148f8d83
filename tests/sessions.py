"""Signing people in without typing codes: for tests whose subject is something else."""

import time

from django.conf import settings
from django.test import Client


def sign_in(client, user, *, second_factor=True):
    """Open a session for `user`: with a second factor, unless told otherwise."""
    client.force_login(user)
    now = time.time()
    ways = [{"method": "code", "at": now}]
    if second_factor:
        ways.append({"method": "mfa", "type": "totp", "at": now})
    session = client.session
    session["account_authentication_methods"] = ways
    session["account_authentication_methods_user"] = str(user.pk)
    session["begun_at"] = session["seen_at"] = now
    session.save()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = user.language
    return client


def sign_in_page(page, user, *, second_factor=True):
    """Give a browser page the session of `user`; its context must know the server's address."""
    client = sign_in(Client(), user, second_factor=second_factor)
    names = (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    page.context.add_cookies(
        [
            {"name": name, "value": client.cookies[name].value, "url": settings.BASE_URL}
            for name in names
        ]
    )
    return page
