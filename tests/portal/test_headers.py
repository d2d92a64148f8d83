import pytest
from django.test import Client

from portal.enums import Role
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.urls_for_tests")]

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ON_EVERY_PAGE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
OF_DJANGO = {"Content-Language", "Content-Length", "Content-Type", "Vary", "Location", "Expires"}


def check(answer, **others):
    said = dict(answer.headers)
    assert set(said.pop("Content-Security-Policy").split("; ")) == CSP
    allowed = said.pop("Permissions-Policy").split(", ")
    on = {one for one in allowed if not one.endswith("=()")}
    assert on == {"publickey-credentials-create=(self)", "publickey-credentials-get=(self)"}
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(allowed)
    kept = {name: value for name, value in said.items() if name not in OF_DJANGO}
    assert kept == ON_EVERY_PAGE | others


@pytest.fixture
def contact():
    return UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))


@pytest.mark.parametrize(
    "path",
    [
        "/account/login/code/",
        "/account/login/",
        "/t/public/",
        "/t/undeclared/",
        "/t/anybody/",
        "/no/such/page/",
        "/invitations/00000000-0000-4000-8000-000000000000/",
    ],
)
def test_the_unknown_get_exactly_these_headers(client, path):
    check(client.get(path))


@pytest.mark.parametrize(
    "path",
    ["/t/anybody/", "/t/contacts/", "/t/approvers/", "/t/late/verb/", "/t/private-cache/"],
)
def test_the_signed_in_get_exactly_these_headers(client, contact, path):
    check(sign_in(client, contact).get(path))


def test_a_fault_of_ours_carries_them_too(contact):
    client = Client(raise_request_exception=False)

    check(sign_in(client, contact).get("/t/breaking/"))


def test_a_public_page_may_choose_to_be_kept(client):
    answer = client.get("/t/public-cache/")

    assert answer.headers["Cache-Control"] == "max-age=60"


def test_a_server_with_https_says_so_for_a_year(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    answer = Client().get("/t/public/", secure=True)

    expected = "max-age=31536000; includeSubDomains; preload"
    check(answer, **{"Strict-Transport-Security": expected})
    assert Client().get("/t/public/").status_code == 301


def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(client, settings, contact):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True

    client.force_login(contact)
    client.get("/t/anybody/")
    client.post("/account/language/", {"language": "zh-hans"})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    language = client.cookies[settings.LANGUAGE_COOKIE_NAME]

    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Lax", "/")
    assert session["secure"]
    assert session["domain"] == ""
    assert (language["httponly"], language["samesite"]) == (True, "Lax")
    assert language["secure"]
