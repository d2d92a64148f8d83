"""What happens to a document: asked for, written, issued, opened."""

import logging
from dataclasses import replace

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from documents import dossier as contents
from documents import pdf, rules, storage
from documents.enums import DossierKind, DossierState
from documents.models import Dossier
from portal import clock, ledger, work
from portal.access import Conflict, require
from portal.enums import Queue
from portal.models import LedgerChain, Organisation, User

logger = logging.getLogger(__name__)

# Entries that only say who looked: they do not outdate a document.
ACCESS = [
    "dossier.requested",
    "dossier.issued",
    "dossier.downloaded",
    "dossier.failed",
    "evidence.downloaded",
    "letter.downloaded",
]
QUICK = {DossierKind.RECEIPT, DossierKind.INSTRUCTION, DossierKind.LETTER}


@transaction.atomic
def request_dossier(
    *,
    chain: LedgerChain,
    buyer: Organisation,
    supplier: Organisation | None,
    content: contents.Content,
    by: ledger.Actor,
) -> Dossier:
    """Have a document written, or return the one that says the same already.

    `content.imprint.cut` is the last entry of `chain` it covers; number and moment are
    filled in here. Whether `by` may ask is the caller's rule.
    """
    chain = LedgerChain.objects.select_for_update(no_key=True).get(pk=chain.pk)
    same = Dossier.objects.filter(
        chain=chain,
        kind=content.kind,
        edition=content.edition,
        language=content.imprint.language,
    )
    last = same.order_by("-number").first()
    if last is not None and _still_says(last, content, chain):
        return last
    numbered = Dossier.objects.filter(chain=chain, kind=content.kind, edition=content.edition)
    number = 1 + max(numbered.values_list("number", flat=True), default=0)
    imprint = replace(content.imprint, number=number, at=ledger.moment(clock.now()))
    dossier = Dossier.objects.create(
        chain=chain,
        buyer=buyer,
        supplier=supplier,
        queue=Queue.DEFAULT if content.kind in QUICK else Queue.HEAVY,
        max_attempts=5,
        kind=content.kind,
        edition=content.edition,
        number=number,
        reference=imprint.reference[:40],
        language=imprint.language,
        cut=imprint.cut,
        content=contents.to_json(replace(content, imprint=imprint)),
        requested_at=clock.now(),
        requested_by=by if isinstance(by, User) else None,
    )
    _record("dossier.requested", dossier, by)
    work.hint(dossier)
    return dossier


def _still_says(last: Dossier, content: contents.Content, chain: LedgerChain) -> bool:
    if last.has_failed:
        return False
    if contents.substance(contents.from_json(last.content)) != contents.substance(content):
        return False
    if last.kind != DossierKind.DOSSIER or content.imprint.as_of:
        return True
    return not chain.entries.filter(seq__gt=last.cut).exclude(event__in=ACCESS).exists()


def write(pk: object) -> Dossier | None:
    """Write one requested document and issue it; None when it is someone else's work.

    The same content gives the same bytes, so twice is harmless. A document that cannot be
    written becomes FAILED, with the reason in the log.
    """
    dossier = work.claim(Dossier, pk)
    if dossier is None:
        return None
    with work.retrying(dossier):
        try:
            rendered = pdf.render(contents.from_json(dossier.content))
        except pdf.RenderFailed as failed:
            logger.exception("document %s cannot be written", dossier.pk)
            _give_up(dossier, str(failed))
            return dossier
        storage.put("dossiers", dossier.key, ContentFile(rendered.data))
        _issue(dossier, rendered)
    return dossier


def _issue(dossier: Dossier, rendered: pdf.Rendered) -> None:
    with work.finish(dossier):
        dossier.state = DossierState.ISSUED
        dossier.sha256 = rendered.sha256
        dossier.size = len(rendered.data)
        dossier.pages = rendered.pages
        dossier.issued_at = clock.now()
        dossier.save(update_fields=["state", "sha256", "size", "pages", "issued_at"])
        _record("dossier.issued", dossier, "installation")


def _give_up(dossier: Dossier, reason: str) -> None:
    with work.finish(dossier):
        dossier.state = DossierState.FAILED
        dossier.last_error = reason[:400]
        dossier.save(update_fields=["state", "last_error"])
        _record("dossier.failed", dossier, "installation")


def open_dossier(*, dossier: Dossier, by: User) -> File:
    """Open an issued document for download; no ledger entry, no file.

    The caller closes what it gets. Raises Refused, Conflict.
    """
    require(rules.may_open(by, dossier))
    try:
        opened = storage.read("dossiers", dossier.key)
    except FileNotFoundError as error:
        raise Conflict(_("The storage does not hold this file. Tell your operator.")) from error
    try:
        _record("dossier.downloaded", dossier, by)
    except Exception:
        opened.close()
        raise
    return opened


def _record(event: str, dossier: Dossier, by: ledger.Actor) -> None:
    data: dict[str, object] = {
        "dossier": str(dossier.pk),
        "kind": dossier.kind,
        "edition": dossier.edition,
        "number": dossier.number,
        "language": dossier.language,
        "cut": dossier.cut,
    }
    if dossier.sha256:
        data |= {"sha256": dossier.sha256, "pages": dossier.pages, "seal": "none"}
    ledger.record(event, by=by, on=dossier, data=data)
