"""What a reply leads to and what the buyer owes, in a real browser: readable, and no way lost."""

import pytest
from django.urls import reverse

from portal.enums import Wording
from tests.questionnaires import personas
from tests.sessions import sign_in_page
from tests.workflows import acts, world
from workflows import actions, queries
from workflows.enums import ConditionState, DutyKind, ReplyCode
from workflows.models import Case, Duty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_supplier_reads_answers_to_its_conditions_and_asks_for_help_on_a_telephone(
    phone, accessible, shot
):
    made = world.world(language="zh-hans")
    case = world.submitted_case(made, personas.agrees_on_conditions, wording=Wording.TRACEABILITY)
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.AGREES_ON_CONDITIONS, reason="Demo reason."
    )
    actions.answer_condition(
        condition=queries.conditions(case)[0],
        by=made.analyst,
        state=ConditionState.CHANGED,
        answer="同意上调3%，自一月起。",
    )
    actions.offer_terms(
        case=case,
        by=made.analyst,
        text="仅两名指定人员为本次请求阅读文件，两年后删除。",
        redaction="价格和其他客户。",
        is_inspect_only=True,
    )
    sign_in_page(phone, made.contact)

    for name in ("request", "request_conditions", "request_terms", "request_help"):
        phone.goto(reverse(f"workflows:{name}", args=[case.pk]))
        accessible(phone)
        shot(phone, f"codes-{name}")
    phone.locator("main input[value=source]").check()
    phone.fill("[name=text]", "示例：三号纱线还有其他纱厂吗？")
    phone.locator("main form button[type=submit]").first.click()
    accessible(phone)
    shot(phone, "codes-help-asked")

    assert Duty.objects.filter(case=case, kind=DutyKind.OFFER_SOURCES).count() == 1
    phone.goto(reverse("workflows:request_terms", args=[case.pk]))
    phone.locator("main input[value=accept]").check()
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_load_state()
    assert queries.terms(case).state == "ACCEPTED"


def test_the_desk_sees_what_follows_and_meets_its_duties(page, accessible, shot):
    made = world.world()
    case = acts.on_conditions(made, made.supplier)
    actions.ask_help(case=case, by=case.contact, kinds=["source", "price"], text="Any other mill?")
    first = queries.conditions(case)[0]
    sign_in_page(page, made.analyst)

    for name, args in (
        ("case", [case.pk]),
        ("case_conditions", [case.pk]),
        ("case_condition", [case.pk, first.pk]),
        ("case_terms", [case.pk]),
        ("case_inspection", [case.pk]),
        ("duties", []),
        ("desk", []),
    ):
        page.goto(reverse(f"workflows:{name}", args=args))
        accessible(page)
        shot(page, f"codes-{name}")
    duty = Duty.objects.get(case=case, kind=DutyKind.OFFER_SOURCES)
    page.goto(reverse("workflows:duty_meet", args=[duty.pk]))
    accessible(page)
    shot(page, "codes-duty")
    page.fill("[name=how]", "Two mills were named in writing.")
    page.fill("[name=tell]", "Demo Mill One and Demo Mill Two.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()

    duty.refresh_from_db()
    assert (duty.state, duty.settled_by) == ("MET", made.analyst)


def test_counsel_closes_a_constraint_in_the_browser(page, accessible, shot):
    made = world.world()
    case = acts.constrained(made, made.supplier)
    sign_in_page(page, made.counsel)

    page.goto(reverse("workflows:case", args=[case.pk]))
    accessible(page)
    shot(page, "codes-held")
    page.goto(reverse("workflows:case_constraint", args=[case.pk]))
    accessible(page)
    shot(page, "codes-constraint")
    page.locator("input[value=INSPECTION]").check()
    page.fill("[name=summary]", "We look at the originals.")
    page.fill("[name=to_supplier]", "We look at the originals where they are.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()

    assert Case.objects.get(pk=case.pk).constraint_outcome == "INSPECTION"
