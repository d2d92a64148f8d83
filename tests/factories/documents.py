"""Evidence and documents in each of their states; without bytes, unless a test stores some."""

import hashlib

import factory
from factory.django import DjangoModelFactory

from documents.enums import (
    DossierKind,
    DossierState,
    Edition,
    EvidenceKind,
    EvidenceState,
    Problem,
    Scan,
)
from documents.models import Dossier, Evidence
from portal import clock
from portal.enums import WorkState
from tests.factories.portal import LedgerChainFactory, OrganisationFactory


class EvidenceFactory(DjangoModelFactory):
    """A file just received; traits `released`, `held`, `refused`, `destroyed`."""

    class Meta:
        model = Evidence

    class Params:
        judged = factory.Trait(
            judged_at=factory.LazyFunction(clock.now), work_state=WorkState.DONE
        )
        released = factory.Trait(
            judged=True, state=EvidenceState.RELEASED, scan=Scan.CLEAN, media_type="pdf"
        )
        held = factory.Trait(judged=True, state=EvidenceState.HELD, problem=Problem.ENCRYPTED)
        refused = factory.Trait(judged=True, state=EvidenceState.REFUSED, problem=Problem.BROKEN)
        destroyed = factory.Trait(judged=True, state=EvidenceState.DESTROYED)

    supplier = factory.SubFactory(OrganisationFactory, supplier=True)
    buyer = factory.SelfAttribute("supplier.buyer")
    chain = factory.SubFactory(LedgerChainFactory)
    name = factory.Sequence(lambda n: f"invoice {n}.pdf")
    kind = EvidenceKind.INVOICE
    issuer = "Demo Spinning (Nantong) Co., Ltd."
    size = 1_000
    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    received_at = factory.LazyFunction(clock.now)


class DossierFactory(DjangoModelFactory):
    """A document asked for; with the trait `issued` written and kept."""

    class Meta:
        model = Dossier

    class Params:
        issued = factory.Trait(
            state=DossierState.ISSUED,
            issued_at=factory.LazyFunction(clock.now),
            work_state=WorkState.DONE,
            sha256="0" * 64,
        )

    supplier = factory.SubFactory(OrganisationFactory, supplier=True)
    buyer = factory.SelfAttribute("supplier.buyer")
    chain = factory.SubFactory(LedgerChainFactory)
    kind = DossierKind.DOSSIER
    edition = Edition.WORKING
    number = factory.Sequence(lambda n: n + 1)
    reference = "K7QF-3MX9"
    language = "en"
    cut = 0
    content = "{}"
    requested_at = factory.LazyFunction(clock.now)
