"""Says what an uploaded file really is, and whether it may be taken.

Runs in a child process with limits, on one local copy: nothing here talks to the
database, the network, or the storage. Extension and declared type are never believed;
the bytes at offset 0 and a structural opening are.
"""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from documents import children
from documents.enums import REFUSED_FOR, EvidenceState, Problem

SECONDS = 60
MEMORY = 1536 * 1024 * 1024

MOST_UNPACKED = 500 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_RATIO = 100
RATIO_FROM = 1024 * 1024
MOST_PIXELS = 120_000_000
MOST_TEXT = 20_000_000

PDF, OFD, JPEG, PNG, HEIC = "pdf", "ofd", "jpeg", "png", "heic"
TXT, CSV, DOCX, XLSX, DOC, XLS = "txt", "csv", "docx", "xlsx", "doc", "xls"
IMAGES = frozenset({JPEG, PNG, HEIC})
OF_EXTENSION = {
    "pdf": PDF, "ofd": OFD, "jpg": JPEG, "jpeg": JPEG, "jpe": JPEG, "png": PNG,
    "heic": HEIC, "heif": HEIC, "txt": TXT, "csv": CSV, "docx": DOCX, "xlsx": XLSX,
    "doc": DOC, "xls": XLS,
}  # fmt: skip
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MARKUP = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|script|iframe|svg|object|embed|\?php)\b", re.I
)
TEXT_MARKUP = re.compile(MARKUP.pattern.decode(), re.I)
TAGS = re.compile(r"<[^>]*>")
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")


@dataclass(frozen=True)
class Inspected:
    """What a file is, and what stands against it; `type` is empty when unknown.

    `problem.label` is the sentence for the reader; `detail` is a code for the ledger.
    """

    type: str = ""
    problem: Problem | None = None
    detail: str = ""

    @property
    def state(self) -> EvidenceState:
        if self.problem is None:
            return EvidenceState.RELEASED
        if self.problem in REFUSED_FOR:
            return EvidenceState.REFUSED
        return EvidenceState.HELD


class Found(Exception):
    """Something that ends the inspection."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail


def inspect(path: Path, name: str) -> Inspected:
    """Judge the file at `path`, called `name` by its sender, in a child with limits.

    A child that dies, or hits a limit, is an answer too: TOO_MUCH, which holds the file.
    """
    try:
        answer = children.run(_judge, str(path), name, seconds=SECONDS, memory=MEMORY)
    except children.ChildFailed as failed:
        return Inspected(problem=Problem.TOO_MUCH, detail=str(failed)[:200])
    found = json.loads(answer)
    return Inspected(
        type=str(found["type"]) if found["type"] in OF_EXTENSION.values() else "",
        problem=Problem(found["problem"]) if found["problem"] else None,
        detail=str(found["detail"])[:200],
    )


def _judge(path: str, name: str) -> bytes:
    kind = ""
    problem, detail = "", ""
    try:
        kind = _type_of(Path(path), name)
        JUDGES[kind](Path(path))
    except Found as found:
        problem, detail = found.problem.value, found.detail
    except MemoryError:
        problem, detail = Problem.TOO_MUCH.value, "memory"
    return json.dumps({"type": kind, "problem": problem, "detail": detail}).encode()


# ---- what it is ------------------------------------------------------------------------


def _type_of(path: Path, name: str) -> str:
    if path.stat().st_size == 0:
        raise Found(Problem.EMPTY)
    claimed = OF_EXTENSION.get(PurePosixPath(name).suffix.lower().lstrip("."), "")
    with path.open("rb") as file:
        head = file.read(4096)
    found = _by_magic(path, head) or _by_text(path, claimed)
    if not found:
        raise Found(Problem.MISNAMED if claimed else Problem.WRONG_TYPE)
    same_family = {found, claimed} <= IMAGES or {found, claimed} <= {TXT, CSV}
    if claimed and claimed != found and not same_family:
        raise Found(Problem.MISNAMED, f"{claimed} is {found}")
    return found


def _by_magic(path: Path, head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return HEIC
    if head.startswith(OLE2):
        return _office_of_old(path)
    if head.startswith(b"PK\x03\x04"):
        return _by_members(path)
    return ""


def _by_members(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {one.filename for one in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Found(Problem.BROKEN, "zip") from error
    if "word/document.xml" in names and "[Content_Types].xml" in names:
        return DOCX
    if "xl/workbook.xml" in names and "[Content_Types].xml" in names:
        return XLSX
    if "OFD.xml" in names:
        return OFD
    return ""


def _by_text(path: Path, claimed: str) -> str:
    if claimed not in {TXT, CSV} or _text(path) is None:
        return ""
    return claimed


def _text(path: Path) -> str | None:
    """Return the text of a plain file, or None when it is not one."""
    with path.open("rb") as file:
        raw = file.read(MOST_TEXT)
    for encoding in _encodings(raw):
        try:
            # a limit may fall inside a character
            text = raw.decode(encoding) if len(raw) < MOST_TEXT else raw.decode(encoding, "ignore")
        except UnicodeDecodeError:
            continue
        controls = sum(one < " " and one not in "\t\n\r\f\x1a" for one in text)
        return text if not controls else None
    return None


def _encodings(raw: bytes) -> list[str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    return ["utf-8-sig", "gb18030", "cp1252"]


# ---- whether it may be taken -----------------------------------------------------------


def _judge_text(path: Path) -> None:
    text = _text(path) or ""
    if TEXT_MARKUP.search(text[:4096]):
        raise Found(Problem.MISNAMED, "markup")
    _refuse_persons([text])


def _judge_pdf(path: Path) -> None:
    import pikepdf

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
        _refuse_persons(_words_of(pdf))


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


RUNS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/GoToE"}


def _refuse_active(pdf: "pikepdf.Pdf") -> None:
    import pikepdf

    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for found in _dictionaries(thing):
            if "/JS" in found or str(found.get("/S", "")) in RUNS or "/XFA" in found:
                raise Found(Problem.ACTIVE, "pdf")
            if "/EmbeddedFiles" in found or "/EF" in found:
                raise Found(Problem.EMBEDDED, "pdf")


def _dictionaries(thing: object, depth: int = 0) -> Iterator["pikepdf.Dictionary"]:
    """Yield a dictionary and those written inside it; references are visited by themselves."""
    import pikepdf

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


def _words_of(pdf: "pikepdf.Pdf") -> Iterator[str]:
    """Yield the text of each page, as far as its fonts say which letters they draw."""
    import pikepdf

    for page in pdf.pages:
        fonts = {
            name: _letters(font)
            for name, font in page.resources.get("/Font", pikepdf.Dictionary()).items()
        }
        letters: dict[bytes, str] | None = None
        words: list[str] = []
        try:
            for operands, operator in pikepdf.parse_content_stream(page, "Tf Tj TJ ' \" Td TD T* Tm"):
                if str(operator) == "Tf":
                    letters = fonts.get(str(operands[0]))
                elif operands and str(operator) in {"Tj", "TJ", "'", '"'}:
                    words.append(_shown(operands[-1], letters))
        except (pikepdf.PdfError, ValueError, RuntimeError):
            continue
        yield "".join(words)
        yield " ".join(words)


def _shown(operand: object, letters: dict[bytes, str] | None) -> str:
    import pikepdf

    parts = list(operand) if isinstance(operand, pikepdf.Array) else [operand]
    raw = b"".join(bytes(one) for one in parts if isinstance(one, pikepdf.String))
    if not letters:
        return raw.decode("latin-1")
    width = max(len(code) for code in letters)
    codes = (raw[at : at + width] for at in range(0, len(raw), width))
    return "".join(letters.get(code, "\ufffd") for code in codes)


HEX_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
HEX_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def _letters(font: "pikepdf.Object") -> dict[bytes, str] | None:
    """Return which code draws which letters, from the font's ToUnicode table if it has one."""
    import pikepdf

    table = font.get("/ToUnicode")
    if not isinstance(table, pikepdf.Stream):
        return None
    try:
        text = table.read_bytes()
    except (pikepdf.PdfError, RuntimeError):
        return None
    found: dict[bytes, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.S):
        for code, letters in HEX_PAIR.findall(block):
            found[_unhex(code)] = _unhex(letters).decode("utf-16-be", "replace")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.S):
        for first, last, letters in HEX_RANGE.findall(block):
            begin, base = int(first, 16), int(letters, 16)
            for step in range(min(int(last, 16) - begin, 65_535) + 1):
                code = (begin + step).to_bytes(len(first) // 2, "big")
                found[code] = chr(min(base + step, 0x10FFFF))
    return found


def _unhex(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode() if len(digits) % 2 == 0 else digits.decode() + "0")


def _judge_image(path: Path) -> None:
    from PIL import Image, UnidentifiedImageError

    if path.open("rb").read(12)[4:8] == b"ftyp":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS * 2  # ours is asked first, with an answer of its own
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Found(Problem.TOO_MUCH, "pixels")
            image.load()
            has_place = bool(image.getexif().get_ifd(0x8825))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Found(Problem.BROKEN, "image") from error
    except Image.DecompressionBombError as error:
        raise Found(Problem.TOO_MUCH, "pixels") from error
    if has_place:
        raise Found(Problem.GEOTAGGED)


def _judge_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _refuse_crafted(members, path.stat().st_size)
        texts: list[str] = []
        unpacked = 0
        for member in members:
            raw = _unpacked(archive, member, MOST_UNPACKED - unpacked)
            unpacked += len(raw)
            texts.extend(_judge_member(member.filename, raw))
    _refuse_persons(texts)


def _refuse_crafted(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise Found(Problem.BOMB, "members")
    names = [one.filename for one in members]
    if len(set(names)) != len(names):
        raise Found(Problem.BROKEN, "doubled member")
    if any(one.flag_bits & 0x1 for one in members):
        raise Found(Problem.ENCRYPTED, "zip")
    if any(PurePosixPath(one).is_absolute() or ".." in PurePosixPath(one).parts for one in names):
        raise Found(Problem.BROKEN, "path")
    end = 0
    for one in sorted(members, key=lambda member: member.header_offset):
        if one.header_offset < end or one.header_offset + one.compress_size > size:
            raise Found(Problem.BOMB, "overlap")
        end = one.header_offset + one.compress_size


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> bytes:
    """Return a member's bytes, counted while they are read: its own word is not taken."""
    most = min(budget, max(RATIO_FROM, member.compress_size * MOST_RATIO))
    out = io.BytesIO()
    try:
        with archive.open(member) as file:
            while piece := file.read(256 * 1024):
                out.write(piece)
                if out.tell() > most:
                    raise Found(Problem.BOMB, "ratio")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise Found(Problem.BROKEN, "zip") from error
    except zipfile.zlib.error as error:
        raise Found(Problem.BROKEN, "zip") from error
    return out.getvalue()


def _judge_member(name: str, raw: bytes) -> list[str]:
    lower = name.lower()
    if lower.endswith(("vbaproject.bin", ".vba")) or "/macrosheets/" in lower:
        raise Found(Problem.ACTIVE, "macros")
    if "/embeddings/" in lower or "/attachs/" in lower and lower.endswith((".zip", ".exe")):
        raise Found(Problem.EMBEDDED, "office")
    if not lower.endswith((".xml", ".rels")):
        return []
    text = raw.decode("utf-8", "replace")
    if "<!DOCTYPE" in text[:4096] or "<!ENTITY" in text[:4096]:
        raise Found(Problem.ACTIVE, "entities")
    if lower.endswith(".rels") and _fetches(text):
        raise Found(Problem.ACTIVE, "external")
    # a number may be split over runs: read it both with and without the seams
    return [TAGS.sub("", text), TAGS.sub(" ", text)] if lower.endswith(".xml") else []


def _fetches(relations: str) -> bool:
    return any(
        'TargetMode="External"' in one and "/hyperlink" not in one
        for one in re.findall(r"<Relationship\b[^>]*>", relations)
    )


# ---- DOC and XLS: compound files of [MS-CFB] -------------------------------------------


def _office_of_old(path: Path) -> str:
    names = _directory(path)
    if "EncryptedPackage" in names:
        raise Found(Problem.ENCRYPTED, "office")
    if "WordDocument" in names:
        return DOC
    return XLS if names & {"Workbook", "Book"} else ""


def _directory(path: Path) -> set[str]:
    """Return the names in a compound file's directory ([MS-CFB] 2.2 to 2.6)."""
    raw = path.read_bytes()
    try:
        shift = struct.unpack_from("<H", raw, 30)[0]
        if shift not in {9, 12}:
            raise Found(Problem.BROKEN, "office")
        size = 1 << shift
        sectors = [one for one in struct.unpack_from("<109I", raw, 76) if one < 0xFFFFFFFA]
        table: list[int] = []
        for one in sectors:
            table.extend(struct.unpack_from(f"<{size // 4}I", raw, (one + 1) * size))
        at, names, seen = struct.unpack_from("<I", raw, 48)[0], set(), set()
        while at < 0xFFFFFFFA and at not in seen:
            seen.add(at)
            for offset in range((at + 1) * size, (at + 2) * size, 128):
                length = struct.unpack_from("<H", raw, offset + 64)[0]
                name = raw[offset : offset + max(0, min(length, 64) - 2)]
                names.add(name.decode("utf-16-le", "replace"))
            at = table[at]
    except (struct.error, IndexError) as error:
        raise Found(Problem.BROKEN, "office") from error
    return names


def _judge_old_office(path: Path) -> None:
    names = _directory(path)
    if names & {"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"}:
        raise Found(Problem.ACTIVE, "macros")
    if "ObjectPool" in names or any(one.startswith(("MBD", "\x01Ole10")) for one in names):
        raise Found(Problem.EMBEDDED, "office")
    raw = path.read_bytes()
    _refuse_persons([raw.decode("latin-1"), raw.decode("utf-16-le", "ignore")])


# ---- persons ---------------------------------------------------------------------------


def _refuse_persons(texts: Iterable[str]) -> None:
    for text in texts:
        found = sum(_is_id_number(one) for one in ID_NUMBER.findall(text))
        if found:
            raise Found(Problem.ID_NUMBERS, str(found))


def _is_id_number(text: str) -> bool:
    """Whether this is a number of a Chinese resident identity card: GB 11643-1999."""
    from stdnum.cn import ric

    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= datetime.now(UTC).year:
        return False
    # the region is not asked: codes change, and a number with an old one is a number too
    return bool(ric.calc_check_digit(text[:-1]) == text[-1].upper())


JUDGES: dict[str, Callable[[Path], None]] = {
    PDF: _judge_pdf,
    OFD: _judge_zip,
    DOCX: _judge_zip,
    XLSX: _judge_zip,
    JPEG: _judge_image,
    PNG: _judge_image,
    HEIC: _judge_image,
    TXT: _judge_text,
    CSV: _judge_text,
    DOC: _judge_old_office,
    XLS: _judge_old_office,
}
