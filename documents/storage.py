"""Private files: the only place that reads and writes their storages.

Three aliases of `settings.STORAGES`: what came in and was not judged yet (quarantine),
what was released (evidence), and what was written here (dossiers). Keys are
`<buyer>/<row>`: one row, one object, and nothing a supplier typed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from s3transfer.exceptions import RetriesExceededError

from portal.access import Conflict

Place = Literal["quarantine", "evidence", "dossiers"]


class NotDestroyed(Exception):
    """The storage kept bytes that had to go; the text names them."""


class StorageSilent(Conflict):
    """The storage is full, refuses, or does not answer: a page says so, a worker tries again."""


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BotoCoreError, ClientError, RetriesExceededError) as error:
        raise StorageSilent(
            _("The storage for files does not answer. Nothing was changed; try again later.")
        ) from error


def put(place: Place, key: str, file: IO[bytes] | File) -> None:
    """Store `file` under exactly `key`, replacing what an interrupted attempt left.

    A file that lies on the same disk is renamed rather than copied, so it may be gone
    from where it was. Raises StorageSilent.
    """
    storage = storages[place]
    destroy(place, key)
    with _answering():
        file.seek(0)
        stored = storage.save(key, file if isinstance(file, File) else File(file, name=key))
        if stored != key:
            storage.delete(stored)
            raise OSError(f"{place} stored {stored} for {key}")


def read(place: Place, key: str) -> File:
    """Open what is stored under `key`; the caller closes it.

    Raises FileNotFoundError, StorageSilent.
    """
    with _answering():
        opened = storages[place].open(key)
        if not _is_remote(storages[place]):
            return opened
        try:
            opened.seek(0)  # fetched here: a silent storage is a sentence, never half a file
        except Exception:
            opened.close()
            raise
        return opened


def holds(place: Place, key: str) -> bool:
    """Tell whether something is stored under `key`. Raises StorageSilent."""
    with _answering():
        return storages[place].exists(key)


def link(place: Place, key: str, name: str) -> str:
    """Return an address that gives `key` to whoever has it for two minutes, as file `name`.

    Empty where the storage lends none: then the file goes through here.
    """
    storage = storages[place]
    if not _is_remote(storage):
        return ""
    told = {
        "ResponseContentDisposition": content_disposition_header(
            as_attachment=True, filename=name
        ),
        "ResponseContentType": "application/octet-stream",
        "ResponseCacheControl": "no-store",
    }
    return storage.url(key, parameters=told)  # type: ignore[call-arg]  # S3Storage's own


def destroy(place: Place, key: str) -> None:
    """Remove `key`, with every earlier version where the storage keeps versions.

    Quiet when nothing is there. Raises NotDestroyed when the storage refuses, StorageSilent.
    """
    storage = storages[place]
    with _answering():
        if _is_remote(storage):
            _destroy_versions(storage, key)
        else:
            storage.delete(key)


def _is_remote(storage: Storage) -> bool:
    return hasattr(storage, "bucket")


def _destroy_versions(storage: Storage, key: str) -> None:
    # delete() leaves a marker and every version; a locked one answers 200 with Errors inside
    bucket: Any = storage.bucket  # type: ignore[attr-defined]
    try:
        versions = [
            {"Key": one.object_key, "VersionId": one.id}
            for one in bucket.object_versions.filter(Prefix=key)
            if one.object_key == key
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotImplemented":
            raise
        storage.delete(key)  # a server that knows no versions keeps none
        return
    if not versions:
        return
    answer = bucket.delete_objects(Delete={"Objects": versions[:1000], "Quiet": True})
    if errors := answer.get("Errors"):
        raise NotDestroyed(f"{key}: {errors[0].get('Code')}")
