"""PDF: whether it is only that, what it would run, and the words on its pages."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pikepdf

from documents.enums import Problem
from documents.inspection import persons
from documents.inspection.finding import Found
from documents.inspection.texts import MARKUP


def judge(path: Path) -> None:
    _refuse_polyglot(path)
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise Found(Problem.ENCRYPTED, "pdf") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Found(Problem.BROKEN, "pdf") from error
    with pdf:
        if pdf.is_encrypted:
            raise Found(Problem.ENCRYPTED, "pdf")
        if not len(pdf.pages):
            raise Found(Problem.BROKEN, "no pages")
        _refuse_active(pdf)
        persons.refuse(_words_of(pdf))


def _refuse_polyglot(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    before_objects = re.split(rb"\d+\s+\d+\s+obj\b", head, maxsplit=1)[0]
    after_end = tail.rpartition(b"%%EOF")[2]
    if MARKUP.search(before_objects) or MARKUP.search(after_end):
        raise Found(Problem.POLYGLOT, "markup")
    # a zip is read from its end: the record of its directory must not follow the PDF
    if b"PK\x05\x06" in after_end:
        raise Found(Problem.POLYGLOT, "zip")


SHOWING = "Tf Tj TJ ' \""
RUNS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/GoToE"}


def _refuse_active(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for found in _dictionaries(thing):
            if "/JS" in found or str(found.get("/S", "")) in RUNS or "/XFA" in found:
                raise Found(Problem.ACTIVE, "pdf")
            if "/EmbeddedFiles" in found or "/EF" in found:
                raise Found(Problem.EMBEDDED, "pdf")


def _dictionaries(thing: object, depth: int = 0) -> Iterator[pikepdf.Dictionary | pikepdf.Stream]:
    """Yield a dictionary and those written inside it; references are visited by themselves."""
    if depth > 12:
        return
    if isinstance(thing, pikepdf.Array):
        inner: Iterable = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield thing
        inner = list(thing.values()) if isinstance(thing, pikepdf.Dictionary) else []
    else:
        return
    for value in inner:
        is_written_here = isinstance(value, pikepdf.Array | pikepdf.Dictionary)
        if is_written_here and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _words_of(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Yield the text of each page, as far as its fonts say which letters they draw."""
    for page in pdf.pages:
        fonts = {
            name: _letters(font)
            for name, font in page.resources.get("/Font", pikepdf.Dictionary()).items()
        }
        letters: dict[bytes, str] | None = None
        words: list[str] = []
        try:
            for step in pikepdf.parse_content_stream(page, SHOWING):
                if str(step.operator) == "Tf":
                    letters = fonts.get(str(step.operands[0]))
                elif len(step.operands):
                    words.append(_shown(step.operands[-1], letters))
        except (pikepdf.PdfError, ValueError, RuntimeError):
            continue
        yield "".join(words)
        yield " ".join(words)


def _shown(operand: object, letters: dict[bytes, str] | None) -> str:
    parts = list(operand) if isinstance(operand, pikepdf.Array) else [operand]
    raw = b"".join(bytes(one) for one in parts if isinstance(one, pikepdf.String))
    if not letters:
        return raw.decode("latin-1")
    width = max(len(code) for code in letters)
    codes = (raw[at : at + width] for at in range(0, len(raw), width))
    return "".join(letters.get(code, "\ufffd") for code in codes)


HEX_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
HEX_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def _letters(font: pikepdf.Object) -> dict[bytes, str] | None:
    """Return which code draws which letters, from the font's ToUnicode table if it has one."""
    table = font.get("/ToUnicode")
    if not isinstance(table, pikepdf.Stream):
        return None
    try:
        text = table.read_bytes()
    except (pikepdf.PdfError, RuntimeError):
        return None
    found: dict[bytes, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, letters in HEX_PAIR.findall(block):
            found[_unhex(code)] = _unhex(letters).decode("utf-16-be", "replace")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, letters in HEX_RANGE.findall(block):
            begin, base = int(first, 16), int(letters, 16)
            for step in range(min(int(last, 16) - begin, 65_535) + 1):
                code = (begin + step).to_bytes(len(first) // 2, "big")
                found[code] = chr(min(base + step, 0x10FFFF))
    return found


def _unhex(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode() if len(digits) % 2 == 0 else digits.decode() + "0")
