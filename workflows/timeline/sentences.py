"""Events as plain sentences, for the case page and the dossier."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from documents.enums import Edition, Grade
from portal import ledger
from portal.enums import Wording
from workflows.enums import (
    Channel,
    ExtensionState,
    FindingState,
    LetterKind,
    ReplyCode,
    RungKind,
    Stage,
    Stall,
)
from workflows.timeline import remedy, replies
from workflows.timeline.exits import EXITS
from workflows.timeline.words import day_of, fixed, in_zone, label_of

# what these events name is a day of the buyer's own clock, any other a day of the supplier's
OURS = frozenset({"duty.opened", "case.suspended", "case.suspension_reviewed", "counsel.let_in"})


def sentence(event: ledger.Event, zone: str = "UTC") -> str:
    """Say in one sentence what an event tells; an unknown one by its plain name.

    The days it names are those of `zone` (IANA name).
    """
    said = SENTENCES.get(event.name)
    if said is None:
        return event.name.replace(".", ": ").replace("_", " ")
    return said(replace(event, data=in_zone(event.data, zone)))


def _issued(event: ledger.Event) -> str:
    return _("The instruction was sent, to be answered by %(day)s.") % {
        "day": day_of(event.data["due"])
    }


def _wording(event: ledger.Event) -> str:
    return _("Wording chosen: %(wording)s.") % {
        "wording": label_of(Wording, event.data["wording"])
    }


def _submitted(event: ledger.Event) -> str:
    said = _("Submission %(number)s was signed; its fingerprint begins %(hash)s.") % {
        "number": event.data["number"],
        "hash": str(event.data["sha256"])[:16],
    }
    return said + _own_key(event)


def _declined(event: ledger.Event) -> str:
    said = _("The supplier declined by the short path; the fingerprint begins %(hash)s.") % {
        "hash": str(event.data["sha256"])[:16]
    }
    return said + _own_key(event)


def _own_key(event: ledger.Event) -> str:
    if "passkey" not in event.data:
        return ""
    return _(" Confirmed with the signatory's own passkey.")


def _findings(event: ledger.Event) -> str:
    found = event.data["findings"]
    return _("The answers raised findings: %(n)d.") % {
        "n": len(found) if isinstance(found, list) else 0
    }


def _judged(event: ledger.Event) -> str:
    return _("A finding was judged: %(state)s.") % {
        "state": label_of(FindingState, event.data["state"])
    }


def _graded(event: ledger.Event) -> str:
    return _("Proof was graded: %(grade)s.") % {"grade": label_of(Grade, event.data["grade"])}


def _file_graded(event: ledger.Event) -> str:
    return _("A file was graded: %(grade)s.") % {"grade": label_of(Grade, event.data["grade"])}


def _queried(event: ledger.Event) -> str:
    paths = event.data["paths"]
    return _("Questions were sent back: %(n)d, to be answered by %(day)s.") % {
        "n": len(paths) if isinstance(paths, list) else 0,
        "day": day_of(event.data["due"]),
    }


def _referred(event: ledger.Event) -> str:
    return _("Referred to counsel; the supplier's clocks stand still (it was: %(stage)s).") % {
        "stage": label_of(Stage, event.data["from"])
    }


def _advised(event: ledger.Event) -> str:
    return _("Counsel advised; the case goes back to: %(stage)s.") % {
        "stage": label_of(Stage, event.data["back_to"])
    }


def _rung(event: ledger.Event) -> str:
    return _("The ladder came to: %(rung)s (due %(day)s).") % {
        "rung": label_of(RungKind, event.data["kind"]),
        "day": day_of(event.data["due"]),
    }


def _stopped(event: ledger.Event) -> str:
    return _("Reminders stopped: %(why)s.") % {"why": label_of(Stall, event.data["why"])}


def _extended(event: ledger.Event) -> str:
    return _("More time (%(how)s): due %(day)s instead of %(before)s.") % {
        "how": label_of(ExtensionState, event.data["how"]),
        "day": day_of(event.data["due"]),
        "before": day_of(event.data["due_before"]),
    }


def _wish(event: ledger.Event) -> str:
    return _("Asked for time until %(day)s.") % {"day": day_of(event.data["wished"])}


def _renewed(event: ledger.Event) -> str:
    return _("The supplier was asked anew, to answer by %(day)s (policy version %(n)s).") % {
        "day": day_of(event.data["due"]),
        "n": event.data["policy"],
    }


def _put_off(event: ledger.Event) -> str:
    return _("Time ran out, but nobody was reached yet: put off to %(day)s.") % {
        "day": day_of(event.data["until"])
    }


def _code(event: ledger.Event) -> str:
    return _("The reply was read as: %(code)s.") % {
        "code": label_of(ReplyCode, event.data["code"])
    }


def _offered(event: ledger.Event) -> str:
    return _("The supplier was asked to use version %(version)s of the questionnaire.") % {
        "version": event.data["version"]
    }


def _carried(event: ledger.Event) -> str:
    confirm, left = event.data["confirm"], event.data["left"]
    return _(
        "The answers were carried over to version %(version)s: %(stays)s stay, %(confirm)d are to"
        " be confirmed, %(left)d fall away. Nothing signed came along."
    ) % {
        "version": event.data["version"],
        "stays": event.data["stays"],
        "confirm": len(confirm) if isinstance(confirm, list) else 0,
        "left": len(left) if isinstance(left, list) else 0,
    }


def _asked_anew(event: ledger.Event) -> str:
    return _(
        "The questionnaire was opened again: %(confirm)s earlier answers and files are to be"
        " confirmed, %(anew)s to be given anew."
    ) % {"confirm": event.data["confirm"], "anew": event.data["anew"]}


def _contact(event: ledger.Event) -> str:
    how = label_of(Channel, event.data["channel"])
    if event.data["reached"]:
        return _("Contact logged (%(how)s): the person was reached.") % {"how": how}
    return _("Contact logged (%(how)s): nobody was reached.") % {"how": how}


def _letter(event: ledger.Event) -> str:
    said = {
        "letter.sent": _("A letter was sent: %(kind)s; its fingerprint begins %(hash)s."),
        "letter.downloaded": _(
            "The words of a letter were downloaded: %(kind)s; the fingerprint begins %(hash)s."
        ),
    }
    return said[event.name] % {
        "kind": label_of(LetterKind, event.data["kind"]),
        "hash": str(event.data["sha256"])[:16],
    }


def _let_in(event: ledger.Event) -> str:
    return _("Outside counsel may read this case until %(day)s.") % {
        "day": day_of(event.data["until"])
    }


def _dossier(event: ledger.Event) -> str:
    edition = label_of(Edition, event.data["edition"])
    number = event.data["number"]
    said = {
        "dossier.requested": _("A document was asked for: %(edition)s, number %(number)s."),
        "dossier.issued": _("A document was issued: %(edition)s, number %(number)s."),
        "dossier.downloaded": _("A document was downloaded: %(edition)s, number %(number)s."),
        "dossier.failed": _("A document could not be written: %(edition)s, number %(number)s."),
    }
    return said[event.name] % {"edition": edition, "number": number}


SENTENCES: dict[str, Callable[[ledger.Event], str]] = {
    "case.wording_chosen": _wording,
    "case.issued": _issued,
    "case.acknowledged": fixed(lambda: _("The supplier acknowledged receipt.")),
    "case.submitted": _submitted,
    "case.declined": _declined,
    "case.findings_raised": _findings,
    "case.lapsed": fixed(lambda: _("Time ran out; the case came to review. The form is open.")),
    "case.lapse_put_off": _put_off,
    "case.milestone_missed": fixed(
        lambda: _("A milestone of the plan was missed; the case came to review.")
    ),
    "case.queried": _queried,
    "case.referred": _referred,
    "case.advised": _advised,
    "case.taken": fixed(lambda: _("Took the case for review.")),
    "case.recommended": fixed(lambda: _("Recommended clearing.")),
    "case.recommendation_stale": fixed(
        lambda: _("Something new came in; the recommendation no longer stands.")
    ),
    "case.escalated": fixed(lambda: _("Put the case before a colleague for the next act.")),
    "case.cleared": fixed(lambda: _("Cleared: nothing open under B4 and B5 as of this day.")),
    "case.withdrawn": fixed(lambda: _("Withdrew the request.")),
    "case.reply_code_set": _code,
    "case.contact_logged": _contact,
    "case.contact_changed": fixed(lambda: _("Another person is written to from now on.")),
    "case.signatory_named": fixed(lambda: _("Named the signatory.")),
    "case.list_opened": fixed(lambda: _("Opened the list of companies.")),
    "case.wrong_person": fixed(lambda: _("Said that the wrong person was written to.")),
    "letter.sent": _letter,
    "letter.downloaded": _letter,
    "case.handed_over": fixed(lambda: _("Handed the request over to a colleague.")),
    "counsel.let_in": _let_in,
    "counsel.let_out": fixed(lambda: _("Closed the case to a person from outside.")),
    **remedy.SENTENCES,
    "finding.judged": _judged,
    "proof.graded": _graded,
    "proof.logged": fixed(lambda: _("Logged proof that did not come through the service.")),
    "response.opened": fixed(lambda: _("The questionnaire was laid out.")),
    "response.version_offered": _offered,
    "response.carried_over": _carried,
    "response.saved": fixed(lambda: _("Saved answers.")),
    "response.closed": fixed(lambda: _("The questionnaire was closed.")),
    "response.sent_back": fixed(lambda: _("Answers were opened for correction.")),
    "response.mark_withdrawn": fixed(lambda: _("A question was taken back.")),
    "response.commented": fixed(lambda: _("Wrote a message.")),
    "response.signed": fixed(lambda: _("The answers were frozen as signed.")),
    "evidence.received": fixed(lambda: _("A file came in.")),
    "evidence.released": fixed(lambda: _("A file was checked and released.")),
    "evidence.held": fixed(lambda: _("A file is held until a person has looked at it.")),
    "evidence.refused": fixed(lambda: _("A file was refused and not kept.")),
    "evidence.downloaded": fixed(lambda: _("A file was downloaded.")),
    "evidence.linked": fixed(lambda: _("Placed a file beside a question.")),
    "evidence.unlinked": fixed(
        lambda: _("Took a file away from a question; the file itself is kept.")
    ),
    "evidence.described": fixed(
        lambda: _("Described a file: what it is, who issued it and when.")
    ),
    "evidence.graded": _file_graded,
    "evidence.destroyed": fixed(lambda: _("A file was destroyed; its fingerprint is kept.")),
    "mail.accepted": fixed(lambda: _("A mail was accepted by the mail server.")),
    "case.rung_climbed": _rung,
    "case.ladder_stopped": _stopped,
    "case.extended": _extended,
    "case.extension_asked": _wish,
    "case.extension_refused": fixed(lambda: _("Refused the time that was asked for.")),
    "case.second_contact_written": fixed(lambda: _("Wrote to a second contact.")),
    "case.chased": fixed(lambda: _("Wrote to the signatory that the answer is overdue.")),
    "case.renewed": _renewed,
    "response.asked_anew": _asked_anew,
    "mail.came_back": fixed(lambda: _("A mail came back.")),
    "mail.refused": fixed(lambda: _("A mail was refused by the mail server.")),
    "dossier.requested": _dossier,
    "dossier.issued": _dossier,
    "dossier.downloaded": _dossier,
    "dossier.failed": _dossier,
    **replies.SENTENCES,
    **EXITS,
}
