"""The PDF of every kind of letter, in both wordings and languages, written and read back."""

import hashlib
import io
import re
import subprocess

import pikepdf
import pytest

from documents import pdf
from documents.actions import dossier as documents
from documents.models import Dossier
from portal.enums import Language, Wording
from questionnaires.static_checks.texts import leaks
from tests.workflows import world
from tests.workflows.letters_said import every_fact
from workflows import actions, collect, engine, letters
from workflows.actions import letter as sending
from workflows.enums import LetterKind
from workflows.models import SentLetter

pytestmark = pytest.mark.django_db

CLAUSE = re.compile(r"\b[ABC][1-6]\b|clause|[1-6]条")
LATER = [kind for kind in LetterKind if kind != LetterKind.INSTRUCTION]


def read(data):
    """Return what a person reads in a PDF, and what it says of itself."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        about = opened.Root.Metadata.read_bytes().decode()
        language = str(opened.Root.Lang)
    text = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    return text.stdout.decode(), about, language


def plain(text):
    """A text without spaces and hyphens: a reader of PDFs drops those at the end of a line."""
    return re.sub(r"[\s-]+", "", text)


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("wording", Wording)
def test_every_letter_is_printed_whole(wording, language):
    made = world.world(language=language)
    made.buyer.service_name = "Demo Sourcing Service"
    made.buyer.save()
    case = world.issued_case(made, wording=wording)
    kept = [case.instruction]
    for kind in LATER:
        with engine.locked(case) as held:
            kept.append(
                sending.send(
                    held=held, kind=kind, by=made.analyst, facts=every_fact(kind), once="1"
                )
            )

    for letter in kept:
        text, about, spoken = read(pdf.render(collect.letter(case, letter)).data)

        for piece in [letter.title, *letter.text.split("\n\n")]:
            words = piece.removeprefix("# ").removeprefix("- ")
            assert plain(words) in plain(text), (letter.kind, words)
        assert letter.sha256 in plain(text)
        assert plain(case.reference) in plain(text)
        assert plain(f"/requests/{case.pk}/") in plain(text)
        assert letter.title in about
        assert spoken == ("zh-Hans" if language == Language.ZH else "en")
        assert "Extricate" not in text + about
        if wording == Wording.TRACEABILITY:
            assert leaks(text + about) == []
            assert not CLAUSE.search(text.replace(case.reference, "").replace("-", ""))


def test_a_letter_is_written_once_and_served_again():
    made = world.world()
    case = world.acknowledged_case(made)
    letter = case.letters.get()
    other = _sent(case, made, LetterKind.SUSPENSION)

    asked = actions.ask_letter(case=case, letter=letter, by=made.contact)
    actions.ask_letter(case=case, letter=other, by=made.analyst)
    again = actions.ask_letter(case=case, letter=letter, by=made.analyst)

    assert again == asked
    assert Dossier.objects.filter(kind="LETTER").count() == 2
    documents.write(asked.pk)
    asked.refresh_from_db()
    assert asked.file_name == f"{case.reference}-letter-1.pdf"
    for person in (made.contact, made.analyst):
        with documents.open_dossier(dossier=asked, by=person) as opened:
            assert hashlib.sha256(opened.read()).hexdigest() == asked.sha256


def _sent(case, made, kind):
    with engine.locked(case) as held:
        return sending.send(
            held=held, kind=kind, by=made.analyst, facts=every_fact(kind), once="1"
        )


def test_the_date_of_a_letter_is_that_of_its_sending_where_it_is_read():
    made = world.world()
    case = world.acknowledged_case(made)
    letter = SentLetter.objects.get()
    day = letters.day_of(letter.written_at, case)

    text, _about, _language = read(pdf.render(collect.letter(case, letter)).data)

    assert f"{day.day} {day:%B %Y}" in text
