"""One case: what the engine proposes and why, what stands against it, and who acts next."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from documents import rules as file_rules
from documents.enums import EvidenceKind, EvidenceState, Grade, Scan
from documents.models import Evidence
from portal import clock
from portal.access import open_to
from portal.enums import Delivery, Role, Wording
from portal.http import SignedInRequest
from portal.models import OutboxMessage, User
from questionnaires import queries as answers
from workflows import engine, queries, rules, tables, timeline
from workflows.enums import Limbs, Outcome, ReplyCode, Trading
from workflows.models import Case, Finding, Proof
from workflows.views import acts
from workflows.views.found import DESK, case_for, page

EVENTS = 30
EVENTS_A_PAGE = 200
GRADE_COLOURS: Mapping[str, str] = {Grade.A: "green", Grade.B: "harbour"}
STATE_COLOURS: Mapping[str, str] = {
    EvidenceState.RELEASED: "green",
    EvidenceState.HELD: "violet",
    EvidenceState.REFUSED: "red",
}
FINDING_COLOURS: Mapping[str, str] = {
    "OPEN": "amber",
    "ANSWERED": "amber",
    "CONFIRMED": "red",
    "REMEDIED": "green",
}
MAIL_COLOURS: Mapping[str, str] = {
    Delivery.REFUSED: "red",
    Delivery.UNKNOWN: "amber",
    Delivery.QUEUED: "amber",
}


@open_to(*DESK)
@require_GET
def case(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    found = case_for(request, case_id)
    user = request.user
    is_counsel = user.holds(Role.COUNSEL, found.buyer_id)
    standing = queries.standing(found)
    said = queries.said_in(found, user, standing)
    parts = queries.answer_parts(
        standing, said.comments, language=answers.language(), counsel=is_counsel
    )
    since = max(found.chain.length - EVENTS, 0)
    lines = timeline.of(found, counsel=is_counsel, since=since)
    language = answers.language()
    return render(
        request,
        "workflows/desk/case.html",
        page(
            found,
            colour=tables.COLOURS.get(found.stage, ""),
            trading=Trading(found.trading).label,
            wording=Wording(found.wording).label if found.wording else "",
            waiting=queries.waiting_for(found),
            is_overdue=queries.is_overdue(found, clock.now()),
            offered=acts.offered(user, found, standing),
            task=engine.open_task(found),
            standing=standing,
            proposal=Outcome(standing.outcome).label,
            limbs_policy=Limbs(found.policy.b5_limbs).label,
            reply=ReplyCode(found.reply_code).label if found.reply_code else "",
            obstacles=list(_obstacles(found, standing)),
            findings=[
                _finding(user, found, one, language) for one in acts.by_weight(standing.findings)
            ],
            ground=[one.text.get(language) or one.text.get("en", "") for one in standing.ground],
            claims=[_claim(user, found, standing, claim, language) for claim in standing.claims],
            other_proofs=[_proof(user, found, one) for one in said.other_proofs],
            files=[_file(user, found, one) for one in said.files],
            parts=parts,
            may_ask=bool(rules.may_query(user, found)) and standing.submission is not None,
            said=said,
            mails=[_mail(one) for one in said.mails],
            events=lines[::-1],
            has_older=since > 0,
            way=timeline.way(found),
            is_counsel=is_counsel,
            may_read_files=user.holds_any(file_rules.READERS, found.buyer_id),
            links=[
                acts.Act(_("Dossier"), url)
                for url in (acts.url_of("workflows:case_dossier", found),)
                if url and user.holds_any(file_rules.READERS, found.buyer_id)
            ],
        ),
    )


def _obstacles(found: Case, standing: queries.Standing) -> Iterable[dict[str, str]]:
    """What stands in the way of clearing, each with where it is solved."""
    if found.stage in queries.ENDED:
        return
    if standing.submission is None:
        yield {"text": _("Nothing was submitted yet."), "url": "#answers"}
    if number := len(standing.blocking):
        text = ngettext(
            "%(number)d finding is neither dismissed nor remedied.",
            "%(number)d findings are neither dismissed nor remedied.",
            number,
        )
        yield {"text": text % {"number": number}, "url": "#findings"}
    if number := len(standing.unproven):
        text = ngettext(
            "%(number)d claim has no sufficient proof.",
            "%(number)d claims have no sufficient proof.",
            number,
        )
        yield {"text": text % {"number": number}, "url": "#proof"}
    if standing.is_held:
        yield {
            "text": _("Counsel has not yet closed a note that limits the reply."),
            "url": "#findings",
        }


def _finding(user: User, found: Case, finding: Finding, language: str) -> dict[str, Any]:
    verdict = rules.may_judge_finding(user, found, finding.level)
    return {
        "finding": finding,
        "text": finding.text.get(language) or finding.text.get("en", ""),
        "colour": FINDING_COLOURS.get(finding.state, ""),
        "act": acts.finding_act(finding) if verdict else None,
        "why_not": verdict.sentence
        if not verdict and finding.state in acts.UNJUDGED and verdict.late
        else "",
    }


def _claim(
    user: User, found: Case, standing: queries.Standing, claim: queries.ClaimState, language: str
) -> dict[str, Any]:
    label = claim.claim
    if standing.submission is not None:
        label = queries.claim_label(standing.submission, claim.claim, claim.step, language)
    return {
        "label": label,
        "claim": claim,
        "rule": _rule(claim),
        "proofs": [_proof(user, found, one) for one in claim.proofs],
    }


def _rule(claim: queries.ClaimState) -> str:
    """Say in words what the B4 rule finds for one claim."""
    counted = [one for one in claim.proofs if one.counts]
    firsts = sum(one.grade == Grade.A for one in counted)
    seconds = sum(one.grade == Grade.B for one in counted)
    if claim.is_proven:
        if firsts:
            return _("Sufficient: an official or third-party record.")
        return _("Sufficient: two independent records of ordinary business.")
    if not claim.proofs:
        return _("Not sufficient: no document was given.")
    if any(not one.grade for one in counted):
        return _("Not yet sufficient: some documents are not graded.")
    if seconds:
        return _(
            "Not sufficient: records of ordinary business, but not two from different issuers"
            " that count."
        )
    return _("Not sufficient: nothing that counts above a declaration.")


def _proof(user: User, found: Case, proof: Proof) -> dict[str, Any]:
    return _file(user, found, proof.evidence) | {
        "proof": proof,
        "grade": Grade(proof.grade).label if proof.grade else "",
        "grade_colour": GRADE_COLOURS.get(proof.grade, ""),
        "act": acts.proof_act(proof) if rules.may_judge(user, found) else None,
    }


def _file(user: User, found: Case, evidence: Evidence) -> dict[str, Any]:
    decide = file_rules.may_decide_on(user, evidence)
    return {
        "file": evidence,
        "kind": EvidenceKind(evidence.kind).label,
        "proposed": Grade(evidence.proposed_grade).label,
        "state": EvidenceState(evidence.state).label,
        "state_colour": STATE_COLOURS.get(evidence.state, ""),
        "is_unscanned": evidence.scan == Scan.NOT_SCANNED,
        "may_open": bool(file_rules.may_download(user, evidence)),
        "decide": acts.file_act(found, evidence) if decide else None,
        "why_held": evidence.get_problem_display() if evidence.problem else "",
    }


def _mail(mail: OutboxMessage) -> dict[str, Any]:
    return {
        "mail": mail,
        "state": Delivery(mail.delivery).label,
        "colour": MAIL_COLOURS.get(mail.delivery, ""),
        "at": mail.accepted_at or mail.written_at,
    }


@open_to(*DESK)
@require_GET
def case_answers(request: SignedInRequest, case_id: UUID, section: str) -> HttpResponse:
    """One section in full, where the page of the case shows its first rows only."""
    found = case_for(request, case_id)
    user = request.user
    is_counsel = user.holds(Role.COUNSEL, found.buyer_id)
    standing = queries.standing(found)
    comments = answers.comments_for(user, found.response) if found.response else []
    parts = queries.answer_parts(
        standing, comments, language=answers.language(), counsel=is_counsel
    )
    part = next((one for one in parts if one.key == section), None)
    if part is None:
        raise Http404
    more = {
        "part": part,
        "may_ask": bool(rules.may_query(user, found)),
        "may_read_files": user.holds_any(file_rules.READERS, found.buyer_id),
    }
    return render(request, "workflows/desk/answers.html", page(found, **more))


@open_to(*DESK)
@require_GET
def case_timeline(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """All events, newest first, in parts of two hundred."""
    found = case_for(request, case_id)
    asked = request.GET.get("until", "")
    length = found.chain.length
    until = min(int(asked), length) if asked.isascii() and asked.isdigit() else length
    since = max(until - EVENTS_A_PAGE, 0)
    is_counsel = request.user.holds(Role.COUNSEL, found.buyer_id)
    lines = timeline.of(found, counsel=is_counsel, since=since, until=until)
    more = {
        "events": lines[::-1],
        "newer_url": f"?until={until + EVENTS_A_PAGE}" if until < length else "",
        "older_url": f"?until={since}" if since else "",
    }
    return render(request, "workflows/desk/timeline.html", page(found, **more))
