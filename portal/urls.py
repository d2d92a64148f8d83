"""Every address of the installation, one list per area; the apps above by name."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from portal.views import (
    account,
    demo,
    factors,
    home,
    invitations,
    operations,
    organisation,
    passkeys,
    people,
    sign_in,
)

signing_in = [
    path("invitations/<uuid:invitation_id>/", invitations.invitation, name="invitation"),
    path("account/welcome/", sign_in.welcome, name="welcome"),
    path("account/prove/", sign_in.prove, name="prove"),
    path("account/prove/<uuid:step_up_id>/", sign_in.prove_code, name="prove_code"),
    path("account/language/", sign_in.language, name="language"),
]

own_account = [
    path("account/2fa/", account.how, name="how_you_sign_in"),
    path("account/second-step/", passkeys.second_step, name="second_step"),
    path("account/offer/", passkeys.offer, name="offer"),
    path("account/passkeys/add/", passkeys.add, name="passkey_add"),
    path("account/passkeys/prove/", passkeys.prove, name="passkey_prove"),
    path("account/passkeys/<int:number>/remove/", passkeys.remove, name="passkey_remove"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/sessions/<uuid:visit_id>/end/", account.end_session, name="session_end"),
    path("account/address/", account.second_address, name="second_address"),
    path("account/address/remove/", account.remove_address, name="second_address_remove"),
    path(
        "account/address/<uuid:step_up_id>/", account.confirm_address, name="second_address_code"
    ),
]

front = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("privacy/", home.privacy, name="privacy"),
    path("help/", home.help_, name="help"),
]

administration = [
    path("people/", people.people, name="people"),
    path("people/suppliers/", people.supplier_people, name="supplier_people"),
    path("people/roles/<uuid:membership_id>/end/", people.end_role, name="person_end_role"),
    path(
        "people/invitations/<uuid:invitation_id>/again/",
        people.invite_again,
        name="person_invite_again",
    ),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        people.withdraw_invitation,
        name="person_withdraw_invitation",
    ),
    path("companies/<uuid:organisation_id>/invite/", people.invite, name="person_invite"),
    path(
        "companies/<uuid:organisation_id>/people/<uuid:user_id>/role/",
        people.give_role,
        name="person_give_role",
    ),
    path(
        "companies/<uuid:organisation_id>/people/<uuid:user_id>/address/",
        people.change_address,
        name="person_address",
    ),
    path(
        "companies/<uuid:organisation_id>/people/<uuid:user_id>/second-step/",
        factors.ask_reset,
        name="person_second_step",
    ),
    path("people/second-steps/<uuid:reset_id>/", factors.reset, name="second_step_reset"),
    path("settings/", organisation.settings, name="settings"),
    path("settings/<uuid:organisation_id>/", organisation.organisation, name="organisation"),
]

operation = [
    path("health/live", operations.live, name="live"),
    path("health/ready", operations.ready, name="ready"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<str:kind>/<uuid:row_id>/retry/", operations.retry, name="work_retry"),
]

demonstration = [
    path("demo/", demo.doors, name="demo"),
    path("demo/become/<uuid:user_id>/", demo.become, name="demo_become"),
    path("demo/mails/", demo.mails, name="demo_mails"),
    path("demo/forward/", demo.forward, name="demo_forward"),
]

pages = [
    *front,
    *signing_in,
    *own_account,
    *administration,
    *operation,
    *demonstration,
]

# before allauth's own: what it offers and we do not, though the names still reverse
closed = [
    path("account/login/", sign_in.to_code),
    re_path(
        r"^account/(?:signup|email|confirm-email|password|reauthenticate|phone|3rdparty|social)/",
        sign_in.closed,
    ),
    # passkeys are added, used as proof and removed on pages of ours; the library signs in
    re_path(r"^account/2fa/webauthn/(?!login/)", sign_in.closed),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((pages, "portal"))),
    *closed,
    path("account/", include("allauth.urls")),
    *(
        path("", include(f"{app}.urls"))
        for app in ("workflows", "questionnaires", "documents")
        if find_spec(f"{app}.urls")
    ),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.refused"
handler404 = "portal.views.errors.missing"
handler500 = "portal.views.errors.broken"
