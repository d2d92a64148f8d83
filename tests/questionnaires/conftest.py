import pytest

from portal import clock
from portal.enums import Role, Wording
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory
from tests.questionnaires.personas import clean_weaver


@pytest.fixture
def today():
    return clock.today("Asia/Shanghai")


@pytest.fixture
def response(today):
    """An invented weaver's complete answers, not yet signed."""
    return ResponseFactory(answers=clean_weaver(today))


@pytest.fixture
def fresh():
    """A response that was acknowledged, and nothing more."""
    return ResponseFactory(answers={}, wording=Wording.TRACEABILITY)


@pytest.fixture
def contact(response):
    return UserFactory(holds=(Role.CONTACT, response.supplier))


@pytest.fixture
def signatory(response):
    return UserFactory(holds=(Role.SIGNATORY, response.supplier))


@pytest.fixture
def analyst(response):
    return UserFactory(holds=(Role.ANALYST, response.buyer))
