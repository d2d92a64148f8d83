"""Words that questionnaires store, with their labels."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ResponseState(TextChoices):
    """Where a response stands; progress within it is computed, never stored."""

    WAITING = "WAITING", _("Not yet acknowledged")
    OPEN = "OPEN", _("Being answered")
    SUBMITTED = "SUBMITTED", _("Signed and sent")
    CORRECTING = "CORRECTING", _("Some answers sent back")
    CLOSED = "CLOSED", _("Closed")


# states in which the supplier may change answers
OPEN_STATES = frozenset({ResponseState.OPEN, ResponseState.CORRECTING})


class SubmissionKind(TextChoices):
    ATTESTATION = "ATTESTATION", _("Attestation")
    DECLINE = "DECLINE", _("Declined, by the short path")


class CommentAudience(TextChoices):
    """Who reads a comment besides its writer."""

    BOTH = "BOTH", _("Both sides")
    BUYER = "BUYER", _("The buyer's people only")
    SUPPLIER = "SUPPLIER", _("The supplier's people only")
    COUNSEL = "COUNSEL", _("Counsel only")


class Progress(TextChoices):
    """What the task list says of a section; read from the evaluator."""

    BLOCKED = "BLOCKED", _("Can't start yet")
    NOT_STARTED = "NOT_STARTED", _("Not started")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    CORRECTION = "CORRECTION", _("Needs correction")
    READY = "READY", _("Ready")
