"""Who may do what with evidence and documents, and when: pure, with a sentence."""

from django.utils.translation import gettext as _

from documents.enums import DossierState, Edition, EvidenceState, Origin
from documents.models import Dossier, Evidence
from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User

READERS = (Role.ANALYST, Role.APPROVER, Role.COUNSEL)
OWNERS = (Role.CONTACT, Role.SIGNATORY)


def may_download(user: User, evidence: Evidence) -> Verdict:
    """The supplier's own contact and signatory, and those of the buyer who review."""
    is_owner = evidence.origin == Origin.SUPPLIER and user.holds_any(OWNERS, evidence.supplier_id)
    if not (is_owner or user.works_on(evidence, *READERS)):
        return refused(_("Only those who review this case, or sent the file, may open it."))
    if evidence.state in {EvidenceState.REFUSED, EvidenceState.DESTROYED}:
        return untimely(_("This file was not kept. Its fingerprint is."))
    if evidence.state == EvidenceState.HELD:
        return untimely(_("This file is held. Nobody can open it until it is released."))
    if evidence.state != EvidenceState.RELEASED:
        return untimely(_("This file is still being checked. Try again in a minute."))
    return ALLOWED


def may_decide_on(user: User, evidence: Evidence) -> Verdict:
    """A held file: for personal data its supplier decides, else an analyst of the buyer."""
    if evidence.is_decided_by_supplier:
        if not user.holds_any(OWNERS, evidence.supplier_id):
            return refused(_("Only the supplier may decide about this file."))
    elif not user.holds(Role.ANALYST, evidence.buyer_id):
        return refused(_("Only an analyst of the buyer may decide about this file."))
    if evidence.state != EvidenceState.HELD:
        return untimely(_("This file is not held any more."))
    return ALLOWED


def may_describe(user: User, evidence: Evidence) -> Verdict:
    """Say what a file is: whoever sent it, or an analyst."""
    is_senders = evidence.origin == Origin.SUPPLIER and user.holds_any(
        (*OWNERS, Role.CONTRIBUTOR), evidence.supplier_id
    )
    if not (is_senders or user.holds(Role.ANALYST, evidence.buyer_id)):
        return refused(_("Only those who sent this file, or review it, may describe it."))
    if evidence.state in {EvidenceState.REFUSED, EvidenceState.DESTROYED}:
        return untimely(_("This file was not kept."))
    return ALLOWED


def may_grade(user: User, evidence: Evidence) -> Verdict:
    if not user.holds(Role.ANALYST, evidence.buyer_id):
        return refused(_("Only an analyst of the buyer may grade evidence."))
    if evidence.state != EvidenceState.RELEASED:
        return untimely(_("Only a file that was released can be graded."))
    return ALLOWED


def may_read(user: User, dossier: Dossier) -> Verdict:
    """Counsel's edition is counsel's alone; a supplier's copy belongs to both sides."""
    if not _is_reader(user, dossier):
        return refused(_("This edition is not meant for you."))
    return ALLOWED


def may_open(user: User, dossier: Dossier) -> Verdict:
    """Read it, and it is there to be read."""
    if not (verdict := may_read(user, dossier)):
        return verdict
    if dossier.has_failed:
        return untimely(_("This document could not be written. Ask for it again."))
    if dossier.state != DossierState.ISSUED:
        return untimely(_("This document is still being written. Try again in a minute."))
    return ALLOWED


def _is_reader(user: User, dossier: Dossier) -> bool:
    if dossier.edition == Edition.COUNSEL:
        return user.works_on(dossier, Role.COUNSEL)
    if dossier.edition == Edition.WORKING:
        return user.works_on(dossier, *READERS)
    buyers = (*READERS, Role.CAMPAIGN_MANAGER)
    suppliers = (*OWNERS, Role.CONTRIBUTOR)
    return user.works_on(dossier, *buyers) or user.holds_any(suppliers, dossier.supplier_id)
