"""A malformed setting is named in a sentence; what cannot work together is refused."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://somewhere/x", "DATABASE_URL must name SQLite or PostgreSQL."),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must"),
        ("BASE_URL", "portal.example.com", "BASE_URL must begin with http:// or https://"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT must be a whole number, not 'smtp'."),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must look like redis://"),
        ("REDIS_URL", "redis://localhost:six/0", "REDIS_URL must look like redis://"),
        ("REDIS_URL", "rediss://cache/0?ssl_cert_reqs=none", "REDIS_URL must look like redis://"),
        ("EXTRICATE_DEMO", "maybe", "EXTRICATE_DEMO must be 1 or 0, not 'maybe'."),
    ],
)
@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_malformed_setting_is_named_in_a_sentence(tmp_path, name, value, sentence, command):
    environment = {
        key: kept for key, kept in os.environ.items() if not key.startswith("COVERAGE")
    } | {"VAR_DIR": str(tmp_path), name: value}

    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


def told(tmp_path, **values):
    """What a process with this environment is set to."""
    asks = """
import json
from django.conf import settings
said = {**settings.REDIS, **settings.REDIS.get("REDIS_CLIENT_KWARGS", {})}
said.pop("REDIS_CLIENT_KWARGS", None)
said["retries"] = said.pop("retry")._retries if "retry" in said else None
said["engine"] = settings.TASKS["default"]["BACKEND"]
said["cache"] = settings.CACHES["default"]["BACKEND"]
print(json.dumps(said))
"""
    own = {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", asks],
        cwd=TOP,
        env=os.environ | own | values,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_without_redis_the_database_is_queue_and_cache(tmp_path):
    said = told(tmp_path)

    assert said["engine"] == "django_tasks_db.DatabaseBackend"
    assert said["cache"] == "django.core.cache.backends.db.DatabaseCache"


def test_redis_is_one_setting_and_never_tried_twice(tmp_path):
    said = told(tmp_path, REDIS_URL="rediss://demo:p%40ss@redis.example:6380/3")

    assert said == {
        "HOST": "redis.example",
        "PORT": 6380,
        "DB": 3,
        "USERNAME": "demo",
        "PASSWORD": "p@ss",
        "SSL": True,
        "DEFAULT_TIMEOUT": 3600,
        "socket_connect_timeout": 1,
        "socket_timeout": 3,
        "retries": 0,
        "engine": "portal.redis_queue.RedisBackend",
        "cache": "portal.redis_cache.RedisOrTable",
    }


# --- what cannot work together ---------------------------------------------------------------

POSTGRESQL = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/none"}
S3 = {"S3_BUCKET_PREFIX": "demo", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
KEY = {"SECRET_KEY": "a-key-that-every-machine-of-this-demo-shares-2026-and-is-long-enough"}


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, set()),
        (KEY | POSTGRESQL | S3, {"portal.E003", "portal.W001", "documents.W002"}),
        (KEY | POSTGRESQL, {"portal.E003", "portal.W001"}),
        (POSTGRESQL | S3, {"portal.E003", "documents.W002"}),
        (KEY | S3, {"portal.W001", "documents.W002"}),
    ],
)
def test_a_deployment_by_redis_is_told_what_it_lacks(tmp_path, values, ids):
    """`ids` are those that must not be said: the others must, where Redis is set."""
    own = {"VAR_DIR": str(tmp_path), "BASE_URL": "https://portal.example.com", "DATABASE_URL": ""}
    redis = {"REDIS_URL": "redis://127.0.0.1:1/0"} if values else {}

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=TOP,
        env=os.environ | own | redis | values,
        capture_output=True,
        text=True,
        check=False,
    )

    expected = {"portal.E003", "portal.W001", "documents.W002"} - ids if values else set()
    said = set(re.findall(r"\((\w+\.[EW]\d+)\)", done.stderr))
    assert said - {"security.W009"} == expected
    assert done.returncode == ("portal.E003" in expected)
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_migrated_is_not_asked_for_its_files(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=TOP,
        env=os.environ | {"VAR_DIR": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
