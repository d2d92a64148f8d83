"""Zip files that carry an office document: bombs, macros, and what they would fetch."""

import io
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from documents.enums import Problem
from documents.inspection import persons
from documents.inspection.finding import (
    MOST_MEMBERS,
    MOST_RATIO,
    MOST_UNPACKED,
    RATIO_FROM,
    Found,
)

TAGS = re.compile(r"<[^>]*>")


def judge(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _refuse_crafted(members, path.stat().st_size)
        texts: list[str] = []
        unpacked = 0
        for member in members:
            raw = _unpacked(archive, member, MOST_UNPACKED - unpacked)
            unpacked += len(raw)
            texts.extend(_judge_member(member.filename, raw))
    persons.refuse(texts)


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
    except zlib.error as error:
        raise Found(Problem.BROKEN, "zip") from error
    return out.getvalue()


def _judge_member(name: str, raw: bytes) -> list[str]:
    lower = name.lower()
    if lower.endswith(("vbaproject.bin", ".vba")) or "/macrosheets/" in lower:
        raise Found(Problem.ACTIVE, "macros")
    if "/embeddings/" in lower or ("/attachs/" in lower and lower.endswith((".zip", ".exe"))):
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
