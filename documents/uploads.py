"""The way in: files are hashed and counted while they arrive, and never kept in memory."""

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

LONGEST_NAME = 200
# How much of a body past the limit is read and thrown away so that the form can answer.
PATIENCE = 4


class HashedUpload(TemporaryUploadedFile):
    """An uploaded file on disk, with the SHA-256 (hex) of its bytes as they arrived.

    `is_too_large` says that it went past `settings.EVIDENCE_MAX_BYTES`; then it holds no
    bytes at all.
    """

    sha256: str
    is_too_large: bool = False


class HashingUploadHandler(FileUploadHandler):
    """Django's door for every uploaded file: see `settings.FILE_UPLOAD_HANDLERS`."""

    file: HashedUpload

    def handle_raw_input(  # type: ignore[override]  # the stubs take the length for a text
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature, here and below
        META: Mapping[str, Any],  # noqa: ARG002, N803
        content_length: int,
        boundary: bytes,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """Hang up on a body so long that reading it to its end would be a gift."""
        if content_length > PATIENCE * settings.EVIDENCE_MAX_BYTES:
            raise StopUpload(connection_reset=True)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.size = 0
        self.file = HashedUpload(
            self.file_name or "", self.content_type, 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(
        self,
        raw_data: bytes,
        start: int,  # noqa: ARG002
    ) -> None:
        self.size += len(raw_data)
        if self.file.is_too_large:
            return
        if self.size > settings.EVIDENCE_MAX_BYTES:
            self.file.is_too_large = True
            self.file.seek(0)
            self.file.truncate()
            return
        self.digest.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> HashedUpload:
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.digest.hexdigest()
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def sha256_of(file: Any) -> tuple[str, int]:
    """Return the hex SHA-256 and the size in bytes of an open file, read in pieces."""
    if isinstance(file, HashedUpload):
        return file.sha256, file.size or 0
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return digest.hexdigest(), size


def display_name(raw: str) -> str:
    """Return a file name that is safe to show, and is never used for anything else.

    NFC, without path, controls, surrogates and characters that turn the direction of
    text round; at most 200 characters, the ending kept. "file" when nothing is left.
    """
    name = unicodedata.normalize("NFC", raw).replace("\\", "/")
    name = PurePosixPath(name).name if name.strip("/.") else ""
    name = "".join(one for one in name if unicodedata.category(one)[0] != "C")
    name = " ".join(name.split()).strip(". ") or "file"
    if len(name) > LONGEST_NAME:
        ending = PurePosixPath(name).suffix[-10:]
        name = name[: LONGEST_NAME - len(ending) - 1].rstrip() + "…" + ending
    return name
