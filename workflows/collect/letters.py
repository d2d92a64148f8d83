"""What the supplier gets: the instruction as it was sent, and its receipts."""

from django.utils import translation
from django.utils.translation import gettext as _

from documents import dossier as contents
from documents.models import Evidence
from questionnaires.models import Submission
from workflows.collect import common
from workflows.models import Case


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


def instruction(case: Case) -> contents.Instruction:
    """Collect the instruction with the exact words kept at issue."""
    words = case.instruction
    with translation.override(words.language):
        return contents.Instruction(
            imprint=common.imprint(
                reference=case.reference,
                language=words.language,
                buyer=case.buyer,
                chain=case.chain,
                zone=case.supplier.zone,
                neutral=True,
            ),
            supplier=common.party(case.supplier, _("Supplier")),
            title=words.title,
            blocks=common.blocks(words.text),
            due=common.moment(case.due_at),
            sender=contents.Person(
                name=str(case.campaign.launched_by or ""), role="", organisation=case.buyer.name
            ),
            address=case.buyer.address,
            version=case.campaign.version.version,
            sha256=words.sha256,
        )
