"""Says what an uploaded file really is, and whether it may be taken.

Runs in a child process with limits, on one local copy: nothing here talks to the
database, the network, or the storage. Extension and declared type are never believed;
the bytes at offset 0 and a structural opening are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from documents import children
from documents.enums import REFUSED_FOR, EvidenceState, Problem
from documents.inspection import archives, compound, images, kinds, pdfs, texts
from documents.inspection.finding import (
    CSV,
    DOC,
    DOCX,
    HEIC,
    JPEG,
    MEMORY,
    OFD,
    PDF,
    PNG,
    SECONDS,
    TXT,
    XLS,
    XLSX,
    Found,
)

JUDGES: dict[str, Callable[[Path], None]] = {
    PDF: pdfs.judge,
    OFD: archives.judge,
    DOCX: archives.judge,
    XLSX: archives.judge,
    JPEG: images.judge,
    PNG: images.judge,
    HEIC: images.judge,
    TXT: texts.judge,
    CSV: texts.judge,
    DOC: compound.judge,
    XLS: compound.judge,
}


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
        type=str(found["type"]) if found["type"] in JUDGES else "",
        problem=Problem(found["problem"]) if found["problem"] else None,
        detail=str(found["detail"])[:200],
    )


def _judge(path: str, name: str) -> bytes:
    kind = ""
    problem, detail = "", ""
    try:
        kind = kinds.type_of(Path(path), name)
        JUDGES[kind](Path(path))
    except Found as found:
        problem, detail = found.problem.value, found.detail
    except MemoryError:
        problem, detail = Problem.TOO_MUCH.value, "memory"
    return json.dumps({"type": kind, "problem": problem, "detail": detail}).encode()
