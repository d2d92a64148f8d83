import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from documents import storage
from documents.enums import EvidenceState, Problem
from portal.enums import Role
from tests.factories.documents import EvidenceFactory
from tests.factories.portal import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
WHY = "These are order numbers."


@pytest.fixture
def evidence(chain, supplier):
    row = EvidenceFactory(
        held=True,
        problem=Problem.ID_NUMBERS,
        chain=chain,
        supplier=supplier,
        buyer=supplier.buyer,
    )
    storage.put("quarantine", row.key, ContentFile(b"bytes"))
    return row


def path_of(row):
    return reverse("documents:held", args=[row.pk])


@pytest.mark.parametrize(
    ("decision", "state"),
    [("release", EvidenceState.RELEASED), ("refuse", EvidenceState.REFUSED)],
)
def test_the_supplier_decides(sign_in, contact, evidence, decision, state):
    client = sign_in(contact)
    page = client.get(path_of(evidence)).content.decode()
    assert "seems to hold numbers of identity cards" in page

    said = {"decision": decision, "reason": WHY}
    response = client.post(f"{path_of(evidence)}?next=/evidence/", said)

    assert (response.status_code, response["Location"]) == (302, "/evidence/")
    evidence.refresh_from_db()
    assert (evidence.state, evidence.decision_reason) == (state, WHY)
    assert client.post(path_of(evidence), said).status_code in {403, 409}


def test_nothing_said_is_asked_again(sign_in, contact, evidence):
    page = sign_in(contact).post(path_of(evidence), {"reason": "x"}).content.decode()

    assert "Choose what becomes of the file." in page
    evidence.refresh_from_db()
    assert evidence.state == EvidenceState.HELD


def test_no_way_leads_elsewhere(sign_in, contact, evidence):
    said = {"decision": "refuse", "reason": WHY}

    response = sign_in(contact).post(f"{path_of(evidence)}?next=https://else.example/", said)

    assert response["Location"] == "/"


def test_an_analyst_decides_on_another_page_and_strangers_find_nothing(
    sign_in, analyst, evidence, supplier
):
    assert sign_in(analyst).get(path_of(evidence)).status_code == 403
    stranger = UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))
    assert sign_in(stranger).get(path_of(evidence)).status_code == 404


def test_other_methods_are_not_allowed(sign_in, contact, evidence):
    assert sign_in(contact).put(path_of(evidence)).status_code == 405
