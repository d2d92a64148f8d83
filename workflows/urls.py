from django.urls import path

from questionnaires.enums import SubmissionKind
from workflows.views import (
    campaigns,
    case,
    clocks,
    counsel,
    desk,
    duties,
    ending,
    exit_decision,
    exit_plan,
    handing_over,
    judging,
    leaving,
    letters,
    outside,
    plans,
    policies,
    records,
    replies,
    review,
    sources,
    supplier,
    supplier_exit,
    supplier_inquiry,
    supplier_plan,
    supplier_replies,
    supplier_signing,
    suppliers,
    suspension,
    version,
)

app_name = "workflows"


CASE = "requests/<uuid:case_id>/"
ANSWERS = "answers/<uuid:response_id>/"
DECLINING = {"kind": SubmissionKind.DECLINE.value}
CSV, XLSX = {"kind": "csv"}, {"kind": "xlsx"}

SUPPLIER = [
    path("requests/", supplier.requests, name="requests"),
    path(CASE, supplier.hub, name="request"),
    path(f"{CASE}acknowledge/", supplier.acknowledge, name="request_acknowledge"),
    path(f"{CASE}genuine/", supplier.genuine, name="request_genuine"),
    path(f"{CASE}wrong-person/", supplier.wrong_person, name="request_wrong_person"),
    path(f"{CASE}hand-over/", handing_over.hand_over, name="request_hand_over"),
    path(f"{CASE}signatory/", supplier.signatory, name="request_signatory"),
    path(f"{CASE}refer/", supplier.refer, name="request_refer"),
    path(f"{CASE}messages/", supplier.message, name="request_message"),
    path(f"{CASE}help/", supplier_replies.help_, name="request_help"),
    path(f"{CASE}conditions/", supplier_replies.conditions, name="request_conditions"),
    path(f"{CASE}terms/", supplier_replies.terms, name="request_terms"),
    path(f"{CASE}reasons/", supplier_replies.reasons, name="request_reasons"),
    path(f"{CASE}more-time/", clocks.supplier_more_time, name="request_more_time"),
    path(f"{CASE}decline/", supplier.decline, name="request_decline"),
    path(f"{CASE}reply/", supplier_exit.reply, name="request_reply"),
    path(f"{CASE}instruction/", letters.instruction, name="request_instruction"),
    path(f"{CASE}letters/<str:sha256>/", letters.letter, name="request_letter"),
    path(f"{CASE}letters/<str:sha256>/text/", letters.text, name="request_letter_text"),
    path(f"{CASE}companies/", supplier.companies, name="request_companies"),
    path(f"{CASE}plan/", supplier_plan.plan, name="request_plan"),
    path(f"{CASE}plan/accept/", supplier_plan.accept, name="request_plan_accept"),
    path(f"{CASE}plan/accept/code/", supplier_plan.code, name="request_plan_code"),
    path(f"{CASE}plan/report/", supplier_plan.report, name="request_plan_report"),
    path(f"{CASE}plan/steps/<uuid:milestone_id>/", supplier_plan.step, name="request_plan_step"),
    path(f"{CASE}questions/<uuid:inquiry_id>/", supplier_inquiry.inquiry, name="request_question"),
    path(
        f"{CASE}questions/<uuid:inquiry_id>/file/",
        supplier_inquiry.inquiry_file,
        name="request_question_file",
    ),
    path(f"{CASE}receipt/", supplier_signing.receipt, name="request_receipt"),
    path(f"{CASE}receipt/<int:number>/", supplier_signing.receipt, name="request_receipt_of"),
    path(f"{ANSWERS}newer/", version.newer, name="request_newer"),
    path(f"{ANSWERS}sign/", supplier_signing.sign, name="request_sign"),
    path(f"{ANSWERS}sign/code/", supplier_signing.code, name="request_sign_code"),
    path(f"{ANSWERS}decline/", supplier_signing.sign, DECLINING, name="request_decline_sign"),
    path(f"{ANSWERS}decline/code/", supplier_signing.code, DECLINING, name="request_decline_code"),
]
ONE = "cases/<uuid:case_id>/"
DESK = [
    path("desk/", desk.desk, name="desk"),
    path(ONE, case.case, name="case"),
    path(f"{ONE}answers/<slug:section>/", case.case_answers, name="case_answers"),
    path(f"{ONE}timeline/", case.case_timeline, name="case_timeline"),
    path(f"{ONE}take/", review.take, name="case_take"),
    path(f"{ONE}query/", review.query, name="case_query"),
    path(f"{ONE}recommend/", review.recommend, name="case_recommend"),
    path(f"{ONE}clear/", review.clear, name="case_clear"),
    path(f"{ONE}escalate/", review.escalate, name="case_escalate"),
    path(f"{ONE}refer/", review.refer, name="case_refer"),
    path(f"{ONE}withdraw/", review.withdraw, name="case_withdraw"),
    path(f"{ONE}message/", records.message, name="case_message"),
    path(f"{ONE}log-contact/", records.log_contact, name="case_log_contact"),
    path(f"{ONE}log-evidence/", records.log_evidence, name="case_log_evidence"),
    path(f"{ONE}contact/", records.contact, name="case_contact"),
    path(f"{ONE}version/", version.offer, name="case_version"),
    path(f"{ONE}second-contact/", clocks.second_contact, name="case_second_contact"),
    path(f"{ONE}more-time/", clocks.more_time, name="case_more_time"),
    path(f"{ONE}more-time/refuse/", clocks.refuse_time, name="case_refuse_time"),
    path(f"{ONE}overdue-letter/", clocks.overdue_letter, name="case_overdue_letter"),
    path(f"{ONE}bounce/", clocks.bounce, name="case_bounce"),
    path(f"{ONE}renew/", clocks.renew, name="case_renew"),
    path(f"{ONE}reply-code/", judging.reply_code, name="case_reply_code"),
    path(f"{ONE}conditions/", replies.conditions, name="case_conditions"),
    path(f"{ONE}conditions/<uuid:condition_id>/", replies.condition, name="case_condition"),
    path(f"{ONE}terms/", replies.terms, name="case_terms"),
    path(f"{ONE}inspection/", replies.inspection, name="case_inspection"),
    path(f"{ONE}constraint/", replies.constraint, name="case_constraint"),
    path(f"{ONE}reasons/", replies.reasons, name="case_reasons"),
    path(f"{ONE}unreachable/", replies.unreachable, name="case_unreachable"),
    path(f"{ONE}findings/<uuid:finding_id>/", judging.finding, name="case_finding"),
    path(f"{ONE}proofs/<uuid:proof_id>/", judging.proof, name="case_proof"),
    path(f"{ONE}files/<uuid:evidence_id>/", judging.held_file, name="case_file"),
    path(f"{ONE}letters/<str:sha256>/", letters.case_letter, name="case_letter"),
    path(f"{ONE}letters/<str:sha256>/text/", letters.case_letter_text, name="case_letter_text"),
]
REMEDY = [
    path(f"{ONE}sources/new/", sources.source_new, name="case_source_new"),
    path(f"{ONE}sources/<uuid:source_id>/", sources.source, name="case_source"),
    path(f"{ONE}raise-finding/", sources.raise_finding, name="case_raise_finding"),
    path(f"{ONE}findings/<uuid:finding_id>/ask/", sources.ask, name="case_ask_supplier"),
    path(f"{ONE}presumption/", sources.lift_presumption, name="case_lift_presumption"),
    path(f"{ONE}plan/draft/", plans.plan_draft, name="case_plan_draft"),
    path(f"{ONE}plan/show/", plans.plan_show, name="case_plan_show"),
    path(f"{ONE}plan/agree/", plans.plan_agree, name="case_plan_agree"),
    path(f"{ONE}plan/continue/", plans.plan_continue, name="case_plan_continue"),
    path(f"{ONE}plan/close/", plans.plan_close, name="case_plan_close"),
    path(f"{ONE}plan/steps/<uuid:milestone_id>/", plans.milestone, name="case_milestone"),
    path(f"{ONE}suspend/", suspension.suspend, name="case_suspend"),
    path(f"{ONE}suspension/", suspension.suspension, name="case_suspension"),
    path(f"{ONE}resume/", suspension.resume, name="case_resume"),
]

WHOLE = "campaigns/<uuid:campaign_id>/"
CAMPAIGNS = [
    path("suppliers/", suppliers.suppliers, name="suppliers"),
    path("suppliers/import/", suppliers.import_suppliers, name="suppliers_import"),
    path("suppliers/import/empty.csv", suppliers.suppliers_template, CSV, name="suppliers_csv"),
    path("suppliers/import/empty.xlsx", suppliers.suppliers_template, XLSX, name="suppliers_xlsx"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path(WHOLE, campaigns.campaign, name="campaign"),
    path(f"{WHOLE}suppliers/", campaigns.campaign_suppliers, name="campaign_suppliers"),
    path(f"{WHOLE}suppliers/<uuid:case_id>/drop/", campaigns.campaign_drop, name="campaign_drop"),
    path(f"{WHOLE}preview/", campaigns.campaign_preview, name="campaign_preview"),
    path(f"{WHOLE}launch/", campaigns.campaign_launch, name="campaign_launch"),
]

COUNSEL = [
    path("counsel/", counsel.counsel, name="counsel"),
    path("counsel/lists/", counsel.lists, name="lists"),
    path("counsel/outside/", outside.outside_counsel, name="outside_counsel"),
    path("counsel/outside/<uuid:grant_id>/end/", outside.let_out, name="outside_let_out"),
    path(f"{WHOLE}wording/", counsel.campaign_wording, name="campaign_wording"),
    path(f"{WHOLE}register/", counsel.campaign_register, name="campaign_register"),
    path(f"{ONE}advise/", counsel.case_advise, name="case_advise"),
    path(f"{ONE}dossier/", counsel.case_dossier, name="case_dossier"),
]

POLICY = [
    path("policy/", policies.versions, name="policies"),
    path("policy/change/", policies.policy_change, name="policy_change"),
    path("policy/<uuid:policy_id>/settle/", policies.policy_settle, name="policy_settle"),
    path("policy/<uuid:policy_id>/withdraw/", policies.policy_withdraw, name="policy_withdraw"),
    path(f"{WHOLE}policy/", policies.campaign_policy, name="campaign_policy"),
]

DUTIES = [
    path("duties/", duties.duties, name="duties"),
    path("duties/importer/", duties.importer, name="duties_importer"),
    path("duties/denial/", duties.denial, name="duties_denial"),
    path("duties/<uuid:duty_id>/", duties.duty_meet, name="duty_meet"),
    path("duties/<uuid:duty_id>/waive/", duties.duty_waive, name="duty_waive"),
    path("duties/<uuid:duty_id>/take/", duties.duty_take, name="duty_take"),
]

EXIT = f"{ONE}exit/"
EXITS = [
    path(f"{EXIT}propose/", leaving.propose, name="case_propose_exit"),
    path(
        f"{EXIT}propose-immediate/", leaving.propose_immediate, name="case_propose_immediate_exit"
    ),
    path(f"{EXIT}plan/", exit_plan.plan, name="case_exit_plan"),
    path(f"{EXIT}replies/<uuid:reply_id>/", exit_plan.answer, name="case_exit_answer"),
    path(f"{EXIT}present/", leaving.present, name="case_present_plan"),
    path(f"{EXIT}accept-reply/", leaving.accept_reply, name="case_accept_reply"),
    path(f"{EXIT}approve/", exit_decision.approve, name="case_approve_exit"),
    path(f"{EXIT}return/", leaving.return_exit, name="case_return_exit"),
    path(f"{EXIT}points/<slug:key>/", exit_plan.point, name="case_exit_point"),
    path(f"{EXIT}look/", exit_plan.look, name="case_exit_look"),
    path(f"{EXIT}halt/", exit_decision.halt, name="case_halt_exit"),
    path(f"{EXIT}complete/", leaving.complete, name="case_complete_exit"),
    path(f"{EXIT}reviews/<int:months>/", exit_plan.review, name="case_exit_review"),
    path(f"{ONE}reentry/", leaving.reentry, name="case_open_reentry"),
    path(f"{ONE}concur/", leaving.concur, name="case_concur_clear"),
    path(f"{ONE}trading/", leaving.trading, name="case_trading"),
    path(f"{ONE}close/", ending.close, name="case_close"),
]

urlpatterns = [
    *SUPPLIER,
    *DESK,
    *REMEDY,
    *CAMPAIGNS,
    *COUNSEL,
    *POLICY,
    *DUTIES,
    *EXITS,
]
