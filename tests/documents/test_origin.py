"""What a buyer learned elsewhere never reaches the supplier, by whatever door."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from documents import rules
from documents.enums import SHOWN_KINDS, EvidenceKind, Origin, Problem
from documents.forms import EvidenceForm, LoggedEvidenceForm
from documents.models import Evidence
from portal.enums import Role
from tests.factories.documents import EvidenceFactory
from tests.factories.portal import UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

SUPPLIERS = (Role.CONTACT, Role.SIGNATORY, Role.CONTRIBUTOR)
BUYERS = (Role.ANALYST, Role.APPROVER, Role.COUNSEL)


@pytest.mark.parametrize("role", SUPPLIERS)
def test_a_suppliers_person_sees_its_own_files_and_not_the_buyers(role):
    own = EvidenceFactory(released=True)
    theirs = EvidenceFactory(released=True, supplier=own.supplier, origin=Origin.BUYER)
    person = UserFactory(holds=(role, own.supplier))

    assert list(Evidence.objects.visible_to(person)) == [own]
    assert not rules.may_download(person, theirs)
    assert not rules.may_describe(person, theirs)


@pytest.mark.parametrize("role", BUYERS)
def test_a_buyers_person_sees_both(role):
    own = EvidenceFactory(released=True)
    theirs = EvidenceFactory(released=True, supplier=own.supplier, origin=Origin.BUYER)
    person = UserFactory(holds=(role, own.buyer))

    assert set(Evidence.objects.visible_to(person)) == {own, theirs}
    assert rules.may_download(person, theirs)
    assert list(Evidence.objects.visible_to(person).shown()) == [own]


def test_who_serves_both_sides_sees_both_and_nobody_sees_none():
    theirs = EvidenceFactory(released=True, origin=Origin.BUYER)
    both = UserFactory(holds=[(Role.CONTACT, theirs.supplier), (Role.ANALYST, theirs.buyer)])

    assert list(Evidence.objects.visible_to(both)) == [theirs]
    assert list(Evidence.objects.visible_to(AnonymousUser())) == []


@pytest.mark.parametrize("page", ["download", "held"])
def test_no_page_of_a_file_opens_a_buyers_source_to_the_supplier(client, page):
    theirs = EvidenceFactory(held=True, origin=Origin.BUYER, problem=Problem.ID_NUMBERS)
    person = UserFactory(holds=(Role.CONTACT, theirs.supplier))

    answer = sign_in(client, person).get(reverse(f"documents:{page}", args=[theirs.pk]))

    assert answer.status_code == 404


def test_about_a_held_source_an_analyst_decides_whatever_holds_it():
    theirs = EvidenceFactory(held=True, origin=Origin.BUYER, problem=Problem.ID_NUMBERS)
    own = EvidenceFactory(held=True, problem=Problem.ID_NUMBERS)

    for evidence, role, where, allowed in (
        (theirs, Role.ANALYST, theirs.buyer, True),
        (theirs, Role.CONTACT, theirs.supplier, False),
        (own, Role.ANALYST, own.buyer, False),
        (own, Role.CONTACT, own.supplier, True),
    ):
        person = UserFactory(holds=(role, where))
        assert bool(rules.may_decide_on(person, evidence)) == allowed


@pytest.mark.parametrize("form", [EvidenceForm, LoggedEvidenceForm])
def test_no_form_offers_a_suppliers_file_as_a_buyers_source(form):
    offered = {code for code, _label in form().fields["kind"].choices}

    assert offered == {"", *SHOWN_KINDS}
    assert EvidenceKind.OUTSIDE_SOURCE not in offered
