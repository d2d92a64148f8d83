import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils import timezone

from portal.actions import people
from portal.enums import Language, Role
from portal.middleware import LIBRARY_PAGES
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.urls_for_tests")]


@pytest.fixture
def contact():
    return UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))


@pytest.fixture
def analyst():
    return UserFactory(holds=(Role.ANALYST, OrganisationFactory()))


@pytest.fixture
def approver():
    return UserFactory(holds=(Role.APPROVER, OrganisationFactory()))


def test_a_view_that_declares_nothing_is_closed_to_everybody(client, approver):
    nobody = client.get("/t/undeclared/")
    somebody = sign_in(Client(), approver).get("/t/undeclared/")

    assert (nobody.status_code, somebody.status_code) == (403, 403)
    assert "This page is not open to anybody." in somebody.text


def test_a_public_view_is_open_to_nobody_in_particular(client):
    assert client.get("/t/public/").text == "public"


def test_the_unknown_are_asked_who_they_are(client):
    answer = client.get("/t/anybody/?page=2")

    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/code/?next=%2Ft%2Fanybody%2F%3Fpage%3D2"


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": "autosave"}, {"Accept": "application/json"}]
)
def test_a_script_of_the_unknown_gets_a_401_it_can_read(client, headers):
    answer = client.post("/t/anybody/", {"answer": "lost?"}, headers=headers)

    assert answer.status_code == 401
    assert answer.json() == {"error": "You are signed out. Nothing was saved."}


def test_what_was_typed_comes_back_when_the_session_is_gone(client):
    answer = client.post("/t/anybody/", {"reason": "Twelve bales from Nantong <1>"})

    assert answer.status_code == 403
    assert "You were signed out before this could be saved." in answer.text
    assert "Twelve bales from Nantong &lt;1&gt;" in answer.text
    assert "/account/login/code/?next=%2Ft%2Fanybody%2F" in answer.text


def test_an_empty_post_of_the_unknown_leads_to_sign_in(client):
    assert client.post("/t/anybody/", {"task": "12"}).status_code == 302


def test_roles_are_asked_before_the_object_is_looked_for(client, analyst):
    answer = sign_in(client, analyst).get("/t/approvers/")

    assert answer.status_code == 403
    assert "This page is not open to your role." in answer.text


def test_who_holds_the_role_anywhere_gets_as_far_as_the_view(client, approver):
    assert sign_in(client, approver).get("/t/approvers/").status_code == 404


def test_a_role_on_the_other_side_does_not_help(client, approver):
    assert sign_in(client, approver).get("/t/contacts/").status_code == 403


def test_an_ended_role_opens_nothing(client, contact):
    contact.memberships.update(ended_at=timezone.now())

    assert sign_in(client, contact).get("/t/contacts/").status_code == 403


def test_a_buyers_person_with_a_code_alone_is_sent_to_set_up_the_second_step(client, analyst):
    sign_in(client, analyst, second_factor=False)

    answer = client.get("/t/anybody/")

    assert answer.status_code == 302
    assert answer["Location"] == "/account/second-step/?next=%2Ft%2Fanybody%2F"
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    assert client.get("/t/public/").status_code == 200
    assert client.get("/account/2fa/").status_code == 302


def test_a_script_of_a_weak_session_is_told_so(client, analyst):
    sign_in(client, analyst, second_factor=False)

    answer = client.post("/t/anybody/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (403, {"error": "Finish signing in first."})


def test_a_suppliers_person_needs_no_second_step(client, contact):
    sign_in(client, contact, second_factor=False)

    assert client.get("/t/contacts/").text == "contacts"


def test_a_role_gained_on_the_buyers_side_asks_for_the_second_step_at_once(client, contact):
    sign_in(client, contact, second_factor=False)
    assert client.get("/t/anybody/").status_code == 200

    buyer = contact.memberships.get().organisation.buyer
    contact.memberships.create(role=Role.COUNSEL, organisation=buyer, since=timezone.now())

    assert client.get("/t/anybody/").status_code == 302


def test_a_newcomer_is_asked_for_its_name_first(client, contact):
    contact.noticed_at = None
    contact.save()

    answer = sign_in(client, contact).get("/t/contacts/")

    assert answer["Location"] == "/account/welcome/?next=%2Ft%2Fcontacts%2F"


def test_a_refusal_is_a_403_with_the_sentence_and_what_was_typed(client, contact):
    answer = sign_in(client, contact).post("/t/refusing/", {"reason": "All bales are traced."})

    assert answer.status_code == 403
    assert "Only an approver may clear this case." in answer.text
    assert "All bales are traced." in answer.text


def test_a_wrong_method_is_a_405(client, contact):
    assert sign_in(client, contact).get("/t/refusing/").status_code == 405


def test_a_conflict_is_a_409_with_the_sentence_the_present_state_and_what_was_typed(
    client, contact
):
    answer = sign_in(client, contact).post(
        "/t/late/verb/",
        {
            "reason": "All bales are traced.",
            "note": "𠮷 and more",
            "task": "17",
            "choice": "NOT_SAID",
            "csrfmiddlewaretoken": "aSecretTokenOfThisForm",
            "code": "1234-5678",
        },
    )

    assert answer.status_code == 409
    assert "This case is not in review." in answer.text
    assert 'href="/t/late/"' in answer.text
    assert "All bales are traced." in answer.text
    assert "𠮷 and more" in answer.text
    for hidden in ("aSecretTokenOfThisForm", "1234-5678", "NOT_SAID"):
        assert hidden not in answer.text


def test_a_conflict_with_no_page_above_leads_to_the_first_page(client, contact):
    answer = sign_in(client, contact).get("/late/")

    assert answer.status_code == 409
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(("path", "status"), [("/t/refusing/", 403), ("/t/late/verb/", 409)])
def test_a_script_gets_the_sentence_as_json(client, contact, path, status):
    answer = sign_in(client, contact).post(path, headers={"X-Requested-With": "autosave"})

    assert answer.status_code == status
    assert answer.json()["error"].endswith("case.") or "review" in answer.json()["error"]


def test_a_fault_of_ours_tells_no_secret(client, contact):
    client.raise_request_exception = False

    answer = sign_in(client, contact).get("/t/breaking/")

    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    assert "页面出错" in answer.text


def test_an_unknown_address_is_a_404_with_a_way_on(client):
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


@pytest.mark.parametrize(("role", "minutes"), [(Role.CONTACT, 30), (Role.ANALYST, 15)])
def test_an_idle_session_ends_by_side(client, role, minutes):
    company = OrganisationFactory(supplier=True)
    user = UserFactory(holds=(role, company if role == Role.CONTACT else company.buyer))
    sign_in(client, user)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.get("/t/anybody/").status_code == 200
        clock.shift(minutes * 60 - 1)
        assert client.get("/t/anybody/").status_code == 200
        clock.shift(minutes * 60 + 1)
        answer = client.get("/t/anybody/")

        assert answer.status_code == 302
        said = client.get(answer["Location"]).text
    assert f"You were signed out after {minutes} minutes without activity." in said


def test_a_busy_session_ends_after_twelve_hours(client, contact):
    sign_in(client, contact)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _quarter in range(47):
            clock.shift(15 * 60)
            assert client.get("/t/anybody/").status_code == 200
        clock.shift(15 * 60 + 1)

        assert client.get("/t/anybody/").status_code == 302


def test_what_was_typed_survives_an_idle_session(client, contact):
    sign_in(client, contact)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(31 * 60)
        answer = client.post("/t/anybody/", {"reason": "An hour of typing."})

    assert answer.status_code == 403
    assert "An hour of typing." in answer.text


def test_the_session_is_written_once_a_minute_at_most(client, contact, django_assert_num_queries):
    sign_in(client, contact)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(59)
        with django_assert_num_queries(3):  # session, person, roles
            client.get("/t/anybody/")
        before = Session.objects.get().session_data
        clock.shift(2)
        client.get("/t/anybody/")

    assert Session.objects.get().session_data != before


def test_ending_the_sessions_of_a_person_signs_it_out_everywhere(client, contact):
    sign_in(client, contact)
    other = sign_in(Client(), contact)

    people.end_sessions(contact)

    assert client.get("/t/anybody/").status_code == 302
    assert other.get("/t/anybody/").status_code == 302


def test_the_language_is_switched_for_the_unknown(client):
    answer = client.post("/account/language/", {"language": "zh-hans", "next": "/t/public/"})

    assert answer["Location"] == "/t/public/"
    assert client.get("/account/login/code/").headers["Content-Language"] == "zh-hans"


def test_the_language_is_kept_with_the_person(client, contact):
    sign_in(client, contact).post("/account/language/", {"language": "zh-hans"})

    contact.refresh_from_db()
    assert contact.language == Language.ZH


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_no_redirect_leaves_this_host(client, evil):
    assert client.post("/account/language/", {"language": "en", "next": evil})["Location"] == "/"
    answer = client.get("/account/login/", {"next": evil})
    assert answer["Location"] == "/account/login/code/?next=%2F"


def test_an_unknown_language_changes_nothing(client):
    client.post("/account/language/", {"language": "xx"})

    assert client.get("/t/public/").headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "password/reset/",
        "password/change/",
        "password/set/",
        "reauthenticate/",
        "3rdparty/",
        "3rdparty/signup/",
    ],
)
def test_what_the_library_offers_and_we_do_not_is_not_there(client, path):
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}").status_code == 404


def test_the_password_page_leads_to_the_code(client):
    answer = client.get("/account/login/?next=/t/anybody/")

    assert answer["Location"] == "/account/login/code/?next=%2Ft%2Fanybody%2F"


def names(patterns, spaces=()):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = (pattern.namespace,) if pattern.namespace else ()
            yield from names(pattern.url_patterns, spaces + space)
        elif not hasattr(pattern.callback, "open_to"):
            yield ":".join([*spaces, str(pattern.name)])


@pytest.mark.urls("portal.urls")
def test_every_library_page_is_on_the_frozen_list_or_shadowed():
    shadowed = {
        "account_login",
        "account_signup",
        "account_reauthenticate",
        "account_email",
        "account_email_verification_sent",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_confirm_email",
        "account_reset_password_from_key_done",
        "account_reset_password_from_key",
        "account_reset_password_done",
        "mfa_index",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_list_webauthn",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
    }

    assert set(names(get_resolver().url_patterns)) == LIBRARY_PAGES | shadowed


def test_a_form_that_was_open_too_long_gives_back_what_was_typed(contact):
    client = sign_in(Client(enforce_csrf_checks=True), contact)

    answer = client.post("/t/refusing/?from=1", {"reason": "Typed over lunch."})

    assert answer.status_code == 403
    assert "This page was open for too long" in answer.text
    assert "Typed over lunch." in answer.text
    assert 'href="/t/refusing/?from=1"' in answer.text


def test_a_script_that_asks_for_nothing_known_gets_json(client):
    answer = client.get("/no/such/page/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (404, {"error": "There is no such page."})


def test_a_request_nobody_can_read_is_a_400(client, settings):
    answer = client.get("/t/public/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_a_large_upload_is_not_read_again_for_the_page_that_refuses_it(client, contact):
    sign_in(client, contact)

    answer = client.post(
        "/t/refusing/", b"x" * 1_100_000, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 403
    assert len(answer.content) < 20_000


def test_a_refusal_of_a_library_is_our_own_403(client, contact):
    answer = sign_in(client, contact).get("/t/denying/")

    assert answer.status_code == 403
    assert "This page is not open to your role." in answer.text


def test_a_session_opened_without_clocks_gets_them(client, contact):
    client.force_login(contact)

    client.get("/t/anybody/")

    assert client.session["begun_at"] == client.session["seen_at"]
