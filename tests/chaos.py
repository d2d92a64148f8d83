"""A worker or ticker whose leases last seconds for minutes, so that a test need not wait.

`python -m tests.chaos worker urgent`, `python -m tests.chaos tick --every 1`.
"""

import os
import sys
from datetime import timedelta

import django
from django.core.management import execute_from_command_line

SHORTEST = timedelta(seconds=3)


def shortened(lease: timedelta) -> timedelta:
    return max(lease / 60, SHORTEST)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from portal import work

    for kind in work.kinds():
        kind.lease = shortened(kind.lease)
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
