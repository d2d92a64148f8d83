"""Cases in bulk, for tables: rows as the actions would leave them, without their history."""

from datetime import timedelta

from portal import clock, ledger
from portal.enums import ChainKind
from tests.factories.portal import OrganisationFactory
from workflows.enums import Stage
from workflows.models import Case

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(number):
    digits = ""
    for _place in range(8):
        number, digit = divmod(number, 32)
        digits = LETTERS[digit] + digits
    return f"{digits[:4]}-{digits[4:]}"


def plain_case(made, number, **fields):
    """One case of the world's campaign with a supplier of its own."""
    supplier = fields.pop("supplier", None) or OrganisationFactory(supplier=True, buyer=made.buyer)
    now = clock.now()
    due = now + timedelta(days=number % 7 + 1)
    return Case.objects.create(
        **{
            "reference": reference(1_000_000 + number),
            "chain": ledger.open_chain(ChainKind.CASE),
            "campaign": made.campaign,
            "policy": made.campaign.policy,
            "buyer": made.buyer,
            "supplier": supplier,
            "stage": Stage.ANSWERING,
            "created_at": now,
            "issued_at": now,
            "due_at": due,
            "next_act_at": due,
            "contact": made.contact,
            **fields,
        }
    )


def plain_cases(made, count, **fields):
    return [plain_case(made, number, **fields) for number in range(count)]
