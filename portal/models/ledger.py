"""The hash-chained event log; written by `portal.ledger` alone."""

import uuid

from django.db import models

from portal.enums import Audience, ChainKind

GENESIS = "0" * 64


class LedgerChain(models.Model):
    """One chain of events: of a case, an organisation, or the installation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=ChainKind)
    length = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_chain_of_the_installation",
                fields=["kind"],
                condition=models.Q(kind=ChainKind.INSTALLATION),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} chain of {self.length}"


class LedgerEntry(models.Model):
    """One event. `body` is canonical JSON (RFC 8785), `hash` its SHA-256 in hex."""

    chain = models.ForeignKey(LedgerChain, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    event = models.CharField(max_length=60)
    at = models.DateTimeField()
    body = models.TextField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ledger_entry_has_its_place", fields=["chain", "seq"])
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"


class LedgerSideValue(models.Model):
    """The text behind a salted hash in an entry; deletable, so that erasure leaves the chain."""

    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="side_values")
    name = models.CharField(max_length=40)
    audience = models.CharField(max_length=10, choices=Audience)
    salt = models.CharField(max_length=32)
    value = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="side_value_has_one_name", fields=["entry", "name"])
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.entry_id}"
