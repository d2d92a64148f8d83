import json

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from documents import storage
from portal.enums import Role
from tests.factories.documents import DossierFactory, EvidenceFactory
from tests.factories.portal import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(chain, supplier):
    row = EvidenceFactory(
        released=True,
        chain=chain,
        supplier=supplier,
        buyer=supplier.buyer,
        name="发票 17.html",
    )
    storage.put("evidence", row.key, ContentFile(b"<script>1</script>"))
    return row


@pytest.fixture
def dossier(chain, supplier):
    row = DossierFactory(
        issued=True, chain=chain, supplier=supplier, kind="RECEIPT", edition="SUPPLIER", number=1
    )
    storage.put("dossiers", row.key, ContentFile(b"%PDF-demo"))
    return row


def path_of(row):
    name = "download" if row._meta.model_name == "evidence" else "dossier"
    return reverse(f"documents:{name}", args=[row.pk])


def test_a_file_leaves_as_an_attachment_and_is_written_down(sign_in, evidence, contact, chain):
    response = sign_in(contact).get(path_of(evidence))

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"<script>1</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    entry = chain.entries.get()
    assert entry.event == "evidence.downloaded"
    assert json.loads(entry.body)["data"]["sha256"] == evidence.sha256


def test_a_document_leaves_as_a_pdf_of_a_neutral_name(sign_in, dossier, contact, chain):
    response = sign_in(contact).get(path_of(dossier))

    assert b"".join(response.streaming_content) == b"%PDF-demo"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="K7QF-3MX9-receipt-1.pdf"'
    assert chain.entries.get().event == "dossier.downloaded"


def test_a_document_still_being_written_has_a_page(sign_in, supplier, analyst):
    row = DossierFactory(supplier=supplier)

    response = sign_in(analyst).get(path_of(row))

    assert response.status_code == 200
    assert "The document is being written" in response.content.decode()
    assert path_of(row) in response.content.decode()


@pytest.mark.parametrize("state", ["held", "refused", "destroyed"])
def test_a_file_that_may_not_be_opened_now_answers_409(sign_in, chain, supplier, analyst, state):
    row = EvidenceFactory(chain=chain, supplier=supplier, buyer=supplier.buyer, **{state: True})

    assert sign_in(analyst).get(path_of(row)).status_code == 409
    assert not chain.entries.exists()


def test_the_wrong_role_is_refused_with_a_sentence(sign_in, supplier, evidence, dossier):
    manager = sign_in(UserFactory(holds=(Role.CAMPAIGN_MANAGER, supplier.buyer)))
    assert manager.get(path_of(evidence)).status_code == 403

    working = DossierFactory(issued=True, supplier=supplier)
    refused = manager.get(path_of(working))
    assert refused.status_code == 403
    assert "This edition is not meant for you." in refused.content.decode()

    administrator = sign_in(UserFactory(holds=(Role.ADMINISTRATOR, supplier.buyer)))
    assert administrator.get(path_of(evidence)).status_code == 403
    assert administrator.get(path_of(dossier)).status_code == 403


def test_strangers_find_nothing(sign_in, evidence, dossier):
    others = OrganisationFactory(supplier=True)
    for stranger in (
        UserFactory(holds=(Role.CONTACT, others)),
        UserFactory(holds=(Role.ANALYST, others.buyer)),
    ):
        client = sign_in(stranger)
        assert client.get(path_of(evidence)).status_code == 404
        assert client.get(path_of(dossier)).status_code == 404


def test_a_supplier_cannot_open_the_buyer_s_dossier(sign_in, supplier, contact):
    row = DossierFactory(issued=True, supplier=supplier, edition="WORKING")

    assert sign_in(contact).get(path_of(row)).status_code == 404


@pytest.mark.parametrize("name", ["evidence", "dossier"])
def test_other_methods_are_not_allowed(sign_in, contact, request, name):
    path = path_of(request.getfixturevalue(name))

    assert sign_in(contact).post(path).status_code == 405
    assert sign_in(contact).head(path).status_code == 405
