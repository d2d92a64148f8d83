"""What a file is: by the bytes it begins with, and by opening it."""

import zipfile
from pathlib import Path, PurePosixPath

from documents.enums import Problem
from documents.inspection import compound, texts
from documents.inspection.finding import (
    CSV,
    DOC,
    DOCX,
    HEIC,
    JPEG,
    OFD,
    PDF,
    PNG,
    TXT,
    XLS,
    XLSX,
    Found,
)

IMAGES = frozenset({JPEG, PNG, HEIC})
OF_EXTENSION = {
    "pdf": PDF, "ofd": OFD, "jpg": JPEG, "jpeg": JPEG, "jpe": JPEG, "png": PNG,
    "heic": HEIC, "heif": HEIC, "txt": TXT, "csv": CSV, "docx": DOCX, "xlsx": XLSX,
    "doc": DOC, "xls": XLS,
}  # fmt: skip
MAGIC = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def type_of(path: Path, name: str) -> str:
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
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return HEIC
    if head.startswith(compound.MAGIC):
        return compound.type_of(path)
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
    if claimed not in {TXT, CSV} or texts.read(path) is None:
        return ""
    return claimed
