import io
import stat

import pytest
from django.utils.module_loading import import_string

from documents import storage

KEY = "buyer/row"


@pytest.fixture
def s3(settings, s3_server, monkeypatch):
    """The three places in buckets that keep every version."""
    import boto3
    from botocore.config import Config

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "demo")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "demo")
    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1")
    for place in ("quarantine", "evidence", "dossiers"):
        bucket = f"demo-{place}"
        client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    options = {
        "endpoint_url": s3_server,
        "region_name": "us-east-1",
        "default_acl": None,
        "file_overwrite": False,
        "object_parameters": {"ChecksumAlgorithm": "SHA256"},
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            response_checksum_validation="when_required",
        ),
    }
    settings.STORAGES = settings.STORAGES | {
        place: {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": options | {"bucket_name": f"demo-{place}"},
        }
        for place in ("quarantine", "evidence", "dossiers")
    }
    return client


@pytest.fixture(params=["local", "s3"])
def place(request):
    if request.param == "s3":
        request.getfixturevalue("s3")
    return "evidence"


def test_what_is_put_can_be_read_and_is_gone_when_destroyed(place):
    storage.put(place, KEY, io.BytesIO(b"first"))
    storage.put(place, KEY, io.BytesIO(b"second"))

    assert storage.holds(place, KEY)
    with storage.read(place, KEY) as file:
        assert b"".join(file.chunks()) == b"second"

    storage.destroy(place, KEY)
    storage.destroy(place, KEY)
    assert not storage.holds(place, KEY)
    with pytest.raises(FileNotFoundError):
        storage.read(place, KEY)


def test_no_version_of_a_destroyed_file_is_left(s3):
    storage.put("evidence", KEY, io.BytesIO(b"first"))
    storage.put("evidence", KEY, io.BytesIO(b"second"))

    storage.destroy("evidence", KEY)

    found = s3.list_object_versions(Bucket="demo-evidence", Prefix=KEY)
    left = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
    assert not [one for one in left if one["Key"] == KEY]


def test_a_neighbour_whose_key_begins_alike_stays(s3):
    storage.put("evidence", KEY, io.BytesIO(b"one"))
    storage.put("evidence", f"{KEY}-2", io.BytesIO(b"two"))

    storage.destroy("evidence", KEY)

    assert storage.holds("evidence", f"{KEY}-2")


def test_a_version_the_storage_will_not_give_up_is_an_error(s3):
    s3.create_bucket(Bucket="demo-locked", ObjectLockEnabledForBucket=True)
    s3.put_object(
        Bucket="demo-locked",
        Key=KEY,
        Body=b"x",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate="2099-01-01T00:00:00Z",
    )
    from django.conf import settings

    options = settings.STORAGES["evidence"]["OPTIONS"] | {"bucket_name": "demo-locked"}
    settings.STORAGES = settings.STORAGES | {
        "evidence": settings.STORAGES["evidence"] | {"OPTIONS": options}
    }

    with pytest.raises(storage.NotDestroyed):
        storage.destroy("evidence", KEY)


def test_local_files_are_for_the_service_alone(settings, tmp_path):
    shipped = import_string("portal.settings._storages")
    settings.STORAGES = settings.STORAGES | shipped(tmp_path)

    storage.put("evidence", KEY, io.BytesIO(b"x"))

    path = tmp_path / "files" / "evidence" / KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
