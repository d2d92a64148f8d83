from portal.models.demo import DemoClock, DemoDoor, DemoMail
from portal.models.heartbeat import Heartbeat
from portal.models.ledger import LedgerChain, LedgerEntry, LedgerSideValue
from portal.models.organisation import (
    BuyerSideQuerySet,
    CaseGrant,
    Invitation,
    Membership,
    Organisation,
    Shared,
    SharedQuerySet,
    of_granted_cases,
)
from portal.models.outbox import OutboxMessage
from portal.models.sign_in import FactorReset, Visit
from portal.models.step_up import StepUp
from portal.models.user import User
from portal.models.work import Work, WorkQuerySet

__all__ = [
    "BuyerSideQuerySet",
    "CaseGrant",
    "DemoClock",
    "DemoDoor",
    "DemoMail",
    "FactorReset",
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
    "Visit",
    "Work",
    "WorkQuerySet",
    "of_granted_cases",
]
