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
from workflows import engine, outcome, plans, queries, rules, tables, timeline
from workflows.enums import Limbs, MilestoneState, ReplyCode, Stage, Trading
from workflows.models import Case, Finding, Plan, Proof
from workflows.views import acts, clocks, exit_section, following, offers
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
STEP_COLOURS: Mapping[str, str] = {
    MilestoneState.OPEN: "amber",
    MilestoneState.REPORTED: "harbour",
    MilestoneState.ACCEPTED: "green",
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
    is_counsel = user.works_on(found, Role.COUNSEL)
    standing = queries.standing(found)
    said = queries.said_in(found, user, standing)
    queries.hear(standing.findings)
    remedy = queries.remedy(found)
    parts = queries.answer_parts(
        standing, said.comments, language=answers.language(), counsel=is_counsel
    )
    follows = following.following(found)
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
            offered=_with_newer(
                user, found, following.offered(user, found, standing, remedy, follows)
            ),
            follows=follows,
            duties=following.shown(user, follows.duties),
            task=engine.open_task(found),
            standing=standing,
            proposal=standing.proposes,
            limbs_policy=Limbs(found.policy.b5_limbs).label,
            reply=ReplyCode(found.reply_code).label if found.reply_code else "",
            obstacles=list(_obstacles(found, standing)),
            findings=[
                _finding(user, found, one, language) for one in acts.by_weight(standing.findings)
            ],
            sources=list(queries.sources_of(found)),
            may_record=bool(rules.may_record_source(user, found)),
            may_raise=bool(rules.may_raise(user, found)),
            remedy=remedy,
            planned=_plan(user, found, remedy),
            past_plans=[_past_plan(plan) for plan in queries.past_plans(found)],
            past_suspensions=list(queries.past_suspensions(found)),
            ground=[one.text.get(language) or one.text.get("en", "") for one in standing.ground],
            claims=[_claim(user, found, standing, claim, language) for claim in standing.claims],
            other_proofs=[_proof(user, found, one) for one in said.other_proofs],
            files=[_file(user, found, one) for one in said.files],
            parts=parts,
            may_ask=bool(rules.may_query(user, found)) and standing.submission is not None,
            said=said,
            letters=queries.letters_of(found),
            mails=[_mail(one) for one in said.mails],
            rungs=clocks.rungs_shown(found),
            events=lines[::-1],
            has_older=since > 0,
            exit=exit_section.section(user, found),
            way=timeline.way(found),
            is_counsel=is_counsel,
            may_read_files=user.works_on(found, *file_rules.READERS),
            links=[
                offers.Act(_("Dossier"), url)
                for url in (offers.url_of("workflows:case_dossier", found),)
                if url and user.works_on(found, *file_rules.READERS)
            ],
        ),
    )


def _with_newer(user: User, found: Case, offered: acts.Offered) -> acts.Offered:
    """Add the newer questionnaire where there is one; one query for that."""
    if found.response and rules.may_offer_version(user, found) and answers.newest(found.response):
        act = offers.Act(
            _("Ask for the newer questionnaire"), offers.url_of("workflows:case_version", found)
        )
        offered.records.append(act)
    return offered


def _obstacles(found: Case, standing: queries.Standing) -> Iterable[dict[str, str]]:
    """What stands in the way of clearing, each with where it is solved."""
    if found.stage in queries.ENDED or found.stage == Stage.WINDING_DOWN:
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
    yield from _more_obstacles(standing)


def _more_obstacles(standing: queries.Standing) -> Iterable[dict[str, str]]:
    said = (
        (
            standing.is_held,
            _("Counsel has not yet closed a note that limits the reply."),
            "#findings",
        ),
        (
            "B5_AGREEMENT" in standing.held_limbs,
            _("What the reply asks of us is not settled yet."),
            "#duties",
        ),
        (standing.agreement_failed_by_code, _("The reply was read as declined."), "#now"),
        (
            standing.is_presumed,
            _("The presumption of clause B stands until an approver lifts it."),
            "#findings",
        ),
    )
    yield from ({"text": text, "url": url} for stands, text, url in said if stands)


def _plan(user: User, found: Case, remedy: queries.Remedy) -> dict[str, Any]:
    """What the section on the plan shows besides the plan itself."""
    return {
        "steps": [
            {
                "one": one,
                "colour": STEP_COLOURS.get(one.state, ""),
                "may_judge": one.state == MilestoneState.REPORTED
                and bool(rules.may_judge_milestone(user, found)),
            }
            for one in remedy.milestones
        ],
        "may_draft": bool(rules.may_draft_plan(user, found)),
        "may_close": remedy.version is not None and bool(rules.may_close_plan(user, found)),
        "trading": Trading(remedy.content.trading).label if remedy.content else "",
    }


def _past_plan(plan: Plan) -> dict[str, Any]:
    agreed = plan.agreed
    return {"plan": plan, "content": plans.restored(agreed.content) if agreed else None}


def _finding(user: User, found: Case, finding: Finding, language: str) -> dict[str, Any]:
    verdict = rules.may_judge_finding(user, found, finding.level)
    return {
        "finding": finding,
        "text": finding.text.get(language) or finding.text.get("en", ""),
        "colour": FINDING_COLOURS.get(finding.state, ""),
        "act": offers.finding_act(finding) if verdict else None,
        "may_ask": finding.is_outside
        and finding.state in outcome.UNRESOLVED
        and all(one.replied_at is not None for one in finding.inquiries.all())
        and bool(rules.may_ask_supplier(user, found)),
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
        "earlier": [_proof(user, found, one) for one in claim.earlier],
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
        "act": acts.proof_act(proof) if rules.may_grade_proof(user, found) else None,
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
    came_back = hasattr(mail, "bounce")
    return {
        "mail": mail,
        "state": _("Came back") if came_back else Delivery(mail.delivery).label,
        "colour": "red" if came_back else MAIL_COLOURS.get(mail.delivery, ""),
        "said": mail.bounce.said if came_back else "",
        "at": mail.accepted_at or mail.written_at,
    }


@open_to(*DESK)
@require_GET
def case_answers(request: SignedInRequest, case_id: UUID, section: str) -> HttpResponse:
    """One section in full, where the page of the case shows its first rows only."""
    found = case_for(request, case_id)
    user = request.user
    is_counsel = user.works_on(found, Role.COUNSEL)
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
        "may_read_files": user.works_on(found, *file_rules.READERS),
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
    is_counsel = request.user.works_on(found, Role.COUNSEL)
    lines = timeline.of(found, counsel=is_counsel, since=since, until=until)
    more = {
        "events": lines[::-1],
        "newer_url": f"?until={until + EVENTS_A_PAGE}" if until < length else "",
        "older_url": f"?until={since}" if since else "",
    }
    return render(request, "workflows/desk/timeline.html", page(found, **more))
