"""In traceability wording nothing sent to a supplier names the region, the law or a clause.

Every page a supplier's people reach is opened, by following links, at each stage of a case;
every mail to them is sent, every PDF of theirs is written and read back. What counts is the
word list of the questionnaire's own checks. Two things are excepted: the full list of
provinces, and the source link that the licence obliges us to offer.
"""

import email
import re
import subprocess
from datetime import timedelta
from email import policy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.core import mail as outgoing
from django.db.models import Exists, OuterRef
from django.test import Client
from django.urls import reverse

from documents.actions import dossier as documents
from documents.models import Dossier
from portal import clock, tasks
from portal.enums import Role, Wording
from portal.models import OutboxMessage
from questionnaires.static_checks.texts import CLAUSE_ID, LEAKS_IN_KEYS, leaks
from tests.factories.portal import OrganisationFactory
from tests.factories.questionnaires import content
from tests.questionnaires import personas
from tests.workflows import acts, world
from tests.workflows.letters_said import every_fact
from workflows import actions, engine, queries
from workflows.actions import letter
from workflows.enums import LetterKind, WordingReason
from workflows.models import Case

pytestmark = [pytest.mark.django_db, pytest.mark.whole]

SERVICE = "Demo Sourcing Service"
OWN_NAME = re.compile(r"extricate", re.IGNORECASE)
NAMING = {"href", "action", "id", "name", "value", "for", "class", "src"}
PROVINCES = [
    {choice.label.traceability[language] for choice in content().choices["province"].choices}
    for language in ("en", "zh-hans")
]
# a token is no word
NOT_WORDS = {"csrfmiddlewaretoken"}
LEFT_OUT = ("/account/", "/static/", "/evidence/", "/documents/")


class Reader(HTMLParser):
    """Takes a page apart: what a person reads, what a machine reads, where it leads."""

    def __init__(self, base):
        super().__init__()
        self.base, self.said, self.keys, self.links, self.files = base, [], [], set(), set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_token = given.get("name") in NOT_WORDS
        for name, value in attrs:
            if value and name in NAMING and not is_token:
                self.keys.append(value)
            elif value and not is_token:
                self.said.append(value)
        if tag == "a" and "href" in given:
            self.links.add(urldefrag(urljoin(self.base, given["href"])).url)
        if tag in ("link", "script", "img"):
            self.files.add(given.get("href") or given.get("src") or "")

    def handle_data(self, data):
        if data.strip():
            self.said.append(data.strip())

    @property
    def said_without_provinces(self):
        """What is said, but for provinces where all of them are offered alike."""
        for names in PROVINCES:
            if names <= set(self.said):
                return [text for text in self.said if text not in names]
        return self.said


def read(answer):
    reader = Reader(answer.request["PATH_INFO"])
    reader.feed(answer.content.decode())
    return reader


def leaks_in_page(answer):
    """What of a page, its headers and its addresses a supplier must not read."""
    reader = read(answer)
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    cookies = answer.cookies.output()
    found = leaks("\n".join([*reader.said_without_provinces, *reader.keys, headers, cookies]))
    for key in [*reader.keys, answer.request["PATH_INFO"]]:
        found += LEAKS_IN_KEYS.findall(key.lower())
        found += [part for part in re.split(r"[\s/#?&=-]", key.lower()) if CLAUSE_ID.search(part)]
    if SERVICE in answer.content.decode():
        found += OWN_NAME.findall("".join(reader.said) + headers)
    return found


def crawl(client, start, only=""):
    """Open `start` and all that it leads to on this host; yields each answer once."""
    waiting, seen = [start], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/") or path.startswith(LEFT_OUT):
            continue
        seen.add(path)
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
            continue
        if answer.status_code == 302:
            waiting.append(urljoin(path, answer.headers["Location"]))
            continue
        yield path, answer
        found = {link for link in read(answer).links if not urlsplit(link).netloc}
        waiting += sorted(link for link in found if link.startswith(only))


@pytest.fixture
def made(settings):
    settings.SOURCE_URL = "https://source.example/"
    made = world.world()
    made.buyer.service_name = SERVICE
    made.buyer.save()
    return made


def signed_in(person, language):
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


def found_leaks(client, start, only=""):
    return {
        path: found
        for path, answer in crawl(client, start, only)
        if (found := leaks_in_page(answer))
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_that_can_be_reached_names_what_it_must_not(made, language):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    client = signed_in(case.contact, language)

    pages = dict(crawl(client, "/requests/"))

    assert {path: found for path, page in pages.items() if (found := leaks_in_page(page))} == {}
    assert len(pages) > 60
    for name in ("request", "request_decline", "request_instruction", "request_signatory"):
        assert reverse(f"workflows:{name}", args=[case.pk]) in pages


AFTER = ("conditions", "reasons", "terms", "unreachable", "reworded")
STAGES = [
    "issued",
    "queried",
    "with_counsel",
    "late",
    "review",
    "cleared",
    "withdrawn",
    "declined",
    *AFTER,
]


def _read_as(made, code, persona, wording=Wording.TRACEABILITY):
    """A case whose reply an analyst read as `code`."""
    case = world.submitted_case(made, persona, wording=wording)
    actions.set_reply_code(case=case, by=made.analyst, code=code, reason="About Xinjiang.")
    return Case.objects.get(pk=case.pk)


def _after_its_reply(made, stage):
    """What follows from how a reply was read, as far as a supplier sees it."""
    if stage == "conditions":
        case = _read_as(made, "AGREES_ON_CONDITIONS", personas.agrees_on_conditions)
        for condition in queries.conditions(case):
            actions.answer_condition(
                condition=condition,
                by=made.analyst,
                state="ACCEPTED",
                answer="Agreed, from the next order on.",
                we_do="Ours alone: UFLPA.",
            )
        actions.ask_help(case=case, by=case.contact, kinds=["source", "price"], text="Demo?")
    if stage == "reasons":
        case = _read_as(made, "DECLINES_DISAGREES", personas.refuses_with_reason)
    if stage == "terms":
        case = _read_as(made, "CONFIDENTIAL_NEEDS_TERMS", personas.wants_confidentiality)
        actions.offer_terms(
            case=case,
            by=made.analyst,
            text="Two named people read them.",
            redaction="Prices.",
            is_inspect_only=True,
        )
    if stage == "unreachable":
        case = world.issued_case(made, wording=Wording.TRACEABILITY)
        actions.mark_unreachable(case=case, by=made.analyst, reason="Every mail came back.")
    if stage == "reworded":
        case = _read_as(made, "LEGAL_CONSTRAINT_CLAIMED", personas.legally_bound, Wording.EXPLICIT)
        actions.close_constraint(
            case=case,
            task=engine.open_task(case),
            by=made.counsel,
            way="OTHER_WORDING",
            summary="Safer for its people.",
            to_supplier="The request comes anew in other words.",
        )
    return Case.objects.get(pk=case.pk)


def _bring_to(made, stage):
    return (_after_its_reply if stage in AFTER else _before_its_reply)(made, stage)


def _before_its_reply(made, stage):
    if stage in ("issued", "late"):
        case = world.issued_case(made, wording=Wording.TRACEABILITY)
        if stage == "late":
            case = acts.lapsed(case)
        return Case.objects.get(pk=case.pk)
    if stage == "cleared":
        return world.cleared_case(made, wording=Wording.TRACEABILITY)
    if stage == "declined":
        case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
        world.answer(case, personas.refuses_with_reason)
        signature = world.signature(case, case.contact, kind="DECLINE", reply="DECLINES_DISAGREES")
        actions.decline(
            case=case, task=engine.open_task(case), by=case.contact, signature=signature
        )
        return Case.objects.get(pk=case.pk)
    if stage == "with_counsel":
        case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
        actions.refer(case=case, task=engine.open_task(case), by=case.contact, note="Demo note")
        return Case.objects.get(pk=case.pk)
    case = world.submitted_case(made, wording=Wording.TRACEABILITY)
    if stage == "queried":
        actions.query(
            case=case,
            task=engine.open_task(case),
            by=made.analyst,
            due_on=clock.today() + timedelta(days=14),
            questions=[actions.Question("job_title", "Please give the full title.")],
        )
    if stage == "withdrawn":
        actions.withdraw(case=case, by=made.manager, reason="Sent in error.")
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_names_what_it_must_not(made, stage, language):
    case = _bring_to(made, stage)
    client = signed_in(case.contact, language)
    start = reverse("workflows:request", args=[case.pk])

    assert found_leaks(client, start, only="/requests/") == {}


def test_neither_errors_nor_the_signature_name_what_they_must_not(made):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    client = signed_in(case.contact, "en")
    sign = reverse("workflows:request_sign", args=[case.response_id])
    answers = [
        client.post(sign, {}),
        client.get("/nothing/"),
        client.post(reverse("workflows:request_acknowledge", args=[case.pk]), {"task": "1"}),
        client.post(reverse("workflows:request_message", args=[case.pk]), {"text": ""}),
        client.get(f"/requests/{OrganisationFactory().pk}/"),
        client.post(sign, _signature_typed(case), follow=True),
    ]

    assert [one.status_code for one in answers] == [200, 404, 409, 200, 404, 200]
    assert [leaks_in_page(one) for one in answers] == [[]] * len(answers)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_mail_names_what_it_must_not(made, language):
    made.contact.language = made.supplier.language = language
    made.contact.save()
    made.supplier.save()
    for stage in (
        *("cleared", "declined", "queried", "with_counsel", "withdrawn"),
        *("conditions", "terms", "reworded"),
    ):
        again = world.new_supplier(made.buyer, language=language)
        person = world._contact(again)
        made.supplier, made.contact = again, person
        case = _bring_to(made, stage)
        if stage == "with_counsel":
            actions.advise(
                case=case,
                task=engine.open_task(case),
                by=made.counsel,
                advice="Demo advice",
                summary="Demo summary",
            )
        if stage == "cleared":
            actions.write_message(case=case, by=made.analyst, text="Demo message")
        actions.report_wrong_person(case=case, by=person, note="") if stage == "queried" else None

    sent = _sent_to_suppliers()

    assert {purpose for purpose, _text in sent} >= {
        "case_issued",
        "case_receipt",
        "case_cleared",
        "case_queried",
        "case_resumed",
        "case_withdrawn",
        "case_message",
        "conditions_answered",
        "terms_offered",
        "step_up",
    }
    assert {purpose: found for purpose, text in sent if (found := leaks(text))} == {}
    # the codes here are asked for without a page: the next test asks as people do
    assert {purpose for purpose, text in sent if OWN_NAME.search(text)} <= {"step_up"}


def _sent_to_suppliers():
    """Deliver every mail to a supplier's people; returns (purpose, head and body as sent).

    What went out before counsel chose this wording is not among them.
    """
    sent = []
    mails = OutboxMessage.objects.filter(recipient__memberships__role__in=[Role.CONTACT])
    reworded = Case.objects.filter(
        wording_reason=WordingReason.LOCAL_LAW, chain=OuterRef("chain_id")
    )
    before = Exists(reworded.filter(wording_at__gt=OuterRef("written_at")))
    for message in mails.exclude(before).distinct():
        outgoing.outbox.clear()
        tasks.deliver.call(str(message.pk))
        (one,) = outgoing.outbox
        parsed = email.message_from_bytes(one.message().as_bytes(), policy=policy.default)
        head = "\n".join(f"{name}: {value}" for name, value in parsed.items())
        sent.append((message.purpose, f"{head}\n{parsed.get_content()}"))
    return sent


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_pdf_of_a_supplier_names_what_it_must_not(made, language, tmp_path):
    made.supplier.language = language
    made.supplier.save()
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    signature = world.signature(case, case.contact, language=language)
    actions.submit(case=case, task=engine.open_task(case), by=case.contact, signature=signature)
    actions.ask_instruction(case=case, by=case.contact)

    written = {kind: _written(kind, tmp_path) for kind in ("RECEIPT", "INSTRUCTION")}

    for kind, text in written.items():
        assert case.reference in text, kind
        assert leaks(text) == [], kind
        assert not OWN_NAME.search(text), kind


def _written(kind, folder):
    return _written_as(Dossier.objects.get(kind=kind), folder)


def _written_as(dossier, folder):
    """Write a PDF; returns its text, its metadata and its file name."""
    documents.write(dossier.pk)
    dossier.refresh_from_db()
    with documents.open_dossier(dossier=dossier, by=dossier.requested_by) as opened:
        path = folder / "document.pdf"
        path.write_bytes(opened.read())
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
    about = subprocess.run(["pdfinfo", path], capture_output=True, check=True).stdout
    return f"{dossier.file_name}\n{about.decode()}\n{text.decode()}"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_letter_names_what_it_must_not(made, language, tmp_path):
    made.contact.language = made.supplier.language = language
    made.contact.save()
    made.supplier.save()
    case = world.issued_case(made, wording=Wording.TRACEABILITY)
    for kind in LetterKind:
        with engine.locked(case) as held:
            letter.send(
                held=held, kind=kind, by=made.analyst, facts=every_fact(kind), once="letters"
            )
    client = signed_in(case.contact, language)

    start = reverse("workflows:request", args=[case.pk])
    pages = dict(crawl(client, start, only="/requests/"))
    mails = [text for purpose, text in _sent_to_suppliers() if purpose != "step_up"]

    assert {path: found for path, page in pages.items() if (found := leaks_in_page(page))} == {}
    # each has its page and the file of its exact words
    assert sum("/letters/" in path for path in pages) == 2 * (len(LetterKind) + 1)
    assert len(mails) == len(LetterKind) + 1
    assert [leaks(text) for text in mails] == [[]] * len(mails)
    assert not OWN_NAME.search("".join(mails))
    for kept in case.letters.all():
        pdf = actions.ask_letter(case=case, letter=kept, by=case.contact)
        written = _written_as(pdf, tmp_path)
        served = client.get(reverse("documents:dossier", args=[pdf.pk]))
        head = "\n".join(f"{name}: {value}" for name, value in served.headers.items())
        b"".join(served.streaming_content)
        assert leaks(written + head) == [], kept.kind
        assert not OWN_NAME.search(written + head), kept.kind
        assert kept.kind.lower() not in pdf.file_name


def test_a_planted_word_is_found_in_a_letter_and_its_mail(made):
    case = world.issued_case(made, wording=Wording.TRACEABILITY)
    # what no form and no action lets through
    Case.objects.filter(pk=case.pk).update(wording=Wording.EXPLICIT)
    with engine.locked(case) as held:
        letter.send(
            held=held,
            kind=LetterKind.PLAN,
            by=made.analyst,
            facts=every_fact(LetterKind.PLAN),
            once="1",
        )

    (text,) = [text for purpose, text in _sent_to_suppliers() if purpose == "letter"]

    assert leaks(text) == ["Call to Action", "Uyghur", "prohibited compan"]


def test_no_file_that_pages_load_names_what_it_must_not(made):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    client = signed_in(case.contact, "en")
    section = reverse("questionnaires:section", args=[case.response_id, "you"])
    pages = [client.get(section), client.get(reverse("workflows:request", args=[case.pk]))]

    files = {file for page in pages for file in read(page).files if file}

    assert files
    for file in files:
        name = urlsplit(file).path.removeprefix(django_settings.STATIC_URL)
        path = finders.find(re.sub(r"\.[0-9a-f]{12}\.", ".", name))
        assert leaks(f"{file}\n{Path(path).read_text(encoding='utf-8')}") == [], file


def test_a_planted_word_is_found_on_a_page(made):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    actions.write_message(case=case, by=made.analyst, text="About Xinjiang: 强迫劳动.")
    client = signed_in(case.contact, "en")

    answer = client.get(reverse("workflows:request", args=[case.pk]))

    assert leaks_in_page(answer) == ["Xinjiang", "强迫劳动"]


def test_a_planted_word_is_found_in_a_mail_and_a_pdf(made, tmp_path):
    made.buyer.service_name = "UFLPA desk"
    made.buyer.save()
    case = world.issued_case(made, wording=Wording.TRACEABILITY)
    actions.ask_instruction(case=case, by=case.contact)

    assert [leaks(text) for _purpose, text in _sent_to_suppliers()] == [["UFLPA", "UFLPA"]]
    assert leaks(_written("INSTRUCTION", tmp_path))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<input name="xuar_any">', ["xuar"]),
        ('<input id="id_b4_agree">', ["id_b4_agree"]),
        ('<a href="/answers/uflpa/">x</a>', ["uflpa", "uflpa"]),
        ("<p>the Region</p>", ["the Region"]),
        ("<option>新疆维吾尔自治区</option>", ["新疆", "维吾尔"]),
        (f"<ul>{''.join(f'<li>{name}</li>' for name in PROVINCES[1])}</ul>", []),
    ],
)
def test_the_scan_itself_finds_words_keys_and_clauses(page, found):
    class Answer:
        content = page.encode()
        headers = {}
        request = {"PATH_INFO": "/requests/"}
        cookies = Client().cookies

    assert leaks_in_page(Answer()) == found


def test_the_mail_with_the_code_is_neutral_too(made):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    client = signed_in(case.contact, "en")
    client.post(reverse("workflows:request_sign", args=[case.response_id]), _signature_typed(case))

    (text,) = [text for purpose, text in _sent_to_suppliers() if purpose == "step_up"]

    assert case.reference in text
    assert SERVICE in text
    assert leaks(text) == []
    assert not OWN_NAME.search(text)


def _signature_typed(case):
    return {
        "task": engine.open_task(case),
        "name": "Demo Signatory",
        "title": "Director",
        "authority": "Legal representative",
    } | {f"tick_{code}": "on" for code in personas.STATEMENTS}
