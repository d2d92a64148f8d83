import hashlib
import io
import os
import re
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest

from documents import pdf
from documents.dossier import Block, Picture
from tests.documents import samples

REGION_WORDS = re.compile(
    r"xinjiang|xuar|uyghur|uighur|新疆|维吾尔|forced\s+labou?r|强迫劳动|UFLPA|\bB4\b|\bA3\b",
    re.IGNORECASE,
)


def tool(name, data, *options):
    done = subprocess.run(
        [name, *options, "-", *(["-"] if name == "pdftotext" else [])],
        input=data,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def text_of(data):
    return tool("pdftotext", data, "-layout")


@pytest.fixture(scope="module")
def dossier():
    return pdf.render(samples.dossier())


@pytest.fixture(scope="module")
def receipt():
    return pdf.render(samples.receipt())


def test_a_dossier_says_what_it_was_given(dossier):
    text = text_of(dossier.data)

    for said in (
        "Audit trail of a case",
        "Counsel's edition, issue 2",
        "K7QF-3MX9",
        samples.HEAD,
        "entries 1 to 42 of the ledger of this case",
        "20 November 2026, 14:05 (Shanghai)",
        "Unsealed. Nothing in this file itself shows a later change.",
        samples.EVIDENCE[0].sha256,
        "Scanned, no virus found",
        "Held until a person has looked at it",
        "Refused, the file was not kept",
        "canary-7731",
        "What is not proved",
        f"Page {dossier.pages} of {dossier.pages}",
    ):
        assert said in text
    assert dossier.sha256 == hashlib.sha256(dossier.data).hexdigest()


def test_latin_chinese_and_uyghur_stand_on_one_line_and_can_be_read_back(dossier):
    text = text_of(dossier.data)

    assert samples.CHINESE in text
    assert "Nguyễn Demo JSC; buttons, Łódź Demo S.A." in " ".join(text.split())
    line = next(one for one in text.splitlines() if "报关单 2026-09.pdf, for" in one)
    written = set(samples.UYGHUR.split())
    assert written <= set(re.sub("[\u2066-\u2069\u202a-\u202e.]", "", line).split())


def test_fonts_are_ours_embedded_and_readable(dossier):
    lines = tool("pdffonts", dossier.data).splitlines()[2:]

    assert len(lines) >= 6
    for line in lines:
        name, embedded, unicode = line.split()[0], line.split()[-5], line.split()[-3]
        assert "Noto" in name
        assert (embedded, unicode) == ("yes", "yes")


def test_the_file_is_tagged_and_names_its_language_and_title(dossier):
    with pikepdf.open(io.BytesIO(dossier.data)) as made:
        assert made.Root.MarkInfo.Marked
        assert str(made.Root.Lang) == "en"
        assert made.Root.ViewerPreferences.DisplayDocTitle
        assert len(made.Root.OutputIntents) == 1
        assert "/EmbeddedFiles" not in made.Root.get("/Names", {})
        metadata = made.Root.Metadata.read_bytes()
    assert metadata.count(b"pdfuaid:part") == 1
    assert b"Audit trail of case K7QF-3MX9" in metadata


def test_the_same_content_gives_the_same_bytes(dossier, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")

    assert pdf.render(samples.dossier()).data == dossier.data


def test_the_working_edition_leaves_out_what_only_counsel_reads():
    text = text_of(pdf.render(samples.dossier(edition="WORKING")).data)

    assert "Working edition" in text
    assert "canary-7731" not in text
    assert "For counsel alone" not in text


def test_a_register_lists_every_supplier():
    made = pdf.render(samples.register(lines=60))
    text = text_of(made.data)

    assert "Spring 2026, cotton" in text
    assert all(f"{n:04}-DEMO" in text for n in range(1, 61))


def test_an_empty_register_says_so():
    text = text_of(pdf.render(samples.register(lines=0, counts=())).data)

    assert "No supplier was instructed yet." in text


def test_an_instruction_is_a_letter_with_its_date_and_due_date():
    text = text_of(pdf.render(samples.instruction()).data)

    for said in ("Where the inputs of our goods come from", "Please answer by 31 October 2026."):
        assert said in text
    assert "Extricate" not in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_supplier_s_copy_says_nothing_of_the_region_by_itself(language):
    for content in (samples.receipt(language), samples.instruction(language)):
        made = pdf.render(content)
        with pikepdf.open(io.BytesIO(made.data)) as opened:
            metadata = opened.Root.Metadata.read_bytes().decode()
        assert not REGION_WORDS.search(text_of(made.data) + metadata)


def test_a_receipt_shows_no_grade_and_no_reviewer_s_reason(receipt):
    text = text_of(receipt.data)

    assert "Grade" not in text
    assert "Names the order and the spinner." not in text
    assert samples.HEAD in text
    assert samples.ATTESTATION.sha256 in text


def test_a_neutral_copy_does_not_name_this_program_even_in_its_properties():
    made = pdf.render(samples.instruction(imprint=samples.imprint(service="Desk", software="")))

    with pikepdf.open(io.BytesIO(made.data)) as opened:
        properties = str(dict(opened.docinfo)) + opened.Root.Metadata.read_bytes().decode()
    assert "Extricate" not in properties + text_of(made.data)


def test_what_our_fonts_lack_and_what_turns_text_round_is_shown_by_number():
    assert pdf.printable("plain") == "plain"
    assert pdf.printable("𠮷 稀有") == "𠮷 稀有"
    assert pdf.printable("a\u202eb\x07\U0001f600\U0002ebf0\n\tc\r\n") == (
        "a[U+202E]b[U+0007][U+1F600][U+2EBF0]\n c\n"
    )


def test_hostile_texts_print():
    hostile = "x" * 400 + "𠮷\u202e\x00<script>alert(1)</script>{{ 7|add:7 }}\U0001f600"
    content = samples.receipt(
        title=hostile,
        imprint=samples.imprint(service=hostile, buyer=hostile, reference='K"}</style>\\'),
    )

    text = "".join(text_of(pdf.render(content).data).split())

    assert "[U+202E][U+0000]<script>alert(1)</script>{{7|add:7}}[U+1F600]" in text


class Trap(BaseHTTPRequestHandler):
    hits = 0

    def do_GET(self):
        type(self).hits += 1
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def trap():
    Trap.hits = 0
    server = HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.png"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["http", "file"])
def test_nothing_is_fetched_and_trying_fails_the_document(trap, tmp_path, kind):
    canary = tmp_path / "canary.svg"
    canary.write_text(samples.SVG)
    url = trap if kind == "http" else canary.as_uri()
    svg = samples.SVG.replace("</svg>", f'<image href="{url}" width="9" height="9"/></svg>')
    content = samples.dossier(charts=(Picture(svg=svg, alt="A picture"),), events=1)

    with pytest.raises(pdf.RenderFailed):
        pdf.render(content)

    assert Trap.hits == 0


def test_letters_with_an_outline_can_be_read():
    """WeasyPrint knows no paint-order: it would draw the white outline over the letters."""
    haloed = (
        '<text x="10" y="80" stroke="#FFFFFF" stroke-width="4" paint-order="stroke">Lapsed</text>'
    )
    svg = samples.SVG.replace("</svg>", f"{haloed}</svg>")

    drawn = pdf._drawable(svg)

    assert f'{haloed}<text x="10" y="80">Lapsed</text>' in drawn
    assert 'font-family="Noto Sans, Noto Sans SC"' in drawn


def test_a_missing_glyph_fails_the_document(monkeypatch):
    monkeypatch.setattr(pdf, "printable", lambda text: text)
    content = samples.instruction(blocks=(Block("\U0002ebf0"),))

    with pytest.raises(pdf.RenderFailed, match="notdef"):
        pdf.render(content)


def test_a_style_nobody_understands_fails_the_document(monkeypatch):
    html = pdf.compose(samples.instruction()).replace("</style>", "p { color: nope }</style>", 1)
    monkeypatch.setattr(pdf, "compose", lambda content: html)

    with pytest.raises(pdf.RenderFailed, match="nope"):
        pdf.render(samples.instruction())


def test_a_document_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 1)

    with pytest.raises(pdf.RenderFailed):
        pdf.render(samples.dossier(events=4_000))


def test_no_font_of_the_host_is_used(monkeypatch, dossier):
    # a configuration of the host's is overruled in the child
    monkeypatch.setitem(os.environ, "FONTCONFIG_FILE", "/etc/fonts/fonts.conf")

    assert pdf.render(samples.dossier()).data == dossier.data


def test_a_thousand_events_are_paragraphs_on_many_pages():
    content = samples.dossier(events=1_000)

    made = pdf.render(replace(content, answers=(), evidence=()))

    assert 25 < made.pages < 50
    assert made.data.count(b"/S /Table") == 0 or "1000" in text_of(made.data)
