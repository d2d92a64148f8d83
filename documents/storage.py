"""Private files: the only place that reads and writes their storages.

Three aliases of `settings.STORAGES`: what came in and was not judged yet (quarantine),
what was released (evidence), and what was written here (dossiers). Keys are
`<buyer>/<row>`: one row, one object, and nothing a supplier typed.
"""

from typing import IO, Any, Literal

from django.core.files import File
from django.core.files.storage import Storage, storages

Place = Literal["quarantine", "evidence", "dossiers"]


class NotDestroyed(Exception):
    """The storage kept bytes that had to go; the text names them."""


def put(place: Place, key: str, file: IO[bytes] | File) -> None:
    """Store `file` under exactly `key`, replacing what an interrupted attempt left.

    A file that lies on the same disk is renamed rather than copied, so it may be gone
    from where it was. Raises OSError, or botocore's errors, when the storage fails.
    """
    storage = storages[place]
    destroy(place, key)
    file.seek(0)
    stored = storage.save(key, file if isinstance(file, File) else File(file, name=key))
    if stored != key:
        storage.delete(stored)
        raise OSError(f"{place} stored {stored} for {key}")


def read(place: Place, key: str) -> File:
    """Open what is stored under `key`; the caller closes it. Raises FileNotFoundError."""
    return storages[place].open(key)


def holds(place: Place, key: str) -> bool:
    return storages[place].exists(key)


def destroy(place: Place, key: str) -> None:
    """Remove `key`, with every earlier version where the storage keeps versions.

    Quiet when nothing is there. Raises NotDestroyed when the storage refuses.
    """
    storage = storages[place]
    if hasattr(storage, "bucket"):
        _destroy_versions(storage, key)
    else:
        storage.delete(key)


def _destroy_versions(storage: Storage, key: str) -> None:
    # delete() leaves a marker and every version; a locked one answers 200 with Errors inside
    bucket: Any = storage.bucket  # type: ignore[attr-defined]
    versions = [
        {"Key": one.object_key, "VersionId": one.id}
        for one in bucket.object_versions.filter(Prefix=key)
        if one.object_key == key
    ]
    if not versions:
        return
    answer = bucket.delete_objects(Delete={"Objects": versions[:1000], "Quiet": True})
    if errors := answer.get("Errors"):
        raise NotDestroyed(f"{key}: {errors[0].get('Code')}")
