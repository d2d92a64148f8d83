import pytest
from django.test import Client

from portal.enums import Role
from tests import sessions
from tests.factories.portal import LedgerChainFactory, OrganisationFactory, UserFactory


@pytest.fixture
def supplier(db):
    return OrganisationFactory(supplier=True)


@pytest.fixture
def chain(db):
    return LedgerChainFactory()


@pytest.fixture
def contact(supplier):
    return UserFactory(holds=(Role.CONTACT, supplier))


@pytest.fixture
def analyst(supplier):
    return UserFactory(holds=(Role.ANALYST, supplier.buyer))


@pytest.fixture
def counsel(supplier):
    return UserFactory(holds=(Role.COUNSEL, supplier.buyer))


@pytest.fixture
def sign_in():
    """Gives a browser of its own to a person whose second factor is satisfied."""

    def signed_in(user):
        client = Client()
        sessions.sign_in(client, user)
        return client

    return signed_in
