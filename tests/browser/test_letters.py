"""A letter in a real browser: read before it goes, then read by whom it went to."""

import pytest
from django.urls import reverse

from portal.enums import Wording
from tests.sessions import sign_in_page
from tests.workflows import world
from tests.workflows.letters_said import every_fact
from workflows import engine
from workflows.actions import letter as sending
from workflows.enums import LetterKind, Stage
from workflows.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_questions_go_back_as_the_letter_that_was_shown(new_page, accessible, shot):
    made = world.world(language="zh-hans")
    case = world.submitted_case(made, wording=Wording.TRACEABILITY)
    desk = sign_in_page(new_page(), made.analyst)

    path = reverse("workflows:case_query", args=[case.pk])
    desk.goto(f"{path}?path=own_licence&path=job_title")
    desk.fill("[name=text_0]", "The second page is missing.")
    desk.fill("[name=text_1]", "Please give the full title.")
    desk.get_by_role("button", name="Read the letter before it goes").click()
    accessible(desk)
    shot(desk, "letter-preview")
    shown = desk.locator(".x-letter").inner_text()
    desk.get_by_role("button", name="Send the questions").click()
    desk.wait_for_url(f"**{reverse('workflows:case', args=[case.pk])}")
    accessible(desk)
    shot(desk, "letter-case")

    sent = Case.objects.get(pk=case.pk).letters.get(kind="QUERY")
    assert Case.objects.get(pk=case.pk).stage == Stage.QUERIED
    assert sent.text.split("\n\n")[0] in shown
    desk.goto(reverse("workflows:case_letter", args=[case.pk, sent.sha256]))
    accessible(desk)
    shot(desk, "letter-desk")


def test_a_supplier_reads_its_letters_on_a_telephone(phone, accessible, shot):
    made = world.world(language="zh-hans")
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    with engine.locked(case) as held:
        sent = sending.send(
            held=held,
            kind=LetterKind.DISENGAGEMENT,
            by=made.approver,
            facts=every_fact(LetterKind.DISENGAGEMENT),
            once="1",
        )
    sign_in_page(phone, made.contact)

    phone.goto(reverse("workflows:request", args=[case.pk]))
    accessible(phone)
    shot(phone, "letter-request")
    phone.locator(".govuk-inset-text a").click()
    phone.wait_for_url(f"**/{sent.sha256}/")
    accessible(phone)
    shot(phone, "letter-supplier")

    assert sent.title in phone.content()
