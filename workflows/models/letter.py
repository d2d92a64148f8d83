"""The letters a supplier was sent, each kept to the letter."""

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from portal.enums import Wording
from portal.models import Shared, SharedQuerySet
from workflows.enums import LetterKind
from workflows.models.case import Case


class SentLetterQuerySet(SharedQuerySet):
    def update(self, **_values: Any) -> NoReturn:
        raise TypeError("a letter that was sent never changes")

    def delete(self) -> NoReturn:
        raise TypeError("a letter that was sent never changes")


class SentLetter(Shared):
    """The exact words of one letter; never changes. `sha256` is that of title, newline, text.

    The instruction stands in `Instruction`; every later letter here. `facts` are what the
    words were made of (`workflows.letters.FACTS`); `written_by` is empty where the clock wrote.
    `mail_key` begins the keys of its mails, and keeps one act from sending it twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=20, choices=LetterKind)
    wording = models.CharField(max_length=20, choices=Wording)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField()
    mail_key = models.CharField(max_length=160, unique=True)

    objects = SentLetterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="letters_of_a_case", fields=["case", "written_at"])]

    def __str__(self) -> str:
        return f"letter {self.kind} {self.sha256[:8]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a letter that was sent never changes")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("a letter that was sent never changes")
