"""DOC and XLS: compound files after [MS-CFB]."""

import struct
from pathlib import Path

from documents.enums import Problem
from documents.inspection import persons
from documents.inspection.finding import DOC, XLS, Found

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def type_of(path: Path) -> str:
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


def judge(path: Path) -> None:
    names = _directory(path)
    if names & {"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"}:
        raise Found(Problem.ACTIVE, "macros")
    if "ObjectPool" in names or any(one.startswith(("MBD", "\x01Ole10")) for one in names):
        raise Found(Problem.EMBEDDED, "office")
    raw = path.read_bytes()
    persons.refuse([raw.decode("latin-1"), raw.decode("utf-16-le", "ignore")])
