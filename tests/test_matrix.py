"""Every address × everybody × GET and POST: expected from what views declare, never from them.

Two buyers with the same cast know nothing of each other. Each leaves a word behind in
names, messages, lists and answers; no body may ever show the other's.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from documents import actions as documents
from documents.enums import Edition
from documents.models import Evidence
from portal.enums import BUYER_ROLES, SUPPLIER_ROLES, Role, Wording
from portal.models import CaseGrant, Invitation, StepUp, User
from tests.factories.portal import (
    CaseGrantFactory,
    FactorResetFactory,
    InvitationFactory,
    UserFactory,
    VisitFactory,
)
from tests.questionnaires import personas
from tests.sessions import sign_in
from tests.workflows import desks, leaving, remedies, world
from workflows import actions, collect, engine, urls
from workflows.enums import ExitTrack, ReplyCode, Stage
from workflows.models import Case, Condition, Duty, Finding, Proof

pytestmark = [pytest.mark.django_db, pytest.mark.whole]

OWN = ("portal", "documents", "questionnaires", "workflows")
LIBRARY = {
    "account_login", "account_logout", "account_inactive", "account_signup",
    "account_reauthenticate", "account_email", "account_email_verification_sent",
    "account_change_password", "account_set_password", "account_reset_password",
    "account_confirm_login_code", "account_confirm_email",
    "account_reset_password_from_key_done", "account_reset_password_from_key",
    "account_reset_password_done", "account_request_login_code", "mfa_index",
    "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_list_webauthn", "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
}  # fmt: skip
REFUSED, GONE, ELSEWHERE, UNKNOWN = 403, 404, 302, 401
FINE = {200, 204, 302, 303, 400, 403, 405, 409, 413, 428}
COUNSEL_WORD = "lawyers-alone"
SIBLING_WORD = "siblingcanary"
COUNSELS = {Role.COUNSEL, Role.OUTSIDE_COUNSEL}


@dataclass(frozen=True)
class Address:
    name: str
    kwargs: frozenset[str]
    open_to: Any


@dataclass
class House:
    """One buyer with everybody in it; `word` stands in all it wrote."""

    word: str
    made: world.World
    case: Case
    people: dict[str, User]
    ids: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    leaving: dict[str, Any] = field(default_factory=dict)

    def ids_for(self, address: "Address") -> dict[str, Any]:
        """The case under way, or for the pages of an exit the one that is left."""
        return self.ids | self.leaving if address.name in EXITS else self.ids


def addresses() -> list[Address]:
    return sorted(_walk(get_resolver(), ()), key=lambda one: one.name)


def _walk(resolver, names):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from _walk(entry, inner)
        elif entry.name and entry.callback.__module__.startswith(OWN):
            yield Address(
                ":".join((*names, entry.name)),
                frozenset(entry.pattern.converters),
                entry.callback.open_to,
            )


ADDRESSES = addresses()


def test_library_addresses_are_those_we_know():
    found = {
        entry.name
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver)
        for entry in _patterns(resolver)
        if not entry.callback.__module__.startswith(OWN)
    }

    assert found == LIBRARY


def _patterns(resolver):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def house(word: str) -> House:
    """A buyer whose every written word holds `word`, with a case that went through all hands."""
    made = world.world(name=f"Demo {word} GmbH")
    made.supplier.name = f"Demo Supplier {word}"
    made.supplier.save()
    made.campaign.name = f"Demo campaign {word}"
    made.campaign.save()
    case = world.submitted_case(made, personas.producer_in_the_region)
    ids = _remedy(made, case, word)
    case = Case.objects.get(pk=case.pk)
    actions.write_message(case=case, by=case.contact, text=f"A message {word}")
    actions.set_reply_code(
        case=case,
        by=made.analyst,
        code=ReplyCode.AGREES_ON_CONDITIONS,
        reason=f"A reading {word}",
    )
    actions.add_condition(case=case, by=made.analyst, text=f"A condition {word}")
    actions.offer_terms(case=case, by=made.analyst, text=f"Terms of confidence {word}")
    actions.refer(
        case=case,
        task=engine.open_task(case),
        by=made.analyst,
        note=f"{COUNSEL_WORD} {word}",
    )
    case = Case.objects.get(pk=case.pk)
    roles = dict.fromkeys(BUYER_ROLES, made.buyer) | dict.fromkeys(SUPPLIER_ROLES, made.supplier)
    people = {
        str(role): UserFactory(name=f"Demo {role} {word}", holds=(role, where))
        for role, where in roles.items()
    }
    found = House(word, made, case, people)
    CaseGrantFactory(
        user=people["OUTSIDE_COUNSEL"], buyer=made.buyer, chain=case.chain, given_by=made.counsel
    )
    found.ids = _ids(found) | ids
    found.leaving = _leaving(made, word)
    found.beside = _ids_beside(found)
    return found


def _ids_beside(found: House) -> dict[str, Any]:
    """Another case of the same buyer, for whoever was let into the first one alone."""
    made = found.made
    supplier = world.new_supplier(made.buyer, name=f"Demo Sibling {SIBLING_WORD}")
    contact = UserFactory(
        email=supplier.contact_email,
        holds=[(Role.CONTACT, supplier), (Role.SIGNATORY, supplier)],
    )
    sibling = replace(made, supplier=supplier, contact=contact)
    case = world.submitted_case(sibling, personas.producer_in_the_region, supplier=supplier)
    dossier = dossier_of(case)
    return found.ids | {
        "case_id": case.pk,
        "response_id": case.response_id,
        "finding_id": Finding.objects.filter(case=case).first().pk,
        "proof_id": Proof.objects.filter(case=case).first().pk,
        "evidence_id": Evidence.objects.filter(chain=case.chain).first().pk,
        "duty_id": Duty.objects.filter(case=case).first().pk,
        "dossier_id": dossier.pk,
    }


def _remedy(made: world.World, case: Case, word: str) -> dict[str, Any]:
    """What was learned elsewhere, what was asked about it, and a plan that ran a while."""
    source = remedies.source(made, case, title=f"A source {word}")
    finding = remedies.finding(made, case, source)
    inquiry = remedies.ask(made, finding, f"A question {word} about the yarn of order 7?")
    running = remedies.planned(made, case, orders=f"Orders {word}")
    step = remedies.steps(running)[0]
    remedies.reported(running, step.key)
    return {"source_id": source.pk, "inquiry_id": inquiry.pk, "milestone_id": step.pk}


def _leaving(made: world.World, word: str) -> dict[str, Any]:
    """Rows of a case whose exit is proposed and replied to, in another campaign of the house."""
    campaign = actions.create_campaign(
        buyer=made.buyer,
        by=made.manager,
        name=f"Demo second {word}",
        version=made.campaign.version,
        due_on=made.campaign.due_on,
        prohibited_list=made.prohibited_list,
    )
    case = desks.plain_case(
        made,
        made.buyer.pk.int % 10**9,
        supplier=made.supplier,
        campaign=campaign,
        stage=Stage.EXIT_REVIEW,
        exit_track=ExitTrack.RESPONSIBLE,
        wording=Wording.EXPLICIT,
    )
    said = leaving.bare_reply(made, case, f"A reply {word}")
    return {"case_id": case.pk, "reply_id": said.pk, "months": 3, "key": "invoices"}


def _ids(found: House) -> dict[str, Any]:
    case, made = found.case, found.made
    dossier = dossier_of(case)
    invitation = InvitationFactory(organisation=made.supplier)
    step_up = StepUp.objects.filter(user=case.contact).first()
    visit = VisitFactory(user=case.contact)
    asked = FactorResetFactory(
        user=found.people[Role.ANALYST], organisation=made.buyer, asked_by=made.administrator
    )
    grant = CaseGrant.objects.get(chain=case.chain)
    return {
        "case_id": case.pk,
        "response_id": case.response_id,
        "campaign_id": made.campaign.pk,
        "policy_id": made.campaign.policy_id,
        "finding_id": Finding.objects.filter(case=case).first().pk,
        "proof_id": Proof.objects.filter(case=case).first().pk,
        "condition_id": Condition.objects.get(case=case).pk,
        "duty_id": Duty.objects.pending().filter(case=case).first().pk,
        "evidence_id": Evidence.objects.filter(chain=case.chain).first().pk,
        "link_id": case.response.evidence_links.first().pk,
        "dossier_id": dossier.pk,
        "organisation_id": made.supplier.pk,
        "user_id": case.contact_id,
        "membership_id": case.contact.memberships.first().pk,
        "invitation_id": invitation.pk,
        "step_up_id": step_up.pk,
        "visit_id": visit.pk,
        "reset_id": asked.pk,
        "grant_id": grant.pk,
        "row_id": uuid4(),
        "kind": "portal.OutboxMessage",
        "key": "you",
        "section": "you",
        "row": "goods-1",
        "number": 1,
        "sha256": case.instruction.sha256,
    }


def dossier_of(case: Case):
    return documents.request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.dossier(case, edition=Edition.WORKING, language="en"),
        by="installation",
    )


@pytest.fixture
def houses():
    return house("alphacanary"), house("betacanary")


def url_of(address: Address, ids: dict[str, Any]) -> str:
    return reverse(address.name, kwargs={name: ids[name] for name in address.kwargs})


EXITS = {f"workflows:{one.name}" for one in urls.EXITS} | {"workflows:request_reply"}


def ask(client: Client, method: str, url: str):
    """One request whose effects are undone."""
    with transaction.atomic():
        answer = getattr(client, method)(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, body.decode("utf-8", "replace")


def plain(body: str) -> str:
    """A body without what differs from one answer to the next: the form token."""
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+|name="next" value="[^"]*', r"\1", body)


CAST = [*sorted(BUYER_ROLES | SUPPLIER_ROLES), "OPERATOR", "NOBODY", "WITHOUT_MEMBERSHIP", "ENDED"]


def person_of(found: House, who: str) -> User | None:
    if who == "NOBODY":
        return None
    if who == "WITHOUT_MEMBERSHIP":
        return UserFactory()
    if who == "OPERATOR":
        return UserFactory(holds=(Role.OPERATOR, found.made.buyer))
    if who == "ENDED":
        person = UserFactory(holds=(Role.ANALYST, found.made.buyer))
        person.memberships.update(ended_at=found.case.created_at)
        return User.objects.get(pk=person.pk)
    return found.people[who]


def roles_of(who: str) -> set[str]:
    return {who} if who in set(Role) else set()


def wanted(address: Address, who: str, *, is_own: bool) -> set[int]:
    """What may be answered, from the declared audience and the relation alone."""
    if address.open_to is None:
        return FINE | {GONE, 503}
    if who == "NOBODY":
        return {ELSEWHERE, UNKNOWN}
    if address.open_to and not address.open_to & roles_of(who):
        return {REFUSED}
    if not address.kwargs - {"kind", "row_id", "step_up_id"}:
        return FINE | {GONE}
    return FINE | {GONE} if is_own else {GONE, 405}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", CAST)
def test_everybody_gets_what_the_declared_audience_says(houses, who, method):
    home, other = houses
    person = person_of(home, who)
    client = Client(raise_request_exception=False)
    if person is not None:
        sign_in(client, person)
    wrong = []

    for address in ADDRESSES:
        for found, is_own in ((home, True), (other, False)):
            status, body = ask(client, method, url_of(address, found.ids_for(address)))
            if status not in wanted(address, who, is_own=is_own):
                wrong.append(f"{method} {address.name} own={is_own}: {status}")
            # an invitation names its own company to whoever holds its pointer
            if other.word in body and address.name != "portal:invitation":
                wrong.append(f"{method} {address.name} own={is_own}: shows the other's word")
            if COUNSEL_WORD in body and who not in COUNSELS:
                wrong.append(f"{method} {address.name}: shows what is for counsel alone")

    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_outside_counsel_finds_its_own_case_and_no_other_of_the_same_buyer(houses, method):
    home, _other = houses
    client = sign_in(Client(raise_request_exception=False), home.people["OUTSIDE_COUNSEL"])
    wrong = []

    for address in ADDRESSES:
        if not address.open_to or Role.OUTSIDE_COUNSEL not in address.open_to:
            continue
        if not address.kwargs:
            status, body = ask(client, method, url_of(address, home.ids))
        else:
            status, body = ask(client, method, url_of(address, home.leaving | home.beside))
            if status not in {GONE, 405}:
                wrong.append(f"{method} {address.name}: {status}")
        if SIBLING_WORD in body:
            wrong.append(f"{method} {address.name}: shows the other case")
    own = ask(client, "get", reverse("workflows:case", args=[home.case.pk]))

    assert wrong == []
    assert own[0] == 200


@pytest.mark.parametrize("who", sorted(BUYER_ROLES | SUPPLIER_ROLES))
def test_a_strangers_object_and_none_at_all_look_the_same(houses, who):
    home, other = houses
    client = sign_in(Client(), home.people[who])
    different = []

    for address in ADDRESSES:
        if not address.open_to or who not in address.open_to or not address.kwargs:
            continue
        theirs = other.ids_for(address)
        nothing = {
            name: uuid4() if name.endswith("_id") else value for name, value in theirs.items()
        }
        foreign = ask(client, "get", url_of(address, theirs))
        missing = ask(client, "get", url_of(address, nothing))
        same = foreign[0] == missing[0] and plain(foreign[1]) == plain(missing[1])
        if not same and "kind" not in address.kwargs:
            different.append(f"{address.name}: {foreign[0]} and {missing[0]}")

    assert different == []


def test_parts_of_another_case_are_not_found_in_ones_own(houses):
    home, other = houses
    client = sign_in(Client(), home.people["ANALYST"])

    for name, part in (
        ("workflows:case_finding", "finding_id"),
        ("workflows:case_proof", "proof_id"),
        ("workflows:case_file", "evidence_id"),
        ("workflows:case_condition", "condition_id"),
        ("workflows:case_source", "source_id"),
        ("workflows:case_milestone", "milestone_id"),
        ("workflows:case_ask_supplier", "finding_id"),
    ):
        url = reverse(name, kwargs={"case_id": home.case.pk, part: other.ids[part]})
        assert client.get(url).status_code == GONE
        assert client.post(url, {"reason": "x" * 30}).status_code == GONE


def test_a_buyers_person_without_second_factor_reaches_nothing(houses):
    home, _other = houses
    client = sign_in(Client(), home.people["COUNSEL"], second_factor=False)

    for address in ADDRESSES:
        if address.open_to and Role.COUNSEL in address.open_to:
            status, body = ask(client, "get", url_of(address, home.ids_for(address)))
            assert (status, home.word in body) == (ELSEWHERE, False)


def test_invitations_tell_nothing_of_other_houses(houses):
    home, other = houses
    invitation = Invitation.objects.get(pk=home.ids["invitation_id"])

    body = Client().get(reverse("portal:invitation", args=[invitation.pk])).text

    assert other.word not in body
