"""Who may do what to a case, and when: pure answers with a sentence.

One rule for each verb of the transition table; button, page, action and engine all ask it.
"""

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import BUYER_ROLES, Role, Wording
from portal.models import User
from workflows.enums import ExitTrack, Level, PolicyState, ReplyCode, Stage, Verb
from workflows.models import Case, Policy
from workflows.models.case import WITH_SUPPLIER
from workflows.transitions import doers, sources

SUPPLIER_SIDE = frozenset({Role.CONTACT, Role.SIGNATORY})
DESK = frozenset({Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL})
NOT_OPEN = frozenset({Stage.DRAFT, Stage.CLEARED, Stage.WITHDRAWN})


def is_party(user: User, case: Case, verb: Verb) -> bool:
    """Tell whether the person holds one of the verb's roles at the right party."""
    roles = set(doers(verb))
    return user.holds_any(roles & SUPPLIER_SIDE, case.supplier_id) or user.works_on(
        case, *(roles - SUPPLIER_SIDE)
    )


def in_stage(case: Case, verb: Verb) -> Verdict:
    return ALLOWED if case.stage in sources(verb) else _not_in(case, verb)


def _not_in(case: Case, verb: Verb | None = None) -> Verdict:
    is_suppliers = verb is not None and bool(SUPPLIER_SIDE & doers(verb))
    stage = shown_stage(case) if is_suppliers else Stage(case.stage)
    return untimely(
        _("This case is now “%(stage)s”, so this step is not open.") % {"stage": stage.label}
    )


def shown_stage(case: Case) -> Stage:
    """Return the stage as its supplier may know it: no immediate exit before its notice."""
    if case.stage == Stage.EXIT_APPROVAL and case.exit_track == ExitTrack.IMMEDIATE:
        return Stage.REVIEW
    return Stage(case.stage)


def may_issue(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.ISSUE):
        return refused(_("Only a campaign manager of the buyer may send this."))
    return in_stage(case, Verb.ISSUE)


def may_acknowledge(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.ACKNOWLEDGE):
        return refused(_("Only the company that was asked may acknowledge."))
    return in_stage(case, Verb.ACKNOWLEDGE)


def may_acknowledge_late(user: User, case: Case) -> Verdict:
    """Nobody opened it before time ran out: the form opens all the same."""
    if not is_party(user, case, Verb.ACKNOWLEDGE):
        return refused(_("Only the company that was asked may acknowledge."))
    if not may_still_answer(case):
        return untimely(_("There is nothing to acknowledge at the moment."))
    return ALLOWED


def may_answer(user: User, case: Case) -> Verdict:
    """The form stays open while the case is with the supplier, and after time ran out."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may answer."))
    if case.stage in {Stage.ANSWERING, Stage.QUERIED} or may_still_answer(case):
        return ALLOWED
    return untimely(_("There is nothing to answer at the moment."))


def may_still_answer(case: Case) -> bool:
    """Whether the form is open in review: time ran out, or a finding was raised meanwhile.

    In both cases nothing was submitted since. While an exit is not approved it is open in any
    case, and a late answer takes the proposal back to review.
    """
    if case.stage in {Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL}:
        return True
    return _is_left_open(case)


def _is_left_open(case: Case) -> bool:
    is_open = case.lapsed_at is not None or case.left_open_at is not None
    return case.stage == Stage.REVIEW and is_open


def _may_sign(user: User, case: Case) -> Verdict:
    if not user.holds(Role.SIGNATORY, case.supplier_id):
        return refused(_("Only the signatory named by the company may sign."))
    return ALLOWED


def may_submit(user: User, case: Case) -> Verdict:
    return _may_sign(user, case) and in_stage(case, Verb.SUBMIT)


def may_submit_late(user: User, case: Case) -> Verdict:
    verdict = _may_sign(user, case)
    if verdict and not may_still_answer(case):
        return untimely(_("The answers of this case were already submitted."))
    return verdict


def may_decline(user: User, case: Case) -> Verdict:
    return _may_sign(user, case) and in_stage(case, Verb.DECLINE)


def may_lapse(_user: User, _case: Case) -> Verdict:
    return refused(_("Time alone does this."))


def may_prepare_decline(user: User, case: Case) -> Verdict:
    """Anyone who answers for the supplier may prepare it; the signatory alone signs it."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may decline."))
    return in_stage(case, Verb.DECLINE)


def may_refer(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.REFER):
        return refused(_("Only the supplier, an analyst or an approver may refer this."))
    verdict = in_stage(case, Verb.REFER)
    if not verdict and is_buyers(user, case):
        return _not_in(case)
    return verdict


def may_advise(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.ADVISE):
        return refused(_("Only the buyer's counsel may give advice here."))
    return in_stage(case, Verb.ADVISE)


def may_query(user: User, case: Case) -> Verdict:
    return _may_analyse(user, case) and in_stage(case, Verb.QUERY)


def may_recommend(user: User, case: Case) -> Verdict:
    return _may_analyse(user, case) and in_stage(case, Verb.RECOMMEND)


def may_escalate(user: User, case: Case) -> Verdict:
    return _may_analyse(user, case) and in_stage(case, Verb.ESCALATE)


def _may_analyse(user: User, case: Case) -> Verdict:
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may do this."))
    return ALLOWED


def may_judge(user: User, case: Case) -> Verdict:
    """Confirm or dismiss findings, grade proof, set the reply code: an analyst, in review."""
    verdict = _may_analyse(user, case)
    if verdict and case.stage != Stage.REVIEW:
        return untimely(_("Findings and proof are judged while the case is in review."))
    return verdict


def may_log(user: User, case: Case) -> Verdict:
    """Log a call or letter, or proof that came by mail or post: an analyst, once it was sent."""
    verdict = _may_analyse(user, case)
    if verdict and case.stage in NOT_OPEN:
        return untimely(_("There is nothing to log: this case is not open."))
    return verdict


def may_clear(user: User, case: Case) -> Verdict:
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may clear this case."))
    if user.pk == case.proposed_by_id:
        return refused(_("You recommended this, so a colleague must decide it."))
    verdict = in_stage(case, Verb.CLEAR)
    if verdict and case.proposed_by_id is None:
        return untimely(_("No analyst recommends clearing this case as it stands now."))
    return verdict


def may_withdraw(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.WITHDRAW):
        return refused(_("Only a campaign manager of the buyer may withdraw this."))
    return in_stage(case, Verb.WITHDRAW)


def may_take(user: User, case: Case) -> Verdict:
    verdict = _may_analyse(user, case)
    return _not_in(case) if verdict and case.stage in NOT_OPEN else verdict


def may_change_contact(user: User, case: Case) -> Verdict:
    if not user.holds_any({Role.CAMPAIGN_MANAGER, Role.ANALYST}, case.buyer_id):
        return refused(_("Only a campaign manager or an analyst may change whom we write to."))
    if case.stage not in WITH_SUPPLIER or case.issued_at is None:
        return untimely(_("This case is not with the supplier at the moment."))
    return ALLOWED


def may_offer_version(user: User, case: Case) -> Verdict:
    """Ask for a newer questionnaire: before anything was signed, also after time ran out.

    Not while an exit is decided: who replies to it needs no other questions.
    """
    if not user.holds_any({Role.CAMPAIGN_MANAGER, Role.ANALYST}, case.buyer_id):
        return refused(_("Only a campaign manager or an analyst may ask for another version."))
    if case.stage in {Stage.INSTRUCTED, Stage.ANSWERING} or _is_left_open(case):
        return ALLOWED
    return untimely(_("The supplier is not answering at the moment."))


def may_change_version(user: User, case: Case) -> Verdict:
    """The supplier's own people carry their answers over, while they may change them."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may answer."))
    if case.stage == Stage.ANSWERING or _is_left_open(case):
        return ALLOWED
    return untimely(_("There is nothing to answer at the moment."))


def may_write_message(user: User, case: Case) -> Verdict:
    """Supplier's contact and signatory, and the buyer's analyst, write to each other."""
    serves = any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE)
    if not serves and not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only the supplier and the buyer's analyst write here."))
    if case.response_id is None or case.stage == Stage.WITHDRAWN:
        return untimely(_("This case is not open, so no message can be sent."))
    return ALLOWED


def may_judge_finding(user: User, case: Case, level: str) -> Verdict:
    """What law or safety limits is counsel's to close; the rest is the analyst's, in review."""
    if level != Level.COUNSEL:
        return may_judge(user, case)
    if not user.works_on(case, Role.COUNSEL):
        return refused(_("Only counsel may close a note that limits the reply."))
    if case.stage not in {Stage.REVIEW, Stage.WITH_COUNSEL}:
        return untimely(_("Findings are judged while the case is in review or with counsel."))
    return ALLOWED


def may_set_reply_code(user: User, case: Case) -> Verdict:
    """The analyst's; a constraint that was claimed is lifted by counsel alone.

    While the case is with the supplier only that our mail does not arrive can be said.
    """
    if case.is_with_supplier and case.stall:
        return _may_analyse(user, case)
    if case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED:
        if not user.works_on(case, Role.COUNSEL):
            return refused(_("Only counsel may close a claimed legal constraint."))
        return _not_in(case) if case.stage in NOT_OPEN else ALLOWED
    return may_judge(user, case)


def nothing_open(obstacles: list[str]) -> Verdict:
    """Refuse clearing while anything is open (README point 32); says what."""
    if not obstacles:
        return ALLOWED
    return untimely(_("This cannot be cleared yet.") + " " + " ".join(obstacles))


def is_ready(case: Case) -> Verdict:
    """What `issue` needs: a recorded wording, a contact, a list under the explicit wording."""
    missing = missing_for_issue(case)
    return untimely(" ".join(missing)) if missing else ALLOWED


def missing_for_issue(case: Case) -> list[str]:
    found = []
    if not case.wording or case.wording_by_id is None:
        found.append(_("Counsel has not recorded the wording."))
    if not case.supplier.contact_email:
        found.append(_("No contact address is known."))
    if case.wording == Wording.EXPLICIT and case.campaign.prohibited_list_id is None:
        found.append(_("The list of prohibited companies is missing."))
    return found


def may_choose_wording(user: User, case: Case) -> Verdict:
    if not user.holds(Role.COUNSEL, case.buyer_id):
        return refused(_("Only the buyer's counsel may choose the wording."))
    if case.stage != Stage.DRAFT:
        return untimely(_("This was already sent in the wording recorded for it."))
    return ALLOWED


def may_prepare(user: User, buyer_id: object) -> Verdict:
    """Prepare and launch campaigns, import suppliers."""
    if not user.holds(Role.CAMPAIGN_MANAGER, buyer_id):  # type: ignore[arg-type]
        return refused(_("Only a campaign manager of the buyer may do this."))
    return ALLOWED


def may_upload_list(user: User, buyer_id: object) -> Verdict:
    if not user.holds_any({Role.COUNSEL, Role.ADMINISTRATOR}, buyer_id):  # type: ignore[arg-type]
        return refused(_("Only counsel or an administrator may upload this list."))
    return ALLOWED


def may_name_signatory(user: User, case: Case) -> Verdict:
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may name its signatory."))
    if case.stage in {Stage.CLEARED, Stage.WITHDRAWN}:
        return untimely(_("Nothing is to be signed: this request is not open."))
    return ALLOWED


def may_take_copy(user: User, case: Case) -> Verdict:
    """The supplier's own copies: its instruction and its receipts, whatever the stage."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may ask for this document."))
    return ALLOWED


def may_read_letters(user: User, case: Case) -> Verdict:
    """The letters of a case belong to both sides: contact and signatory, and the buyer's desk."""
    if not (user.holds_any(SUPPLIER_SIDE, case.supplier_id) or user.works_on(case, *DESK)):
        return refused(
            _("Only the company written to, and those who work on its case, read this.")
        )
    return ALLOWED


def may_open_list(user: User, case: Case) -> Verdict:
    """The list goes with the explicit wording alone: it names the law."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may open this here."))
    if case.wording != Wording.EXPLICIT or case.prohibited_list_id is None:
        return untimely(_("No list belongs to this request."))
    return ALLOWED


def may_download_dossier(user: User, case: Case, *, counsel: bool) -> Verdict:
    """The counsel edition is counsel's; the working edition also the analyst's and approver's."""
    roles = {Role.COUNSEL} if counsel else {Role.COUNSEL, Role.ANALYST, Role.APPROVER}
    if not user.works_on(case, *roles):
        return refused(_("Only the buyer's counsel may download this edition."))
    return ALLOWED


def is_buyers(user: User, case: Case) -> bool:
    return user.holds_any(BUYER_ROLES, case.buyer_id)


def may_change_policy(user: User, buyer_id: object) -> Verdict:
    """Make a new version: days and reminders; a switch of B5's limbs asks for more."""
    if not user.holds_any({Role.APPROVER, Role.ADMINISTRATOR}, buyer_id):  # type: ignore[arg-type]
        return refused(_("Only an approver or an administrator may change the policy."))
    return ALLOWED


def may_switch_limbs(user: User, buyer_id: object) -> Verdict:
    """An approver proposes, counsel concurs (domain note, sections 7 and 13)."""
    if not user.holds(Role.APPROVER, buyer_id):  # type: ignore[arg-type]
        return refused(_("Only an approver may propose how clause B5 is read."))
    return ALLOWED


def may_settle_policy(user: User, policy: Policy) -> Verdict:
    """Concur or object: counsel, another person than the one who proposed."""
    if not user.holds(Role.COUNSEL, policy.buyer_id):
        return refused(_("Only the buyer's counsel may concur here."))
    if user.pk == policy.created_by_id:
        return refused(_("You proposed this, so other counsel must concur."))
    return _is_proposed(policy)


def may_withdraw_policy(user: User, policy: Policy) -> Verdict:
    if not user.holds(Role.APPROVER, policy.buyer_id):
        return refused(_("Only an approver may take this proposal back."))
    return _is_proposed(policy)


def _is_proposed(policy: Policy) -> Verdict:
    if policy.state != PolicyState.PROPOSED:
        return untimely(_("This version no longer waits for counsel."))
    return ALLOWED


def may_use_policy(policy: Policy, buyer_id: object) -> Verdict:
    """A campaign uses a version of its own buyer that is in force, the newest or an older one."""
    if policy.buyer_id != buyer_id:
        return refused(_("This policy is not your company's."))
    if policy.state != PolicyState.IN_FORCE:
        return untimely(_("This version of the policy is not in force."))
    return ALLOWED
