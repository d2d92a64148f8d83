"""An exit in a real browser: proposed, replied to on a telephone, agreed to by two others."""

import pytest
from django.urls import reverse

from portal.enums import Wording
from tests.sessions import sign_in_page
from tests.workflows import acts, leaving, world
from workflows.enums import ExitRole, Stage
from workflows.models import ExitReply

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def url(name, case, *more):
    return reverse(f"workflows:{name}", args=[case.pk, *more])


def press(page, text):
    page.get_by_role("button", name=text, exact=True).first.click()
    page.wait_for_load_state()


@pytest.fixture
def seen(accessible, shot):
    """Asserts that a page can be read by everybody, and keeps its picture."""

    def look(page, name):
        accessible(page)
        shot(page, name)

    return look


def propose(desk, case, seen):
    desk.goto(url("case_propose_exit", case))
    desk.fill("[name=reason]", "Confirmed by the company's own answers and its agency contract.")
    desk.fill("[name=ground_words]", "一家中介机构成批安排了务工人员，与我方所询问的情形相同。")
    desk.fill("[name=orders]", "已下的订单照常执行，暂不新增订单。")
    press(desk, "Read the letter before it goes")
    seen(desk, "exit-propose")
    press(desk, "Propose the exit and send the letter")
    desk.wait_for_url(f"**{url('case', case)}#exit")


def write(desk, case, seen):
    desk.goto(url("case_exit_plan", case))
    desk.fill("[name=leverage]", "Two talks, and a joint letter with another buyer.")
    seen(desk, "exit-plan")
    press(desk, "Save the plan")
    desk.wait_for_url(f"**{url('case', case)}#exit")


def reply(supplier, case, seen):
    supplier.goto(url("request", case))
    seen(supplier, "exit-request")
    supplier.goto(url("request_reply", case))
    supplier.fill("[name=text]", "该中介机构的合同已于五月终止，见附件。")
    file = {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": acts.PDF}
    supplier.set_input_files("[name=documents]", file)
    seen(supplier, "exit-reply")
    supplier.locator("main form button[type=submit]").first.click()
    supplier.wait_for_url(f"**{url('request', case)}")
    seen(supplier, "exit-replied")
    assert "维吾尔" not in supplier.content()


def agree(page, case, button, seen, name):
    page.goto(url("case_approve_exit", case))
    page.fill("[name=reason]", "I read the plan, the reply and the answer to it.")
    seen(page, name)
    press(page, button)
    page.wait_for_url(f"**{url('case', case)}#exit")


def test_an_exit_is_proposed_replied_to_and_agreed_to_by_three(new_page, phone, seen):
    made = world.world(language="zh-hans")
    case = leaving.transfers(made, wording=Wording.TRACEABILITY)
    desk = sign_in_page(new_page(), made.analyst)
    supplier = sign_in_page(phone, made.contact)

    propose(desk, case, seen)
    write(desk, case, seen)
    reply(supplier, case, seen)
    said = ExitReply.objects.get(plan__case=case)
    desk.goto(url("case_exit_answer", case, said.pk))
    desk.fill("[name=text]", "已阅。我方会在决定时考虑贵公司的回复。")
    press(desk, "Send the answer")
    desk.wait_for_url(f"**{url('case', case)}#exit")
    leaving.written(made, case)
    desk.goto(url("case_present_plan", case))
    desk.fill("[name=reason]", "The reply does not change what was confirmed.")
    seen(desk, "exit-present")
    press(desk, "Present the plan")
    desk.wait_for_url(f"**{url('case', case)}#exit")
    first = sign_in_page(new_page(width=380), made.approver)
    agree(first, case, "Agree to the exit", seen, "exit-approve")
    second = sign_in_page(new_page(), made.counsel)
    second.goto(reverse("workflows:counsel"))
    seen(second, "exit-counsel")
    agree(second, case, "Approve the exit and send the notice", seen, "exit-second")
    seen(second, "exit-case")

    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    supplier.goto(url("request", case))
    seen(supplier, "exit-notice")
    assert "维吾尔" not in supplier.content()


def test_the_pages_that_follow_can_be_read_by_everybody(new_page, accessible, shot):
    made = world.world()
    case = leaving.immediate(made)
    desk = sign_in_page(new_page(), made.approver)
    for name in ("case", "case_trading", "case_approve_exit", "case_return_exit"):
        desk.goto(url(name, case))
        accessible(desk)
    shot(desk, "exit-return")
    case = leaving.approve(case, made.approver)
    case = leaving.approve(case, made.counsel, ExitRole.COUNSEL)

    analyst = sign_in_page(new_page(width=380), made.analyst)
    for name, more in (("case", ()), ("case_exit_point", ("invoices",)), ("case_exit_look", ())):
        analyst.goto(url(name, case, *more))
        accessible(analyst)
    shot(analyst, "exit-look")
    for name in ("case_halt_exit", "case_complete_exit"):
        desk.goto(url(name, case))
        accessible(desk)
    shot(desk, "exit-complete")
