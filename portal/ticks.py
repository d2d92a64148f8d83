"""Runs each function of settings.TICKS apart, and leaves a heartbeat."""

import logging
from time import monotonic

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.models import Heartbeat

logger = logging.getLogger(__name__)


def run() -> list[str]:
    """Run every tick once; a failing one hinders no other. Returns what failed."""
    began, failed = monotonic(), []
    for name in settings.TICKS:
        try:
            import_string(name)()
        except Exception:
            logger.exception("tick %s failed", name)
            failed.append(name)
    Heartbeat.objects.update_or_create(
        name="tick",
        defaults={
            "beat_at": timezone.now(),
            "seconds": monotonic() - began,
            "failed": ", ".join(failed)[:400],
        },
    )
    return failed
