"""What each kind of letter says in tests: every fact of it, and the least that it needs."""

from datetime import UTC, date, datetime

from workflows.enums import LetterKind
from workflows.letters import FACTS

EVERY = {
    "due_on": date(2026, 11, 20),
    "list_title": "Demo list",
    "list_dated_on": date(2026, 9, 1),
    "received_at": datetime(2026, 11, 2, 6, 5, tzinfo=UTC),
    "answers": "Demo Contact",
    "questions": 3,
    "speaker": "Demo Analyst",
    "question": "Who made the yarn of order 7?\nPlease show the delivery note.",
    "was_due_on": date(2026, 11, 6),
    "note": "You asked for this by telephone.",
    "lapse_on": date(2026, 12, 4),
    "from_on": date(2026, 12, 1),
    "until_on": date(2027, 2, 26),
    "steps": "- Buy yarn from Demo Mill Two, by 8 January 2027\n- Old yarn used up",
    "orders": "Orders that were placed before go on.\nNew orders wait.",
    "help": "We pay the higher price of the new yarn for six months.",
    "paused": "All new orders for Demo cotton shirts.",
    "needed": "- An invoice of the new mill\n- Its delivery note",
    "review_on": date(2026, 12, 31),
    "ground": "The yarn of two orders comes from a producer that you did not list.",
    "reply_by": date(2026, 12, 14),
    "clause": "B5",
    "owed": "The goods on their way are held in Demo Port; our counsel writes to you.",
    "was_notified": True,
    "reason": "Your reply shows that the producer was named in error.",
    "notice_on": date(2026, 12, 15),
    "last_order_on": date(2027, 1, 29),
    "ends_on": date(2027, 3, 31),
    "notice": "We thank you for the years of work together.",
    "payment": "Invoices are paid within 30 days of delivery.",
    "goods": "Bought material is paid for at cost.",
    "people": "Please tell us how many people work on these orders.",
    "reentry": "- The producer was replaced\n- Six months of deliveries from the new one",
}


def every_fact(kind: LetterKind) -> dict[str, object]:
    return {one.name: EVERY[one.name] for one in FACTS[kind]}


def needed_facts(kind: LetterKind) -> dict[str, object]:
    return {one.name: EVERY[one.name] for one in FACTS[kind] if one.is_needed}
