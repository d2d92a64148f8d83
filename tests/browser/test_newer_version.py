"""The way to a newer questionnaire in a real browser, and the list of a hundred countries."""

import pytest
from django.urls import reverse

from portal.enums import Wording
from tests.questionnaires import sectors
from tests.sessions import sign_in_page
from tests.workflows import world
from workflows import actions
from workflows.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_supplier_changes_over_and_confirms_on_a_telephone(phone, accessible, shot):
    made = world.world(language="zh-hans")
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    actions.offer_version(case=case, version=world.newest_version(), by=made.analyst)
    sign_in_page(phone, made.contact)

    phone.goto(reverse("workflows:request_newer", args=[case.response_id]))
    accessible(phone)
    shot(phone, "newer")
    phone.locator("main form button[type=submit]").click()
    phone.wait_for_url("**/carried/")
    accessible(phone)
    shot(phone, "carried")

    new = Case.objects.get(pk=case.pk).response_id
    phone.goto(reverse("questionnaires:section", args=[new, "chain"]))
    accessible(phone)
    shot(phone, "still-true")
    phone.locator("form[action$='confirm/'] button").click()
    phone.wait_for_load_state()
    assert phone.locator("form[action$='confirm/']").count() == 0

    phone.goto(reverse("questionnaires:row", args=[new, "goods_made", "goods-1"]))
    accessible(phone)
    # Enter in a field saves; it confirms nothing
    phone.locator("[name=goods_ref]").press("Enter")
    phone.wait_for_load_state()
    assert phone.locator("button[value='confirm:goods_sectors']").count() == 1
    phone.locator("button[value='confirm:goods_sectors']").click()
    phone.wait_for_load_state()
    assert phone.locator("button[value='confirm:goods_sectors']").count() == 0


def test_a_long_list_is_narrowed_by_typing_and_keeps_what_is_chosen(page, accessible, shot):
    made = world.world()
    made.campaign.version = world.newest_version()
    made.campaign.save()
    case = world.acknowledged_case(made)
    world.answer(case, sectors.cotton_weaver)
    sign_in_page(page, made.contact)
    page.goto(reverse("questionnaires:row", args=[case.response_id, "p_cotton", "cot-1"]))
    accessible(page)
    shot(page, "pack")

    page.fill("#cot_grown-find", "turki")

    shown = page.locator("#cot_grown-list .govuk-checkboxes__item:visible")
    assert [name.strip() for name in shown.all_inner_texts()] == ["Brazil", "Türkiye"]
    page.locator("#cot_grown-find").press("Enter")
    assert page.url.endswith("/cot-1/")
