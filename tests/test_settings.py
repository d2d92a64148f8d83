"""A malformed setting stops every command with one sentence that names it."""

import os
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
