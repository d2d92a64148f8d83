from portal.models.demo import DemoClock, DemoDoor, DemoMail
from portal.models.heartbeat import Heartbeat
from portal.models.ledger import LedgerChain, LedgerEntry, LedgerSideValue
from portal.models.organisation import (
    BuyerSideQuerySet,
    Invitation,
    Membership,
    Organisation,
    Shared,
    SharedQuerySet,
)
from portal.models.outbox import OutboxMessage
from portal.models.step_up import StepUp
from portal.models.user import User
from portal.models.work import Work, WorkQuerySet

__all__ = [
    "BuyerSideQuerySet",
    "DemoClock",
    "DemoDoor",
    "DemoMail",
    "Heartbeat",
    "Invitation",
    "LedgerChain",
    "LedgerEntry",
    "LedgerSideValue",
    "Membership",
    "Organisation",
    "OutboxMessage",
    "Shared",
    "SharedQuerySet",
    "StepUp",
    "User",
    "Work",
    "WorkQuerySet",
]
