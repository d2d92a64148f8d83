"""Rows that are written once: the database refuses the same by triggers."""

from typing import Any

from django.db import models


class NeverChanges(Exception):
    """A row that is written once was to be changed or deleted."""


class AppendOnly(models.Model):
    """A row that may be inserted and read, nothing else."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanges(f"{self._meta.verbose_name} {self.pk} is written once.")
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise NeverChanges(f"{self._meta.verbose_name} {self.pk} is kept.")
