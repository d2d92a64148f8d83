"""Hints by Redis: django-tasks-rq that leaves a silent server alone for a while."""

from time import monotonic
from typing import Any

from django_tasks_rq import RQBackend
from redis.exceptions import RedisError

PAUSE_SECONDS = 5.0


class QueueSilent(Exception):
    """Redis failed a moment ago and is not asked again yet; the row is woken by the ticker."""


class RedisBackend(RQBackend):
    """An act that owes ten mails waits once for a frozen Redis, not ten times."""

    silent_until = 0.0

    def enqueue(self, *args: Any, **kwargs: Any) -> Any:
        if monotonic() < self.silent_until:
            raise QueueSilent
        try:
            return super().enqueue(*args, **kwargs)
        except RedisError:
            self.silent_until = monotonic() + PAUSE_SECONDS
            raise
