#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        settings.BASE_URL  # noqa: B018 - the first look reads them all
    except ImproperlyConfigured as error:
        sys.exit(f"{error} Nothing was started. docs/operate.md lists the settings.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
