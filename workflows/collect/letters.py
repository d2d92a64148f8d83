"""What the supplier gets: its letters as they were sent, and its receipts."""

from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from documents import dossier as contents
from documents.models import Evidence
from portal.enums import Delivery, Language
from portal.models import OutboxMessage
from questionnaires.models import Submission
from workflows import mail as mails
from workflows import queries
from workflows.collect import common
from workflows.models import Case, Instruction, SentLetter


def receipt(case: Case, submission: Submission) -> contents.Receipt:
    """Collect a supplier's receipt, in its own wording and language (README point 19)."""
    language = submission.language
    with translation.override(language):
        files = Evidence.objects.filter(pk__in=_file_ids(submission)).order_by("received_at", "pk")
        return contents.Receipt(
            imprint=common.imprint(
                reference=case.reference,
                language=language,
                buyer=case.buyer,
                chain=case.chain,
                zone=case.supplier.zone,
                neutral=True,
            ),
            supplier=common.party(case.supplier, _("Supplier")),
            attestation=common.attestation(submission),
            title=_("Receipt"),
            next_steps=(
                contents.Block(
                    _("%(buyer)s reads the answers and either confirms or asks questions.")
                    % {"buyer": case.buyer.name}
                ),
                contents.Block(_("You need do nothing until you hear from us.")),
            ),
            answers=common.answer_sections(submission, language=language),
            evidence=tuple(
                common.evidence_item(number, one) for number, one in enumerate(files, start=1)
            ),
        )


def _file_ids(submission: Submission) -> set[str]:
    found = set()
    for stored in submission.content["sections"].values():
        for row in stored.get("rows") or [{"answers": stored.get("answers", {})}]:
            for answer in row["answers"].values():
                if isinstance(answer, list):
                    found |= {one["id"] for one in answer if isinstance(one, dict)}
    return found


def letter(case: Case, words: Instruction | SentLetter) -> contents.Letter:
    """Collect a letter with the exact words that were sent, the instruction among them."""
    with translation.override(words.language):
        imprint = common.imprint(
            reference=case.reference,
            language=words.language,
            buyer=case.buyer,
            chain=case.chain,
            zone=case.supplier.zone,
            neutral=True,
        )
        kept = contents.Letter(
            imprint=imprint,
            supplier=common.party(case.supplier, _("Supplier")),
            title=words.title,
            blocks=common.blocks(words.text),
            address=settings.BASE_URL + mails.request_path(case),
            sha256=words.sha256,
            sent=common.moment(words.written_at),
        )
    return _instruction(case, kept) if isinstance(words, Instruction) else kept


def _instruction(case: Case, kept: contents.Letter) -> contents.Instruction:
    given = {one.name: getattr(kept, one.name) for one in fields(kept)}
    return contents.Instruction(
        **given
        | {
            "due": case.campaign.due_on.isoformat(),
            "sender": contents.Person(
                name=str(case.campaign.launched_by or ""), role="", organisation=case.buyer.name
            ),
            "version": case.campaign.version.version,
        }
    )


Arrival = Callable[[OutboxMessage], Delivery]


def posted(
    case: Case, *, counsel: bool, until: datetime, arrival: Arrival
) -> tuple[contents.Posted, ...]:
    """Collect the letters after the instruction up to `until`, oldest first.

    `arrival` tells what was known of a mail then. The working edition leaves out the words
    of a letter that names a respondent.
    """
    sent = [
        one
        for one in queries.letters_of(case)
        if isinstance(one, SentLetter) and one.written_at <= until
    ]
    writers = {one.written_by_id for one in sent if one.written_by_id}
    hidden = frozenset() if counsel else queries.ever_of(case.supplier_id, writers)
    return tuple(_posted(case, one, arrival, hidden, counsel=counsel) for one in reversed(sent))


def _posted(
    case: Case,
    sent: SentLetter,
    arrival: Arrival,
    hidden: Collection[UUID],
    *,
    counsel: bool,
) -> contents.Posted:
    names_respondent = bool(sent.facts.get("answers"))
    writer = sent.written_by
    return contents.Posted(
        kind=sent.get_kind_display(),
        title=sent.title,
        at=common.moment(sent.written_at),
        language=str(Language(sent.language).label),
        wording=sent.get_wording_display(),
        sha256=sent.sha256,
        by="" if writer is None or writer.pk in hidden else str(writer),
        blocks=() if names_respondent and not counsel else common.blocks(sent.text),
        arrival=tuple(
            _("Mail %(number)d: %(state)s") % {"number": number, "state": str(arrival(mail).label)}
            for number, mail in enumerate(queries.mails_with(case, sent), start=1)
        ),
    )
