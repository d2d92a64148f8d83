"""Words and numbers of the Call to Action (July 2025) as data.

Clauses are cited by number; their text is never copied. Default clocks are ours
(domain note, section 8) and a buyer's policy may change them.
"""

from typing import Final

SOURCE: Final = "Call to Action, July 2025"

RANK: Final = ("B1", "B3", "B2", "C2", "B4", "B5_AGREEMENT", "B5_PROOF", "C1", "OPEN_POINT")

# findings that rest on the supplier's reply, and wait while counsel holds it
HELD: Final = frozenset({"B5_AGREEMENT", "B5_PROOF", "OPEN_POINT"})

# working days
DUE_DAYS: Final = 21
LAPSE_DAYS: Final = 21
QUERY_DAYS: Final = 10
REVIEW_DAYS: Final = 10
COUNSEL_DAYS: Final = 15
ESCALATION_DAYS: Final = 5
EXTENSION_DAYS: Final = 10
SECOND_CONTACT_DAYS: Final = 3
PHONE_DAYS: Final = 7
APPROVER_DAYS: Final = 14

# working days before the due date, the earliest first
REMIND_DAYS: Final = (7, 3, 1)

RENEWAL_MONTHS: Final = 12
