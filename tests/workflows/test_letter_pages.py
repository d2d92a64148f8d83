"""A letter's page for either side, its exact bytes, and the preview before it goes."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.actions import dossier as documents
from documents.models import Dossier
from portal import clock, ledger
from portal.enums import Language, Role, Wording
from portal.models import Organisation
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in
from tests.workflows import world
from tests.workflows.letters_said import EVERY, needed_facts
from workflows import engine, letters
from workflows.actions import letter as sending
from workflows.enums import LetterKind, Stage
from workflows.forms.desk import words
from workflows.forms.letter import LetterForm, WithdrawForm
from workflows.models import Case, Instruction, SentLetter

pytestmark = pytest.mark.django_db

PAGES = ("request_letter", "request_letter_text", "case_letter", "case_letter_text")
COSTS = {"request_letter": 7, "request_letter_text": 7, "case_letter": 9, "case_letter_text": 8}
SUPPLIERS = PAGES[:2]


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return world.acknowledged_case(made)


@pytest.fixture
def letter(case):
    return case.letters.get()


def url(name, case, letter):
    return reverse(f"workflows:{name}", args=[case.pk, letter.sha256])


def signed_in(client, made, name, *roles):
    """A person for this page: one of the company it belongs to, else one with these roles."""
    if not roles:
        person = made.contact if name in SUPPLIERS else made.manager
    else:
        person = UserFactory(holds=[(role, company) for role, company in roles])
    sign_in(client, person)
    client.get("/")
    return person


def events(case):
    return [one.name for one in ledger.events(case, audiences=frozenset())]


@pytest.mark.parametrize("name", PAGES)
def test_a_letters_page_opens_and_costs_what_it_did(client, made, case, letter, name):
    signed_in(client, made, name)

    with CaptureQueriesContext(connection) as queries_made:
        answer = client.get(url(name, case, letter))

    assert answer.status_code == 200
    assert letter.title in answer.text
    assert letter.text.split("\n\n")[-1] in answer.text
    assert len(queries_made) == COSTS[name]


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_role_is_refused_with_the_sentence(client, made, case, letter, name):
    role = Role.CONTRIBUTOR if name in SUPPLIERS else Role.ADMINISTRATOR
    company = made.supplier if name in SUPPLIERS else made.buyer
    signed_in(client, made, name, (role, company))

    answer = client.get(url(name, case, letter))

    assert answer.status_code == 403
    assert "This page is not open to your role." in answer.text


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_nothing(client, made, case, letter, name):
    if name in SUPPLIERS:
        roles = (Role.CONTACT, OrganisationFactory(supplier=True))
    else:
        roles = (Role.ANALYST, OrganisationFactory())
    signed_in(client, made, name, roles)

    assert client.get(url(name, case, letter)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_no_other_method_is_open(client, made, case, letter, name):
    signed_in(client, made, name)

    assert client.delete(url(name, case, letter)).status_code == 405
    if name.endswith("text"):
        assert client.post(url(name, case, letter)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_a_letter_of_another_case_or_none_is_not_found(client, made, case, letter, name):
    supplier = world.new_supplier(made.buyer)
    other = world.issued_case(made, supplier=supplier)
    signed_in(client, made, name)
    foreign = reverse(f"workflows:{name}", args=[case.pk, other.instruction.sha256])
    nothing = reverse(f"workflows:{name}", args=[case.pk, "0" * 64])

    assert client.get(foreign).status_code == 404
    assert client.get(nothing).status_code == 404


@pytest.mark.parametrize("name", ["request_letter_text", "case_letter_text"])
def test_the_exact_bytes_are_served_by_their_hash_and_noted(client, made, case, letter, name):
    signed_in(client, made, name)

    for kept in (letter, case.instruction):
        answer = client.get(url(name, case, kept))

        assert hashlib.sha256(answer.content).hexdigest() == kept.sha256
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="{case.reference}-letter-{kept.sha256[:8]}.txt"'
        )
        assert answer.headers["Cache-Control"] == "no-store"
    assert events(case)[-2:] == ["letter.downloaded", "letter.downloaded"]


def test_damaged_words_are_not_served_as_the_letter(client, made, case):
    Instruction.objects.filter(case=case).update(text="Other words")
    signed_in(client, made, "request_letter_text")

    answer = client.get(url("request_letter_text", case, case.instruction))

    assert answer.status_code == 409
    assert "was damaged" in answer.text
    assert "letter.downloaded" not in events(case)


@pytest.mark.parametrize("name", ["request_letter", "case_letter"])
def test_the_pdf_is_asked_for_once_and_downloaded(client, made, case, letter, name):
    signed_in(client, made, name)
    page = url(name, case, letter)

    assert "Prepare the PDF" in client.get(page).text
    assert "PDF is being prepared" in client.post(page, follow=True).text
    client.post(page)
    dossier = Dossier.objects.get(kind="LETTER")
    documents.write(dossier.pk)
    ready = client.get(page).text
    opened = client.get(reverse("documents:dossier", args=[dossier.pk]))

    assert "Download the PDF" in ready
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert events(case)[-1] == "dossier.downloaded"


@pytest.mark.parametrize("name", ["request_letter", "case_letter"])
def test_a_pdf_that_could_not_be_written_is_asked_for_again(client, made, case, letter, name):
    signed_in(client, made, name)
    page = url(name, case, letter)
    client.post(page)
    Dossier.objects.update(state="FAILED")

    assert "could not be written last time" in client.get(page).text
    client.post(page)

    assert Dossier.objects.filter(kind="LETTER").count() == 2


@pytest.mark.parametrize("name", ["request_letter", "case_letter"])
def test_who_reads_the_other_language_gets_a_reading_aid(client, made, case, letter, name):
    signed_in(client, made, name)
    client.cookies["django_language"] = "zh-hans"

    for kept in (letter, case.instruction):
        answer = client.get(url(name, case, kept)).text
        assert kept.title in answer
        assert "仅供阅读参考" in answer
        assert made.supplier.name in answer


def test_letters_stand_on_both_sides_pages_newest_first(client, made, case):
    with engine.locked(case) as held:
        newest = sending.send(
            held=held,
            kind=LetterKind.SUSPENSION,
            by=made.approver,
            facts=needed_facts(LetterKind.SUSPENSION),
            once="1",
        )
    titles = [newest.title, "You have our request: receipt confirmed", "Instruction on sourcing"]

    signed_in(client, made, "request_letter")
    request = client.get(reverse("workflows:request", args=[case.pk])).text
    signed_in(client, made, "case_letter")
    desk = client.get(reverse("workflows:case", args=[case.pk])).text

    assert "The newest letter to you:" in request
    for page in (request[request.index('id="letters"') :], desk[desk.index('id="letters"') :]):
        assert sorted(titles, key=page.index) == titles
    assert "A letter was sent: Orders paused" in desk


def test_a_draft_has_no_letters_yet(client, made):
    draft = world.draft_case(made)
    signed_in(client, made, "case_letter")

    assert "Nothing was sent yet." in client.get(reverse("workflows:case", args=[draft.pk])).text


# the preview


class PauseForm(LetterForm):
    letter_kind = LetterKind.SUSPENSION
    fields_of = {"needed": "wanted"}

    paused = words("What is paused")
    wanted = words("What would end the pause")

    def facts(self):
        said = self.cleaned_data
        days = {name: EVERY[name] for name in ("from_on", "review_on")}
        return days | {"paused": said["paused"], "needed": said["wanted"]}


TYPED = {"paused": "All new orders of shirts.", "wanted": "An invoice of the new mill."}


def form(case, **typed):
    return PauseForm(TYPED | typed, case=case)


def test_a_letter_is_shown_first_and_sent_as_it_was_shown(case):
    first = form(case, do="preview")
    seen = first.preview.letter.sha256

    assert not first.may_send
    assert not first.preview.is_changed
    assert form(case, do="send", seen=seen).may_send
    assert form(case, do="send", seen=seen).seen == seen


@pytest.mark.parametrize(
    "typed",
    [
        {"do": "send"},
        {"do": "send", "seen": "0" * 64},
        {"do": "send", "seen": "0" * 64, "paused": "Everything, without exception."},
        {"do": "preview"},
        {},
    ],
)
def test_what_was_not_shown_is_not_sent(case, typed):
    assert not form(case, **typed).may_send


def test_a_change_of_the_case_shows_the_letter_anew(case):
    seen = form(case).preview.letter.sha256
    case.supplier.name = "Demo Renamed Co."

    changed = form(case, do="send", seen=seen)

    assert not changed.may_send
    assert changed.preview.is_changed
    assert "Demo Renamed Co." in changed.preview.letter.text


def test_nothing_is_shown_before_the_page_holds_what_it_would_say(case):
    assert PauseForm(case=case).preview is None
    assert form(case, paused="").preview is None
    assert not form(case, paused="", do="send", seen="0" * 64).may_send
    assert not PauseForm(case=case).may_send
    assert WithdrawForm(case=case).preview is not None
    assert WithdrawForm({"reason": ""}, case=case).preview is None


def test_words_beyond_the_wording_are_refused_at_their_field(case):
    case.wording = Wording.TRACEABILITY

    refused = form(case, wanted="Proof that no yarn comes from Xinjiang, and no 强迫劳动.")

    (said,) = refused.errors["wanted"]
    assert said.startswith("This company reads the traceability wording.")
    assert "“Xinjiang”, “强迫劳动”" in said
    assert refused.preview is None


def test_a_companys_own_name_is_no_word_too_much(case):
    case.wording, case.supplier.name = Wording.TRACEABILITY, "新疆示例纺织有限公司"

    assert form(case, paused="新疆示例纺织有限公司的全部新订单。").preview is not None


def test_a_preview_is_read_in_the_readers_language_too(case):
    case.supplier.language = Language.ZH

    preview = form(case).preview

    assert preview.language == "zh-hans"
    assert preview.letter.title == "订单暂停"
    assert preview.reading.title == "Orders are paused"


def typed_of(page):
    return {"task": page["task"].value(), "reason": "It was sent to the wrong company."}


def test_withdrawing_shows_the_letter_from_the_start_and_sends_that(client, made):
    case = world.issued_case(made)
    sign_in(client, made.manager)
    path = reverse("workflows:case_withdraw", args=[case.pk])
    page = client.get(path)
    seen = page.context["form"].preview.letter.sha256

    answer = client.post(path, typed_of(page.context["form"]) | {"do": "send", "seen": seen})

    assert "You need do nothing more." in page.text
    back = f'href="{reverse("workflows:case", args=[case.pk])}"'
    assert page.text.count(back) == 2  # above the page, and beside its button
    assert answer.status_code == 302
    assert SentLetter.objects.get(case=case).sha256 == seen


def test_a_supplier_renamed_meanwhile_shows_the_letter_anew_and_loses_nothing(client, made):
    case = world.issued_case(made)
    sign_in(client, made.manager)
    path = reverse("workflows:case_withdraw", args=[case.pk])
    page = client.get(path)
    seen = page.context["form"].preview.letter.sha256
    Organisation.objects.filter(pk=made.supplier.pk).update(name="Demo Renamed Co.")

    answer = client.post(path, typed_of(page.context["form"]) | {"do": "send", "seen": seen})

    assert answer.status_code == 200
    assert "The letter changed since you last saw it." in answer.text
    assert "Demo Renamed Co." in answer.text
    assert "It was sent to the wrong company." in answer.text
    assert Case.objects.get(pk=case.pk).stage == Stage.INSTRUCTED


def test_a_draft_is_withdrawn_without_a_letter(client, made):
    case = world.draft_case(made)
    sign_in(client, made.manager)
    path = reverse("workflows:case_withdraw", args=[case.pk])
    page = client.get(path)

    answer = client.post(path, {"task": "", "reason": "Never meant to be sent."})

    assert "exactly as it will go" not in page.text
    assert answer.status_code == 302
    assert not SentLetter.objects.exists()


def test_who_acknowledges_late_reads_no_day_that_has_passed(made):
    case = world.issued_case(made)
    with clock.at(case.due_at):
        in_time = _confirmed(case)
    case = world.issued_case(made, supplier=world.new_supplier(made.buyer))
    with clock.at(case.lapse_at):
        late = _confirmed(case)

    assert "Please answer by" in in_time
    assert "Please answer by" not in late
    assert "The form is open all the same" in late


def _confirmed(case):
    from workflows.actions.answering import confirm_receipt

    with engine.locked(case) as held:
        held.acknowledged_at = clock.now()
        return confirm_receipt(held, case.contact, "1").text


def test_day_of_nothing_is_nothing(made):
    assert letters.day_of(None, world.draft_case(made)) is None
