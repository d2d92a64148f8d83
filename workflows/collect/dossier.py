"""A case's audit trail: everything that counsel may need to show, in two editions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from documents import dossier as contents
from documents.enums import Edition, Grade
from documents.models import Evidence
from portal import clock
from portal.enums import Delivery, Language, Wording
from portal.models import OutboxMessage
from portal.templatetags.portal import day
from questionnaires.enums import CommentAudience
from questionnaires.models import Comment, Correction
from workflows import chart, queries, timeline
from workflows.collect import common, duties, exits, letters, past, remedy
from workflows.enums import (
    Channel,
    ExitRole,
    FindingState,
    Level,
    Limbs,
    ReplyCode,
    Stage,
    WordingReason,
)
from workflows.models import Case, ContactLog, Decision, Finding

TONES: dict[str, Literal["done", "due", "late", "counsel"]] = {
    Stage.CLEARED: "done",
    Stage.WITH_COUNSEL: "counsel",
}


def dossier(
    case: Case, *, edition: str, language: str, as_of: datetime | None = None
) -> contents.Dossier:
    """Collect a case up to its last event, or as it stood at `as_of` (documents note, section 2).

    The working edition leaves out counsel-only text, advice and respondents' names. Days are
    those of the buyer's place, as the moments are.
    """
    with translation.override(language), timezone.override(case.buyer.zone):
        return _Collector(case, edition, language, as_of).dossier()


class _Collector:
    """Reads a case once and hands out the pages."""

    def __init__(
        self, case: Case, edition: str, language: str, as_of: datetime | None = None
    ) -> None:
        self.language = language
        self.is_counsel = edition == Edition.COUNSEL
        self.until = as_of or clock.now()
        self.past = past.past(case, as_of) if as_of else None
        self.case = self.past.case if self.past else case
        self.standing = self.past.standing if self.past else queries.standing(case)
        self.submissions = self.past.submissions if self.past else past.submissions(case)

    def dossier(self) -> contents.Dossier:
        case = self.case
        return contents.Dossier(
            imprint=self._imprint(),
            edition="COUNSEL" if self.is_counsel else "WORKING",
            buyer=common.party(case.buyer, _("Buyer")),
            supplier=common.party(case.supplier, _("Supplier")),
            standing=self._standing(),
            opened_at=common.moment(case.created_at),
            people=tuple(self._people()),
            instructed=self._instructed(),
            letters=letters.posted(
                case, counsel=self.is_counsel, until=self.until, arrival=self._arrival
            ),
            attestations=tuple(self._attestations()),
            answers=self._answers(),
            evidence=tuple(self._evidence()),
            threads=tuple(self._threads()),
            contacts=tuple(self._contacts()),
            decisions=tuple(self._decisions()),
            conditions=tuple(duties.conditions(case, until=self.until)),
            promises=tuple(duties.promises(case, until=self.until)),
            inspected=tuple(duties.inspected(case, self._claims(), until=self.until)),
            duties=tuple(duties.duties(case, counsel=self.is_counsel, until=self.until)),
            elsewhere=remedy.elsewhere(case, self.language, names=self.is_counsel, then=self.past),
            remedy=remedy.remedy(case, names=self.is_counsel, then=self.past),
            exits=exits.of(case, counsel=self.is_counsel, language=self.language, then=self.past),
            closed=exits.closed(case, until=self.until),
            charts=(self._chart(),),
            events=tuple(self._events()),
        )

    def _imprint(self) -> contents.Imprint:
        case = self.case
        found = common.imprint(
            reference=case.reference,
            language=self.language,
            buyer=case.buyer,
            chain=case.chain,
            zone=case.buyer.zone,
        )
        if self.past is None:
            return found
        return replace(
            found, cut=self.past.cut, head=self.past.head, as_of=common.moment(self.past.at)
        )

    def _standing(self) -> contents.Standing:
        case, standing = self.case, self.standing
        wording = str(Wording(case.wording).label) if case.wording else _("not yet chosen")
        sentences = [
            _("The case stands at: %(stage)s.") % {"stage": Stage(case.stage).label},
            _("The engine proposes: %(outcome)s. A named person decides.")
            % {"outcome": standing.proposes},
        ]
        if case.reply_code:
            sentences.append(
                _("The reply was read as: %(code)s.") % {"code": ReplyCode(case.reply_code).label}
            )
        return contents.Standing(
            stage=str(Stage(case.stage).label),
            sentence=" ".join(sentences),
            tone=TONES.get(case.stage, "late" if case.is_late else "due"),
            clauses=tuple(self._clauses()),
            limbs=tuple(self._limbs()),
            policy=_("Policy version %(number)d: %(limbs)s")
            % {"number": case.policy.number, "limbs": Limbs(case.policy.b5_limbs).label},
            wording=wording,
            wording_by=self._wording_by(),
        )

    def _wording_by(self) -> str:
        case = self.case
        if case.wording_by is None or case.wording_at is None:
            return ""
        return _("%(name)s, %(day)s: %(reason)s") % {
            "name": case.wording_by,
            "day": day(case.wording_at),
            "reason": WordingReason(case.wording_reason).label if case.wording_reason else "",
        }

    def _clauses(self) -> Iterable[contents.Clause]:
        """One line for each clause that a finding names, and B4 in any case."""
        shown = [f for f in self.standing.findings if f.clause]
        for clause in sorted({f.clause for f in shown} | {"B4"}):
            found = [f for f in shown if f.clause == clause]
            yield contents.Clause(
                clause=clause,
                asked=self._asked() if clause == "B4" else "",
                answered=self._answered() if clause == "B4" else "",
                evidence=self._proof_sentence() if clause == "B4" else "",
                finding=" ".join(self._finding_sentence(f) for f in found),
                decided=" ".join(
                    _("%(name)s, %(day)s.") % {"name": f.judged_by, "day": day(f.judged_at)}
                    for f in found
                    if f.judged_by and f.judged_at
                ),
            )

    def _finding_sentence(self, finding: Finding) -> str:
        text = finding.text.get(self.language) or finding.text.get("en", "")
        subject = f" ({finding.subject})" if finding.subject else ""
        return (
            f"{text}{subject} {FindingState(finding.state).label}; {Level(finding.level).label}."
        )

    def _asked(self) -> str:
        if self.case.issued_at is None:
            return _("Not yet sent.")
        return _("Instructed on %(day)s.") % {"day": day(self.case.issued_at)}

    def _answered(self) -> str:
        if self.standing.submission is None:
            return _("No reply received so far.")
        if not self.standing.agrees:
            return _("Does not agree.")
        return _("Agrees.")

    def _proof_sentence(self) -> str:
        claims = self.standing.claims
        if not claims:
            is_declined = self.standing.submission is not None and not self.standing.agrees
            return _("No proof was asked for or shown.") if is_declined else ""
        held = sum(claim.is_proven for claim in claims)
        return _("Sufficient for %(held)d of %(all)d claims and steps.") % {
            "held": held,
            "all": len(claims),
        }

    def _limbs(self) -> Iterable[contents.Limb]:
        has_reply = self.standing.submission is not None
        agrees = self.standing.agrees
        # who declined was asked for no proof: that proves nothing
        proves = has_reply and self.standing.proves and (agrees or bool(self.standing.claims))
        yield contents.Limb(
            _("Agrees (B5, first limb)"),
            "met" if agrees else ("failed" if has_reply else "open"),
            "" if has_reply else _("No reply received so far."),
        )
        yield contents.Limb(
            _("Proves (B5, second limb)"),
            "met" if proves else "open",
            self._proof_sentence(),
        )

    def _people(self) -> Iterable[contents.Person]:
        case = self.case
        if not self.is_counsel:
            return
        if case.contact:
            yield common.person(case.contact, _("Contact"), case.supplier)
        if case.signatory:
            yield common.person(case.signatory, _("Signatory"), case.supplier)
        if case.reviewer:
            yield common.person(case.reviewer, _("Reviewer"), case.buyer)

    def _instructed(self) -> contents.Instructed | None:
        words = getattr(self.case, "instruction", None)
        if words is None or words.written_at > self.until:
            return None
        case = self.case
        listed = case.prohibited_list
        steps = [
            contents.Step(_("Sent"), common.moment(case.issued_at)),
            *self._deliveries(),
            contents.Step(_("Acknowledged"), common.moment(case.acknowledged_at)),
            contents.Step(_("Due"), common.moment(case.due_at)),
            contents.Step(_("Time runs out"), common.moment(case.lapse_at)),
        ]
        return contents.Instructed(
            blocks=common.blocks(words.text),
            version=f"{case.campaign.version.key} {case.campaign.version.version}",
            sha256=words.sha256,
            language=str(Language(words.language).label),
            list_version=(
                f"{listed.title}, {listed.dated_on.isoformat()}, SHA-256 {listed.sha256}"
                if listed
                else ""
            ),
            steps=tuple(step for step in steps if step.at),
        )

    def _deliveries(self) -> Iterable[contents.Step]:
        for mail in self._mails():
            if mail.purpose == "case_issued":
                yield contents.Step(
                    _("Mail"),
                    common.moment(mail.accepted_at or mail.written_at),
                    str(Delivery(mail.delivery).label),
                )

    def _arrival(self, mail: OutboxMessage) -> Delivery:
        if self.past is None:
            return Delivery(mail.delivery)
        return self.past.mails.get(str(mail.pk), Delivery.QUEUED)

    def _mails(self) -> Iterable[OutboxMessage]:
        rows = OutboxMessage.objects.filter(chain=self.case.chain, written_at__lte=self.until)
        for mail in rows.order_by("written_at", "pk"):
            if self.past is not None:
                mail.delivery = self._arrival(mail)
                if mail.accepted_at and mail.accepted_at > self.until:
                    mail.accepted_at = None
            yield mail

    def _attestations(self) -> Iterable[contents.Attestation]:
        for submission in self.submissions:
            found = common.attestation(submission)
            yield found if self.is_counsel else _without_names(found)

    def _answers(self) -> tuple[contents.AnswerSection, ...]:
        if not self.submissions:
            return ()
        before = self.submissions[-2] if len(self.submissions) > 1 else None
        return common.answer_sections(
            self.submissions[-1],
            language=self.language,
            before=before,
            counsel=self.is_counsel,
        )

    def _evidence(self) -> Iterable[contents.EvidenceItem]:
        # the buyer's own sources stand in a chapter of their own
        rows = Evidence.objects.shown().filter(chain=self.case.chain, received_at__lte=self.until)
        judged: dict[object, list[tuple[str, str]]] = {}
        for claim in self.standing.claims:
            place = self._claim(claim)
            for proof in (*claim.proofs, *claim.earlier):
                said = Grade(proof.grade).label if proof.grade else _("not graded")
                note = f"{place}: {said}" + (f" ({proof.reason})" if proof.reason else "")
                if proof in claim.earlier:
                    note = _("%(note)s, of an earlier round, not counted") % {"note": note}
                judged.setdefault(proof.evidence_id, []).append((proof.grade, note))
        for number, row in enumerate(rows.order_by("received_at", "pk"), start=1):
            if self.past is not None:
                row.state = self.past.state_of(row)
            found = judged.get(row.pk, [])
            grades = sorted({grade for grade, _note in found if grade})
            yield common.evidence_item(
                number,
                row,
                grade=grades[0] if grades else "",
                reason="; ".join(note for _grade, note in found),
            )

    def _claim(self, claim: queries.ClaimState) -> str:
        if self.standing.submission is None:
            return claim.claim
        return queries.claim_label(
            self.standing.submission, claim.claim, claim.step, self.language
        )

    def _claims(self) -> dict[tuple[str, str], str]:
        return {(one.claim, one.step): self._claim(one) for one in self.standing.claims}

    def _threads(self) -> Iterable[contents.Thread]:
        if self.case.response is None:
            return
        labels = queries.labels_of(self.submissions[-1], self.language) if self.submissions else {}
        corrections = Correction.objects.filter(
            submission__response=self.case.response, at__lte=self.until
        )
        for one in corrections.select_related("by").order_by("at", "path"):
            yield contents.Thread(
                subject=labels.get(one.path, _("An answer")),
                messages=(contents.Message(common.moment(one.at), str(one.by), one.reason),),
                state=_("answered")
                if one.answered_at and one.answered_at <= self.until
                else _("open"),
            )
        audiences = [CommentAudience.BOTH, CommentAudience.BUYER]
        if self.is_counsel:
            audiences.append(CommentAudience.COUNSEL)
        messages = tuple(
            contents.Message(common.moment(one.at), self._writer(one), one.text)
            for one in Comment.objects.filter(
                response__chain=self.case.chain_id,
                audience__in=audiences,
                at__lte=self.until,
            )
            .select_related("by")
            .order_by("at", "pk")
        )
        if messages:
            yield contents.Thread(subject=_("Messages"), messages=messages)

    def _writer(self, comment: Comment) -> str:
        from_supplier = comment.by_id in {self.case.contact_id, self.case.signatory_id}
        if from_supplier and not self.is_counsel:
            return _("Supplier")
        return str(comment.by)

    def _contacts(self) -> Iterable[contents.Contact]:
        for mail in self._mails():
            yield contents.Contact(
                at=common.moment(mail.accepted_at or mail.written_at),
                what=mail.subject,
                to=mail.to if self.is_counsel else "",
                result=_("came back: %(said)s") % {"said": mail.bounce.said}
                if hasattr(mail, "bounce")
                else str(Delivery(mail.delivery).label),
            )
        logs = ContactLog.objects.filter(case=self.case, logged_at__lte=self.until)
        for log in logs.order_by("at", "pk"):
            yield contents.Contact(
                at=common.moment(log.at),
                what=str(Channel(log.channel).label),
                to="",
                result=(_("reached") if log.is_reached else _("not reached")) + f": {log.note}",
            )

    def _decisions(self) -> Iterable[contents.Decision]:
        rows = Decision.objects.filter(case=self.case, at__lte=self.until)
        for one in rows.select_related("by", "to_whom", "consent").order_by("at"):
            consent = getattr(one, "consent", None)
            what = common.what(one.verb, is_agreement=consent is not None)
            if one.to_whom:
                what = _("%(what)s, to %(name)s") % {"what": what, "name": one.to_whom}
            if self.past.is_stale(one) if self.past else one.is_stale:
                what = _("%(what)s (no longer stands)") % {"what": what}
            yield contents.Decision(
                at=common.moment(one.at),
                what=what,
                by=str(one.by),
                role=str(ExitRole(consent.role).label) if consent else "",
                reason=one.reason,
                counsel_note=one.counsel_text if self.is_counsel else "",
            )

    def _chart(self) -> contents.Picture:
        flow = chart.flow_of(self.case.stage)
        return contents.Picture(
            svg=chart.draw(flow, current=str(self.case.stage).lower()),
            alt=". ".join(chart.described(flow)),
        )

    def _events(self) -> Iterable[contents.Event]:
        until = self.past.cut if self.past else None
        for line in timeline.of(self.case, counsel=self.is_counsel, until=until, every=True):
            # the working edition names no respondent
            hide = line.is_suppliers and not self.is_counsel
            who = _("The supplier") if hide else line.who
            words = "" if hide or not line.words else f" “{' / '.join(line.words)}”"
            yield contents.Event(
                line.seq, common.moment(line.at), f"{who}: {line.sentence}{words}", line.hash
            )


def _without_names(found: contents.Attestation) -> contents.Attestation:
    signatory = replace(found.signatory, name="", title="", authority="")
    return replace(found, signatory=signatory)
