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

# how long a reply code holds a limb of B5 (domain note, section 6), working days
TALKS_DAYS: Final = 15
OBTAIN_DAYS: Final = 60

# the buyer's own duties (domain note, sections 6 and 9), working days
MAP_DAYS: Final = 20
SITE_DAYS: Final = 60
SOURCES_DAYS: Final = 10
ADJUST_DAYS: Final = 15
QUESTION_DAYS: Final = 5
REPLY_DAYS: Final = 5
INSPECT_DAYS: Final = 20
DENIED_DAYS: Final = 1
# after approvers were told of a missed duty, the administrator is
TELL_ON_DAYS: Final = 5
# clauses under which a buyer may raise what it learned elsewhere (domain note, section 3)
OUTSIDE: Final = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4")

# working days (domain note, section 8)
INQUIRY_DAYS: Final = 10
PLAN_DAYS: Final = 60
PLAN_MOST_DAYS: Final = 90
SUSPENSION_DAYS: Final = 30
SUSPENSION_MOST_DAYS: Final = 90
# an exit: working days to reply and to decide, hours of the immediate track
EXIT_REPLY_DAYS: Final = 10
EXIT_DAYS: Final = 10
IMMEDIATE_HOURS: Final = 48
# while trade winds down somebody looks at it once a week; then after these months
LOOK_DAYS: Final = 7
EXIT_REVIEW_MONTHS: Final = (3, 6, 12)
# re-entry waits for the review after six months
REENTRY_MONTHS: Final = 6
# the bounce rule: how long we wait for a mail server, and what silence needs to be called so
ACCEPTED_WITHIN_DAYS: Final = 3
MAILS_FOR_SILENCE: Final = 3
ADDRESSES_FOR_SILENCE: Final = 2

# the buyer's own acts on the ladder, and how long approvers have before an administrator is told
CHASE_DAYS: Final = 2
MISSED_DAYS: Final = 3
