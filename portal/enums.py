"""Words that portal stores, with their labels."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Side(TextChoices):
    BUYER = "BUYER", _("Buyer")
    SUPPLIER = "SUPPLIER", _("Supplier")


class Role(TextChoices):
    """What a person may do for one organisation (domain note, section 2)."""

    CONTACT = "CONTACT", _("Supplier contact")
    CONTRIBUTOR = "CONTRIBUTOR", _("Contributor")
    SIGNATORY = "SIGNATORY", _("Signatory")
    CAMPAIGN_MANAGER = "CAMPAIGN_MANAGER", _("Campaign manager")
    ANALYST = "ANALYST", _("Analyst")
    APPROVER = "APPROVER", _("Approver")
    COUNSEL = "COUNSEL", _("Counsel")
    OUTSIDE_COUNSEL = "OUTSIDE_COUNSEL", _("Outside counsel")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")
    OPERATOR = "OPERATOR", _("Operator of the installation")


SUPPLIER_ROLES = frozenset({Role.CONTACT, Role.CONTRIBUTOR, Role.SIGNATORY})
CASE_ROLES = frozenset({Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL})
# outside counsel is of the buyer's side, but reads named cases alone: never by its role
BUYER_ROLES = CASE_ROLES | {Role.ADMINISTRATOR, Role.OUTSIDE_COUNSEL}


class Language(TextChoices):
    EN = "en", "English"
    ZH = "zh-hans", "中文"


class Wording(TextChoices):
    """Which of the two texts a supplier reads (domain note, section 4)."""

    EXPLICIT = "explicit", _("Explicit")
    TRACEABILITY = "traceability", _("Traceability")


class ChainKind(TextChoices):
    CASE = "CASE", _("Case")
    ORGANISATION = "ORGANISATION", _("Organisation")
    INSTALLATION = "INSTALLATION", _("Installation")


class Audience(TextChoices):
    """Who may read a value that stands in the ledger as a salted hash."""

    PERSONAL = "PERSONAL", _("Both editions")
    COUNSEL = "COUNSEL", _("Counsel only")


class WorkState(TextChoices):
    PENDING = "PENDING", _("Waiting")
    RUNNING = "RUNNING", _("Being done")
    DONE = "DONE", _("Done")
    DEAD = "DEAD", _("Given up after many tries")
    DROPPED = "DROPPED", _("No longer wanted")


class Queue(TextChoices):
    URGENT = "urgent", _("Urgent")
    DEFAULT = "default", _("Default")
    HEAVY = "heavy", _("Heavy")


class Delivery(TextChoices):
    """What is known of a mail; accepted never means read (domain note, section 8)."""

    QUEUED = "QUEUED", _("Waiting to be sent")
    ACCEPTED = "ACCEPTED", _("Accepted by the mail server")
    REFUSED = "REFUSED", _("Refused by the mail server")
    UNKNOWN = "UNKNOWN", _("Handed over, answer not seen")
    DROPPED = "DROPPED", _("Not sent, no longer wanted")


class StepUpPurpose(TextChoices):
    SIGN = "SIGN", _("Sign an attestation")
    PLAN = "PLAN", _("Accept a plan")
    FACTORS = "FACTORS", _("Change how you sign in")
    ADDRESS = "ADDRESS", _("Add a second address")


class Door(TextChoices):
    """The doors of a demonstration's front page, in the order they stand there."""

    SIGNING = "SIGNING", _("A supplier, one step from signing")
    DECISION = "DECISION", _("A decision waiting for an approver")
    DOSSIER = "DOSSIER", _("A finished dossier")
