"""What the clock does for files: nobody waits for a judgement that never comes."""

import logging
import shutil
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction

from documents import actions, storage
from documents.enums import EvidenceState, Problem
from documents.inspection import Inspected
from documents.models import Evidence
from portal.enums import WorkState

logger = logging.getLogger(__name__)

DAY = 24 * 3600
# Django's own name for a file on its way in, and ours for a worker's copy.
LEFT_BEHIND = ("*.upload*", "extricate-*")


def hold_the_stuck() -> int:
    """Hold files whose inspection was given up; an analyst decides. Returns how many."""
    stuck = Evidence.objects.not_judged().filter(work_state=WorkState.DEAD)
    held = 0
    for pk in list(stuck.values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            row = stuck.select_for_update().filter(pk=pk).first()
            if row is None or row.state == EvidenceState.UPLOADING:
                continue
            found = Inspected(type=row.media_type, problem=Problem.TOO_MUCH, detail="given up")
            actions.settle(evidence=row, inspected=found, scanned=None)
            held += 1
    return held


def destroy_leftovers() -> int:
    """Destroy what a dead process or a silent storage left behind. Returns how many."""
    done = 0
    for row in Evidence.objects.filter(has_leftovers=True).order_by("judged_at")[:200]:
        try:
            actions.destroy_leftovers(row)
        except storage.NotDestroyed:
            logger.exception("bytes of %s are still there", row.pk)
            continue
        done += 1
    return done


def sweep_temporary_files() -> int:
    """Remove what killed processes left behind a day ago or earlier. Returns how many."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    until = time.time() - DAY
    swept = 0
    for pattern in LEFT_BEHIND:
        for path in folder.glob(pattern):
            try:
                if path.is_symlink() or path.stat().st_mtime > until:
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            except OSError:
                continue  # another one's, or gone meanwhile
            swept += 1
    return swept
