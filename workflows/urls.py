from django.urls import path

from questionnaires.enums import SubmissionKind
from workflows.views import (
    campaigns,
    case,
    counsel,
    desk,
    judging,
    policies,
    records,
    review,
    supplier,
    supplier_signing,
    suppliers,
)

app_name = "workflows"


CASE = "requests/<uuid:case_id>/"
ANSWERS = "answers/<uuid:response_id>/"
DECLINING = {"kind": SubmissionKind.DECLINE.value}

SUPPLIER = [
    path("requests/", supplier.requests, name="requests"),
    path(CASE, supplier.hub, name="request"),
    path(f"{CASE}acknowledge/", supplier.acknowledge, name="request_acknowledge"),
    path(f"{CASE}genuine/", supplier.genuine, name="request_genuine"),
    path(f"{CASE}wrong-person/", supplier.wrong_person, name="request_wrong_person"),
    path(f"{CASE}signatory/", supplier.signatory, name="request_signatory"),
    path(f"{CASE}refer/", supplier.refer, name="request_refer"),
    path(f"{CASE}messages/", supplier.message, name="request_message"),
    path(f"{CASE}decline/", supplier.decline, name="request_decline"),
    path(f"{CASE}instruction/", supplier.instruction, name="request_instruction"),
    path(f"{CASE}companies/", supplier.companies, name="request_companies"),
    path(f"{CASE}receipt/", supplier_signing.receipt, name="request_receipt"),
    path(f"{CASE}receipt/<int:number>/", supplier_signing.receipt, name="request_receipt_of"),
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
    path(f"{ONE}reply-code/", judging.reply_code, name="case_reply_code"),
    path(f"{ONE}findings/<uuid:finding_id>/", judging.finding, name="case_finding"),
    path(f"{ONE}proofs/<uuid:proof_id>/", judging.proof, name="case_proof"),
    path(f"{ONE}files/<uuid:evidence_id>/", judging.held_file, name="case_file"),
]

WHOLE = "campaigns/<uuid:campaign_id>/"
CAMPAIGNS = [
    path("suppliers/", suppliers.suppliers, name="suppliers"),
    path("suppliers/import/", suppliers.import_suppliers, name="suppliers_import"),
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

urlpatterns = [*SUPPLIER, *DESK, *CAMPAIGNS, *COUNSEL, *POLICY]
