from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from portal.enums import Queue

# Seconds between looks at the database, where that is the queue.
INTERVALS = {Queue.URGENT: 0.3, Queue.DEFAULT: 0.5, Queue.HEAVY: 1.0}
MOST_TASKS = 10_000  # a worker that grew ends, and is started again
# How long a worker waits for a Redis that hangs, and between two tries to reach one.
REDIS_TTL, REDIS_PAUSE = 60, 5.0


class Command(BaseCommand):
    help = "Do what is owed on some queues, by whichever background engine is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", nargs="+", choices=Queue.values, help="in order of rank")
        parser.add_argument("--batch", action="store_true", help="end when nothing is left")

    def handle(self, *args: Any, queue: list[str], batch: bool, **options: Any) -> None:
        if settings.REDIS:
            _by_redis(queue, batch)
        else:
            call_command(
                "db_worker",
                queue_name=",".join(queue),
                interval=min(INTERVALS[Queue(name)] for name in queue),
                batch=batch,
                max_tasks=None if batch else MOST_TASKS,
                verbosity=1,
            )


def _by_redis(queues: list[str], batch: bool) -> None:  # noqa: FBT001 - as Django's options
    import django_rq  # noqa: PLC0415 - its settings exist only where Redis is set
    from rq import Worker  # noqa: PLC0415

    class PatientWorker(Worker):
        """One that comes back within seconds once Redis does."""

        max_connection_wait_time = REDIS_PAUSE

    django_rq.get_worker(
        *queues,
        worker_class=PatientWorker,
        job_class="django_tasks_rq.Job",
        worker_ttl=REDIS_TTL,
    ).work(burst=batch, logging_level="WARNING")
