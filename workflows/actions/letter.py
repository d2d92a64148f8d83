"""Sending a letter: its words are kept, it stands in the ledger, its mails are written."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict
from portal.models import User
from workflows import letters, mail
from workflows.enums import LetterKind
from workflows.models import Case, SentLetter


class LetterChanged(Conflict):
    """What would be sent now is not what was shown: the case changed meanwhile."""


def send(
    *,
    held: Case,
    kind: LetterKind,
    by: ledger.Actor,
    facts: Mapping[str, object],
    once: object,
    seen: str = "",
) -> SentLetter:
    """Send a letter in the transaction of the act it tells of; the caller holds the case.

    Goes to contact and signatory, each in a mail. `facts` are those of `letters.FACTS[kind]`.
    `once` tells two acts of one case apart, such as the number of the act's own ledger entry;
    the same again returns the letter that is there. `seen` is the hash of what was previewed.

    Raises LetterChanged if something else was previewed, Conflict if typed words say more
    than the case's wording may, ValueError for facts that do not fit.
    """
    key = f"letter:{held.pk}:{kind.lower()}:{once}"
    if there := SentLetter.objects.filter(mail_key=key).first():
        return there
    if letters.forbidden(kind, held, facts):
        raise Conflict(
            _("The letter says more than the wording chosen for this company. Change your words.")
        )
    language = held.supplier.language
    letter = letters.write(kind, held, language, facts)
    if seen and seen != letter.sha256:
        raise LetterChanged(_("The letter changed since it was shown to you. Read it again."))
    sent = SentLetter.objects.create(
        case=held,
        buyer_id=held.buyer_id,
        supplier_id=held.supplier_id,
        kind=kind,
        wording=held.wording,
        language=language,
        title=letter.title,
        text=letter.text,
        sha256=letter.sha256,
        facts=letters.stored(kind, facts),
        written_by=by if isinstance(by, User) else None,
        written_at=clock.now(),
        mail_key=key,
    )
    ledger.record(
        "letter.sent",
        by=by,
        on=held,
        data={
            "letter": str(sent.pk),
            "kind": str(kind),
            "wording": held.wording,
            "language": language,
            "sha256": letter.sha256,
        },
    )
    mail.letter_sent(held, sent)
    return sent
