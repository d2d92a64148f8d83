import os
import time

import pytest
from django.core.files.base import ContentFile

from documents import actions, storage, ticks
from documents.enums import EvidenceState, Problem
from portal.access import Conflict
from portal.enums import WorkState
from tests.factories.documents import EvidenceFactory


@pytest.mark.django_db
def test_a_file_nobody_judges_any_more_is_held_for_a_person(chain, supplier, analyst):
    stuck = EvidenceFactory(
        chain=chain,
        supplier=supplier,
        buyer=supplier.buyer,
        state=EvidenceState.CHECKING,
        work_state=WorkState.DEAD,
    )
    EvidenceFactory()
    EvidenceFactory(released=True)

    assert ticks.hold_the_stuck() == 1
    assert ticks.hold_the_stuck() == 0

    stuck.refresh_from_db()
    assert (stuck.state, stuck.problem) == (EvidenceState.HELD, Problem.TOO_MUCH)
    assert chain.entries.get().event == "evidence.held"
    with pytest.raises(Conflict):  # its bytes were lost, which may be why it got stuck
        actions.release(evidence=stuck, by=analyst, reason="Read")


def test_what_killed_processes_left_is_swept_by_age(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    old, new, other = tmp_path / "a.upload.pdf", tmp_path / "b.upload", tmp_path / "keep"
    spool = tmp_path / "extricate-x"
    spool.mkdir()
    link = tmp_path / "extricate-link"
    link.symlink_to(other)
    for path in (old, new, other, spool / "evidence"):
        path.write_bytes(b"x")
    for path in (old, other, spool):
        os.utime(path, (time.time() - 2 * 86_400,) * 2)

    assert ticks.sweep_temporary_files() == 2

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "b.upload",
        "extricate-link",
        "keep",
    ]


@pytest.mark.django_db
def test_bytes_left_by_a_process_that_died_after_its_commit_are_destroyed(chain, supplier):
    taken_back = EvidenceFactory(
        chain=chain, supplier=supplier, buyer=supplier.buyer, destroyed=True, has_leftovers=True
    )
    released = EvidenceFactory(
        chain=chain, supplier=supplier, buyer=supplier.buyer, released=True, has_leftovers=True
    )
    for row in (taken_back, released):
        for place in ("quarantine", "evidence"):
            storage.put(place, row.key, ContentFile(b"x"))

    assert ticks.destroy_leftovers() == 2
    assert ticks.destroy_leftovers() == 0

    held = [
        (place, row)
        for place in ("quarantine", "evidence")
        for row in (taken_back, released)
        if storage.holds(place, row.key)
    ]
    assert held == [("evidence", released)]
