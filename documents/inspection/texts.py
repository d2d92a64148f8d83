"""Plain text: its encoding, and what must not be in it."""

import re
from pathlib import Path

from documents.enums import Problem
from documents.inspection import persons
from documents.inspection.finding import MOST_TEXT, Found

MARKUP = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|script|iframe|svg|object|embed|\?php)\b", re.IGNORECASE
)
TEXT_MARKUP = re.compile(MARKUP.pattern.decode(), re.IGNORECASE)


def read(path: Path) -> str | None:
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


def judge(path: Path) -> None:
    text = read(path) or ""
    if TEXT_MARKUP.search(text[:4096]):
        raise Found(Problem.MISNAMED, "markup")
    persons.refuse([text])
