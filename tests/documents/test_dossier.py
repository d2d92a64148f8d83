import json
from dataclasses import replace

import pytest

from documents import actions, dossier, pdf, storage, tasks
from documents.actions import dossier as dossier_actions
from documents.enums import DossierKind, DossierState
from documents.models import Dossier
from portal import ledger
from portal.access import Conflict, Refused
from portal.enums import Role, WorkState
from tests.documents import samples
from tests.factories.documents import DossierFactory
from tests.factories.portal import UserFactory

KINDS = [samples.dossier, samples.register, samples.receipt, samples.instruction]


@pytest.mark.parametrize("make", KINDS)
def test_a_content_comes_back_from_its_json_as_it_was(make):
    content = make()

    text = dossier.to_json(content)

    assert dossier.from_json(text) == content
    assert dossier.to_json(dossier.from_json(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"v":2,"kind":"RECEIPT","content":{}}',
        '{"v":1,"kind":"POSTCARD","content":{}}',
        '{"v":1,"kind":"RECEIPT","content":{"stranger":1}}',
    ],
)
def test_json_of_another_version_is_refused(text):
    with pytest.raises(ValueError, match=r"not a document|has no"):
        dossier.from_json(text)


def test_the_substance_is_what_is_said_not_when():
    content = samples.dossier()
    later = replace(
        content,
        imprint=replace(content.imprint, number=9, at="2026-12-01T00:00:00Z", cut=50),
        events=(),
    )

    assert dossier.substance(later) == dossier.substance(content)
    assert dossier.substance(replace(content, decisions=())) != dossier.substance(content)


@pytest.fixture
def request_it(chain, supplier, counsel):
    def requested(content=None, by=None, **options):
        content = content or samples.receipt()
        return actions.request_dossier(
            chain=chain,
            buyer=supplier.buyer,
            supplier=supplier,
            content=content,
            by=by or counsel,
            **options,
        )

    return requested


@pytest.fixture
def printed(monkeypatch):
    """A printer that needs no second: what it prints is tested with the real one."""
    monkeypatch.setattr(
        pdf, "render", lambda content: pdf.Rendered(data=b"%PDF-demo", sha256="f" * 64, pages=3)
    )


def events(chain):
    return [entry.event for entry in chain.entries.order_by("seq")]


def test_a_document_is_written_by_a_worker_and_told_to_the_ledger(request_it, chain, printed):
    row = request_it(samples.dossier())
    assert (row.state, row.kind, row.edition, row.number, row.queue) == (
        DossierState.REQUESTED,
        "DOSSIER",
        "COUNSEL",
        1,
        "heavy",
    )
    said = json.loads(row.content)["content"]["imprint"]
    assert (said["number"], said["at"][:4]) == (1, str(row.requested_at.year))

    tasks.render.call(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.sha256, row.pages, row.size) == (
        DossierState.ISSUED,
        "f" * 64,
        3,
        9,
    )
    assert row.work_state == WorkState.DONE
    assert events(chain) == ["dossier.requested", "dossier.issued"]
    issued = json.loads(chain.entries.get(seq=2).body)
    assert issued["data"]["sha256"] == row.sha256
    assert issued["data"]["seal"] == "none"
    assert issued["actor"] == {"system": "installation"}


def test_the_same_state_is_the_same_file_though_somebody_looked(
    request_it, chain, counsel, printed
):
    first = request_it(samples.dossier(imprint=samples.imprint(cut=0)))
    actions.write(first.pk)
    first.refresh_from_db()
    actions.open_dossier(dossier=first, by=counsel).close()

    assert request_it(samples.dossier(imprint=samples.imprint(cut=3))) == first

    ledger.record("case.cleared", by=counsel, on=chain)
    second = request_it(samples.dossier(imprint=samples.imprint(cut=4)))
    assert (second.number, Dossier.objects.count()) == (2, 2)


def test_editions_languages_and_kinds_are_documents_of_their_own(request_it):
    rows = {
        request_it(samples.dossier()).pk,
        request_it(samples.dossier(edition="WORKING")).pk,
        request_it(samples.dossier("zh-hans")).pk,
        request_it(samples.receipt()).pk,
        request_it(samples.receipt()).pk,
    }

    assert len(rows) == 4


def test_a_receipt_that_says_something_else_is_a_new_one(request_it):
    first = request_it(samples.receipt())

    assert request_it(samples.receipt(title="Another title")).number == first.number + 1


def test_a_register_has_no_supplier(chain, supplier, counsel):
    row = actions.request_dossier(
        chain=chain,
        buyer=supplier.buyer,
        supplier=None,
        content=samples.register(),
        by=counsel,
    )

    assert (row.kind, row.supplier, row.file_name) == (
        DossierKind.REGISTER,
        None,
        "SPRING-26-register-1.pdf",
    )


def test_a_long_campaign_name_is_no_file_name(chain, supplier, counsel):
    content = samples.register(imprint=samples.imprint(reference="Frühjahr 2026: " + "袜" * 80))

    row = actions.request_dossier(
        chain=chain, buyer=supplier.buyer, supplier=None, content=content, by=counsel
    )

    assert row.file_name == "Fr-hjahr-2026-register-1.pdf"


def test_a_document_that_cannot_be_written_says_so_and_can_be_asked_for_again(
    request_it, chain, counsel, monkeypatch
):
    def fail(content):
        raise pdf.RenderFailed("a glyph is missing")

    monkeypatch.setattr(pdf, "render", fail)
    row = request_it()

    actions.write(row.pk)

    row.refresh_from_db()
    assert (row.state, row.work_state) == (DossierState.FAILED, WorkState.DONE)
    assert row.last_error == "a glyph is missing"
    assert events(chain) == ["dossier.requested", "dossier.failed"]
    with pytest.raises(Conflict):
        actions.open_dossier(dossier=row, by=counsel)
    assert request_it() != row


def test_a_worker_that_lost_its_lease_issues_nothing(request_it, chain, monkeypatch):
    row = request_it()

    def steal(content):
        Dossier.objects.filter(pk=row.pk).update(attempts=4)
        return pdf.Rendered(data=b"%PDF", sha256="0" * 64, pages=1)

    monkeypatch.setattr(pdf, "render", steal)
    actions.write(row.pk)

    row.refresh_from_db()
    assert row.state == DossierState.REQUESTED
    assert actions.write(row.pk) is None  # the other one holds it


def test_no_entry_no_document(request_it, counsel, printed, monkeypatch):
    row = request_it()
    actions.write(row.pk)
    row.refresh_from_db()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(dossier_actions.ledger, "record", fail)
    with pytest.raises(RuntimeError):
        actions.open_dossier(dossier=row, by=counsel)


def test_a_document_the_storage_lost_is_a_conflict(supplier, counsel):
    row = DossierFactory(issued=True, supplier=supplier)

    with pytest.raises(Conflict):
        actions.open_dossier(dossier=row, by=counsel)


def test_counsel_s_edition_is_refused_to_others(supplier, analyst):
    row = DossierFactory(issued=True, supplier=supplier, edition="COUNSEL")

    with pytest.raises(Refused):
        actions.open_dossier(dossier=row, by=analyst)


def test_a_supplier_sees_its_own_copies_alone(supplier, contact):
    own = DossierFactory(supplier=supplier, kind="RECEIPT", edition="SUPPLIER")
    DossierFactory(supplier=supplier)
    DossierFactory(kind="RECEIPT", edition="SUPPLIER")

    assert list(Dossier.objects.visible_to(contact)) == [own]
    manager = UserFactory(holds=(Role.CAMPAIGN_MANAGER, supplier.buyer))
    assert Dossier.objects.visible_to(manager).count() == 2


def test_what_is_written_is_what_is_stored(request_it, counsel, printed):
    row = request_it()
    actions.write(row.pk)
    row.refresh_from_db()

    with actions.open_dossier(dossier=row, by=counsel) as file:
        assert file.read() == b"%PDF-demo"
    assert storage.holds("dossiers", row.key)
