import io
import struct
import zlib

import pikepdf
import pytest

from documents import children, inspection
from documents.enums import EvidenceState, Problem
from documents.inspection import persons
from tests.documents import hostile

GENUINE = {
    "pdf": ("a.pdf", hostile.pdf),
    "ofd": ("a.ofd", hostile.ofd),
    "jpeg": ("a.jpg", lambda: hostile.picture("JPEG")),
    "png": ("a.png", lambda: hostile.picture("PNG")),
    "heic": ("a.heic", lambda: hostile.picture("HEIF")),
    "txt": ("a.txt", "报关单 𠮷".encode),
    "csv": ("a.csv", lambda: "品名,数量\n棉纱,40\n".encode("gb18030")),
    "docx": ("a.docx", hostile.docx),
    "xlsx": ("a.xlsx", hostile.xlsx),
    "doc": ("a.doc", lambda: hostile.compound("WordDocument")),
    "xls": ("a.xls", lambda: hostile.compound("Workbook")),
}
HOSTILE = [
    ("empty", "a.pdf", b"", Problem.EMPTY),
    ("page called pdf", "a.pdf", b"<!doctype html><html><body>pay", Problem.MISNAMED),
    ("page before pdf", "a.pdf", hostile.html_then_pdf(), Problem.MISNAMED),
    ("page inside pdf", "a.pdf", hostile.pdf_with_markup(), Problem.POLYGLOT),
    ("zip behind pdf", "a.pdf", hostile.pdf_then_zip(), Problem.POLYGLOT),
    ("truncated pdf", "a.pdf", b"%PDF-1.7\n%", Problem.BROKEN),
    ("locked pdf", "a.pdf", hostile.encrypted_pdf(), Problem.ENCRYPTED),
    ("scripted pdf", "a.pdf", hostile.scripted_pdf(), Problem.ACTIVE),
    ("launching pdf", "a.pdf", hostile.launching_pdf(), Problem.ACTIVE),
    ("carrying pdf", "a.pdf", hostile.carrying_pdf(), Problem.EMBEDDED),
    ("persons in pdf", "a.pdf", hostile.pdf(f"ID {hostile.ID_NUMBER}"), Problem.ID_NUMBERS),
    ("page called text", "a.txt", b"<html><script>1</script>", Problem.MISNAMED),
    ("bytes called text", "a.txt", b"\0\1\2\3", Problem.MISNAMED),
    ("persons in csv", "a.csv", f"x,{hostile.ID_NUMBER}".encode(), Problem.ID_NUMBERS),
    ("persons in utf-16", "a.txt", hostile.ID_NUMBER.encode("utf-16"), Problem.ID_NUMBERS),
    ("program", "a.exe", b"MZ\x90\0", Problem.WRONG_TYPE),
    ("svg", "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", Problem.WRONG_TYPE),
    ("text of no name", "notes", b"hello", Problem.WRONG_TYPE),
    ("plain zip", "a.zip", hostile.zipped({"a.txt": b"a"}), Problem.WRONG_TYPE),
    ("jpeg called pdf", "a.pdf", hostile.picture("JPEG"), Problem.MISNAMED),
    ("cut jpeg", "a.jpg", hostile.picture("JPEG")[:200], Problem.BROKEN),
    ("place in jpeg", "a.jpg", hostile.picture("JPEG", place=True), Problem.GEOTAGGED),
    ("cut zip", "a.docx", hostile.docx()[:60], Problem.BROKEN),
    ("bomb", "a.docx", hostile.zip_bomb(), Problem.BOMB),
    ("overlap", "a.docx", hostile.overlapping_zip(), Problem.BOMB),
    ("locked zip", "a.docx", hostile.encrypted_zip(), Problem.ENCRYPTED),
    ("path", "a.docx", hostile.docx_with("../../x", b"x"), Problem.BROKEN),
    ("macros", "a.docx", hostile.docx_with("word/vbaProject.bin", b"x"), Problem.ACTIVE),
    ("entities", "a.docx", hostile.docx_with("a.xml", b"<!DOCTYPE a>"), Problem.ACTIVE),
    ("embedded", "a.docx", hostile.docx_with("word/embeddings/o.bin", b"x"), Problem.EMBEDDED),
    ("persons in docx", "a.docx", hostile.docx(hostile.ID_NUMBER), Problem.ID_NUMBERS),
    (
        "persons split over runs",
        "a.docx",
        hostile.docx(f"{hostile.ID_NUMBER[:6]}</w:t><w:t>{hostile.ID_NUMBER[6:]}"),
        Problem.ID_NUMBERS,
    ),
    (
        "template from afar",
        "a.docx",
        hostile.docx_with(
            "word/_rels/settings.xml.rels",
            b'<Relationship Type="http://x/attachedTemplate" TargetMode="External"/>',
        ),
        Problem.ACTIVE,
    ),
    ("macros of old", "a.xls", hostile.compound("Workbook", "_VBA_PROJECT"), Problem.ACTIVE),
    ("locked docx", "a.docx", hostile.compound("EncryptedPackage"), Problem.ENCRYPTED),
    ("unknown of old", "a.doc", hostile.compound("Whatever"), Problem.MISNAMED),
    ("cut of old", "a.doc", hostile.compound("WordDocument")[:520], Problem.BROKEN),
]


@pytest.fixture
def here(monkeypatch):
    """Judges in this process, for speed; what only a child can show is tested in one."""
    monkeypatch.setattr(children, "run", lambda judge, *args, **limits: judge(*args))


def judged(tmp_path, name, content):
    path = tmp_path / "evidence"
    path.write_bytes(content)
    return inspection.inspect(path, name)


@pytest.mark.parametrize("kind", GENUINE)
def test_each_type_of_the_list_is_released(tmp_path, here, kind):
    name, make = GENUINE[kind]

    found = judged(tmp_path, name, make())

    assert found == inspection.Inspected(type=kind)
    assert found.state == EvidenceState.RELEASED


@pytest.mark.parametrize(
    ("name", "content", "problem"), [pytest.param(*one[1:], id=one[0]) for one in HOSTILE]
)
def test_what_is_hostile_is_held_or_refused(here, tmp_path, name, content, problem):
    assert judged(tmp_path, name, content).problem == problem


@pytest.mark.parametrize("kind", ["pdf", "heic", "docx", "doc", "csv"])
def test_a_child_with_its_limits_can_judge(tmp_path, kind):
    name, make = GENUINE[kind]

    assert judged(tmp_path, name, make()) == inspection.Inspected(type=kind)


def test_a_child_says_what_it_found(tmp_path):
    found = judged(tmp_path, "a.docx", hostile.zip_bomb())

    assert (found.problem, found.detail) == (Problem.BOMB, "ratio")


def test_a_file_that_eats_the_memory_is_held(here, tmp_path, monkeypatch):
    def eat(path):
        raise MemoryError

    monkeypatch.setitem(inspection.JUDGES, "txt", eat)

    assert judged(tmp_path, "a.txt", b"x").problem == Problem.TOO_MUCH


def test_every_problem_says_whether_the_file_is_kept():
    states = {problem: inspection.Inspected(problem=problem).state for problem in Problem}

    assert states[Problem.BOMB] == EvidenceState.REFUSED
    assert states[Problem.ID_NUMBERS] == EvidenceState.HELD
    assert set(states.values()) == {EvidenceState.REFUSED, EvidenceState.HELD}


def test_a_photograph_may_bear_another_picture_s_ending(tmp_path):
    assert judged(tmp_path, "a.png", hostile.picture("JPEG")).type == "jpeg"


@pytest.mark.parametrize("by", ["char", "range"])
def test_persons_are_found_behind_an_embedded_font(here, tmp_path, by):
    made = pikepdf.open(io.BytesIO(hostile.pdf()))
    codes = {letter: ord(letter) - 40 for letter in hostile.ID_NUMBER}
    pairs = "".join(f"<{n:04x}> <{ord(one):04x}>\n" for one, n in codes.items())
    ranges = "<0008> <0011> <0030>\n<0030> <0030> <0058>\n"
    table = {
        "char": f"{len(codes)} beginbfchar\n{pairs}endbfchar".encode(),
        "range": f"2 beginbfrange\n{ranges}endbfrange".encode(),
    }[by]
    page = made.pages[0]
    page.Resources.Font.F1.ToUnicode = made.make_stream(table)
    shown = "".join(f"{codes[one]:04x}" for one in hostile.ID_NUMBER)
    page.Contents = made.make_stream(f"BT /F1 12 Tf <{shown}> Tj ET".encode())

    assert judged(tmp_path, "a.pdf", hostile.saved(made)).problem == Problem.ID_NUMBERS


def test_a_picture_of_too_many_pixels_is_held_without_being_opened(here, tmp_path):
    raw = hostile.picture("PNG")
    head = struct.pack(">II", 60_000, 60_000) + raw[24:29]
    bomb = raw[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + raw[33:]

    assert judged(tmp_path, "a.png", bomb).problem == Problem.TOO_MUCH


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (hostile.ID_NUMBER, True),
        (hostile.ID_NUMBER.lower(), True),
        ("110105194912310021", False),  # wrong check digit
        ("11010519491331002X", False),  # no thirteenth month
        ("91330600MA00000000", False),  # a company's number
    ],
)
def test_an_identity_number_is_told_from_other_numbers(text, is_one):
    assert bool(persons.ID_NUMBER.search(text) and persons._is_id_number(text)) == is_one


def sleep_for_ever():
    while True:
        pass


def eat_memory():
    return bytes(10**10)[:1]


def die():
    import os

    os._exit(3)


@pytest.mark.parametrize("harm", [sleep_for_ever, eat_memory, die])
def test_a_child_is_stopped_at_its_limits_and_the_worker_lives(harm):
    with pytest.raises(children.ChildFailed):
        children.run(harm, seconds=1, memory=2 * 1024**3)


def test_a_child_that_dies_holds_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(inspection, "_judge", die)
    monkeypatch.setattr(inspection, "MEMORY", 2 * 1024**3)
    path = tmp_path / "evidence"
    path.write_bytes(b"x")

    assert inspection.inspect(path, "a.txt").problem == Problem.TOO_MUCH
