"""The audit trail of a case: both editions, read back with poppler's tools."""

import subprocess

import pytest
from django.core.management import CommandError, call_command

from documents.enums import Edition
from portal.enums import Role
from portal.models import LedgerEntry
from tests.workflows import world
from workflows import actions, collect, engine
from workflows.actions import Contacted
from portal import clock

pytestmark = pytest.mark.django_db


def text_of(path) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def test_the_command_writes_counsels_edition(tmp_path):
    case = world.cleared_case(world.world())
    out = tmp_path / "dossier.pdf"

    call_command("dossier", case.reference, out=str(out))

    text = text_of(out)
    assert case.reference in text
    assert "unsealed" in text.lower()
    assert case.supplier.name in text
