"""The three journeys everything else serves, in a real browser: sign, decide, take away."""

import re
import subprocess

import pytest
from django.urls import reverse

from documents.models import Dossier
from documents.tasks import render
from portal.enums import Wording
from portal.models import OutboxMessage
from tests.sessions import sign_in_page
from tests.workflows import world
from workflows.enums import Stage
from workflows.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def newest_code():
    mail = OutboxMessage.objects.filter(is_secret=True).order_by("-written_at").first()
    return re.search(r"\d{4}-\d{4}", mail.body)[0]


def text_of(path):
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def test_a_supplier_reads_checks_and_signs_in_chinese_on_a_telephone(phone, accessible, shot):
    made = world.world(language="zh-hans")
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    sign_in_page(phone, made.contact)

    phone.goto(reverse("workflows:request", args=[case.pk]))
    accessible(phone)
    shot(phone, "request")
    for name in ("questionnaires:overview", "questionnaires:check", "questionnaires:evidence"):
        phone.goto(reverse(name, args=[case.response_id]))
        accessible(phone)
    phone.goto(reverse("workflows:request_sign", args=[case.response_id]))
    accessible(phone)
    shot(phone, "sign")
    for box in phone.locator("main input[type=checkbox]").all():
        box.check()
    phone.fill("[name=title]", "示例总经理")
    phone.fill("[name=authority]", "法定代表人")
    phone.locator("main form button[type=submit]").first.click()
    accessible(phone)
    shot(phone, "sign-code")
    phone.fill("[name=code]", newest_code())
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url("**/receipt/**")
    accessible(phone)
    shot(phone, "receipt")

    case = Case.objects.get(pk=case.pk)
    submission = case.response.submissions.get()
    assert case.stage == Stage.REVIEW
    assert submission.language == "zh-hans"
    assert submission.sha256[:8] in phone.content().replace(" ", "")
    assert "维吾尔" not in phone.content()


def test_one_person_recommends_and_another_clears(new_page, accessible, shot):
    made = world.world()
    case = world.judged_case(made)
    url = reverse("workflows:case", args=[case.pk])

    desk = sign_in_page(new_page(), made.analyst)
    desk.goto(reverse("workflows:desk"))
    accessible(desk)
    shot(desk, "desk")
    desk.goto(url)
    accessible(desk)
    shot(desk, "case")
    desk.goto(reverse("workflows:case_recommend", args=[case.pk]))
    accessible(desk)
    desk.fill("[name=reason]", "Every claim is proven by a record of a third party.")
    desk.locator("main form button[type=submit]").last.click()
    desk.wait_for_url(f"**{url}")

    other = sign_in_page(new_page(width=380), made.approver)
    other.goto(url)
    accessible(other)
    shot(other, "case-approver")
    other.goto(reverse("workflows:case_clear", args=[case.pk]))
    accessible(other)
    other.fill("[name=reason]", "I read the same facts and find nothing open.")
    for box in other.locator("main form input[type=checkbox]").all():
        box.check()
    other.locator("main form button[type=submit]").last.click()
    other.wait_for_url(f"**{url}")

    case = Case.objects.get(pk=case.pk)
    assert case.stage == Stage.CLEARED
    assert case.proposed_by == made.analyst
    assert case.decisions.get(verb="CLEAR").by == made.approver


def test_counsel_takes_both_dossiers_away(page, accessible, shot, tmp_path):
    made = world.world()
    cleared = world.cleared_case(made)
    sign_in_page(page, made.counsel)
    found = {}

    page.goto(reverse("workflows:counsel"))
    accessible(page)
    shot(page, "counsel")
    for edition in ("COUNSEL", "WORKING"):
        page.goto(reverse("workflows:case_dossier", args=[cleared.pk]))
        page.check(f"[name=edition][value={edition}]")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
        dossier = Dossier.objects.get(chain=cleared.chain, edition=edition, kind="DOSSIER")
        render.call(str(dossier.pk))
        page.goto(reverse("workflows:case_dossier", args=[cleared.pk]))
        accessible(page)
        shot(page, "dossiers")
        link = page.locator(f"a[href='{reverse('documents:dossier', args=[dossier.pk])}']")
        with page.expect_download() as taken:
            link.click()
        path = tmp_path / f"{edition}.pdf"
        taken.value.save_as(path)
        found[edition] = text_of(path)

    for text in found.values():
        assert cleared.reference in text
    assert made.contact.name in found["COUNSEL"]
    assert made.contact.name not in found["WORKING"]
    events = cleared.chain.entries.filter(event="dossier.downloaded")
    assert events.count() == 2
