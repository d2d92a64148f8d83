"""The only writer of the hash-chained event log, and its verifier (documents note, section 1).

An entry's body is canonical JSON after RFC 8785; its hash is SHA-256 of those bytes.
Nothing in the product decides by reading the ledger back.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import UUID

from django.db import connection, transaction

from portal import clock
from portal.enums import Audience, ChainKind
from portal.models import LedgerChain, LedgerEntry, LedgerSideValue, User
from portal.models.ledger import GENESIS

VERSION = 1
SAFE_INTEGER = 2**53 - 1

Actor = User | Literal["clock", "installation"]


class Chained(Protocol):
    chain_id: UUID


def canonical(value: object) -> bytes:
    """Return RFC 8785 bytes for the few types a body may hold.

    Raises TypeError for floats, integers beyond 2**53 - 1 and non-ASCII keys.
    """
    _check(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _check(value: object) -> None:
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) <= SAFE_INTEGER:
            return
        case list():
            for item in value:
                _check(item)
        case dict() if all(type(key) is str and key.isascii() for key in value):
            for item in value.values():
                _check(item)
        case _:
            raise TypeError(f"not allowed in the ledger: {value!r}")


def salted(value: str, salt: str) -> str:
    """Return the hex hash by which a body names a text that stands in a side row."""
    return hashlib.sha256(canonical({"salt": salt, "value": value})).hexdigest()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def open_chain(kind: ChainKind) -> LedgerChain:
    """Create an empty chain for a new case or organisation."""
    return LedgerChain.objects.create(kind=kind)


def installation() -> LedgerChain:
    """Return the one chain of this installation, made at first use."""
    return LedgerChain.objects.get_or_create(kind=ChainKind.INSTALLATION)[0]


def _actor(by: Actor, on: object) -> dict[str, object]:
    if isinstance(by, str):
        return {"system": by}
    # only roles at the parties of this chain: no company may learn of another one
    parties = {getattr(on, name, None) for name in ("pk", "buyer_id", "supplier_id")}
    roles = {str(pk): sorted(held) for pk, held in by.roles.items() if pk in parties}
    return {"user": str(by.pk), "roles": roles}


def _hidden(words: Mapping[str, str], audience: Audience) -> list[LedgerSideValue]:
    return [
        LedgerSideValue(name=name, audience=audience, salt=secrets.token_hex(16), value=value)
        for name, value in words.items()
        if value
    ]


def record(
    event: str,
    *,
    by: Actor,
    on: LedgerChain | Chained,
    data: Mapping[str, object] | None = None,
    words: Mapping[str, str] | None = None,
    counsel: Mapping[str, str] | None = None,
) -> LedgerEntry:
    """Append one event in the transaction of the act it tells of; if it fails, the act fails.

    `data` holds codes, ids and numbers and stands in the body. `words` (names, reasons)
    and `counsel` (what counsel alone reads) stand there as salted hashes, with the text
    in a side row that can be withheld or erased. Lock order: the case, then its chain.
    """
    # inside an act's own transaction a savepoint would only cost two more queries
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        return _append(event, by, on, data or {}, (words or {}, counsel or {}))


def _append(
    event: str,
    by: Actor,
    on: LedgerChain | Chained,
    data: Mapping[str, object],
    hidden: tuple[Mapping[str, str], Mapping[str, str]],
) -> LedgerEntry:
    words, counsel = hidden
    chain_id = on.pk if isinstance(on, LedgerChain) else on.chain_id
    chain = LedgerChain.objects.select_for_update(no_key=True).get(pk=chain_id)
    side = _hidden(words, Audience.PERSONAL) + _hidden(counsel, Audience.COUNSEL)
    hashes = {one.name: {"sha256": salted(one.value, one.salt)} for one in side}
    at = clock.now()
    body = canonical(
        {
            "v": VERSION,
            "chain": str(chain.pk),
            "seq": chain.length + 1,
            "at": moment(at),
            "event": event,
            "actor": _actor(by, on),
            "data": dict(data) | hashes,
            "prev": chain.head,
        }
    )
    entry = LedgerEntry.objects.create(
        chain=chain,
        seq=chain.length + 1,
        event=event,
        at=at,
        body=body.decode(),
        prev=chain.head,
        hash=hashlib.sha256(body).hexdigest(),
    )
    for one in side:
        one.entry = entry
    if side:
        LedgerSideValue.objects.bulk_create(side)
    return entry


@dataclass(frozen=True)
class Event:
    """One entry as pages and documents show it; `words` holds what the reader may see."""

    seq: int
    at: datetime
    name: str
    actor: Mapping[str, object]
    data: Mapping[str, object]
    words: Mapping[str, str]
    hash: str


def events(
    chain: LedgerChain | Chained,
    *,
    audiences: frozenset[Audience],
    since: int = 0,
    until: int | None = None,
    names: Iterable[str] = (),
) -> list[Event]:
    """Read a chain for people, oldest first; two queries. Nothing decides by it.

    Entries numbered above `since`, up to and with `until`; of `names` alone, if any are given.
    """
    chain_id = chain.pk if isinstance(chain, LedgerChain) else chain.chain_id
    entries = LedgerEntry.objects.filter(chain_id=chain_id, seq__gt=since).order_by("seq")
    if names:
        entries = entries.filter(event__in=list(names))
    if until is not None:
        entries = entries.filter(seq__lte=until)
    return [_event(entry, audiences) for entry in entries.prefetch_related("side_values")]


def position(chain: LedgerChain, at: datetime) -> tuple[int, str]:
    """Return number and hash of the last entry up to `at`; (0, "") before the first one."""
    last = LedgerEntry.objects.filter(chain=chain, at__lte=at).order_by("-seq").first()
    return (last.seq, last.hash) if last else (0, "")


def _event(entry: LedgerEntry, audiences: frozenset[Audience]) -> Event:
    body = json.loads(entry.body)
    words = {
        side.name: side.value for side in entry.side_values.all() if side.audience in audiences
    }
    return Event(entry.seq, entry.at, entry.event, body["actor"], body["data"], words, entry.hash)


@dataclass
class Report:
    """What `verify` found: `broken` names the first bad entry of each chain, in words."""

    chains: int = 0
    entries: int = 0
    broken: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.broken


def verify(chain: LedgerChain | None = None) -> Report:
    """Recompute every hash of one chain, or of all, streaming; O(1) memory.

    Finds edits, gaps, forks, transplants, cut tails against the stored head, and side
    values that do not match. A clock that stepped backwards is a warning.
    """
    report = Report()
    chains = LedgerChain.objects.order_by("pk")
    if chain is not None:
        chains = chains.filter(pk=chain.pk)
    for one in chains.iterator():
        report.chains += 1
        _verify_chain(one, report)
    return report


def _verify_chain(chain: LedgerChain, report: Report) -> None:
    prev, seq, last = GENESIS, 0, ""
    entries = chain.entries.order_by("seq").prefetch_related("side_values")
    for entry in entries.iterator(chunk_size=500):
        seq += 1
        report.entries += 1
        fault = next(_faults(entry, chain, seq, prev), None)
        if fault:
            report.broken.append(f"chain {chain.pk}, entry {entry.seq} ({entry.event}): {fault}")
            return
        at = json.loads(entry.body)["at"]
        if at < last:
            report.warnings.append(f"chain {chain.pk}, entry {entry.seq}: the clock went back")
        prev, last = entry.hash, at
    if (seq, prev) != (chain.length, chain.head):
        report.broken.append(
            f"chain {chain.pk}, entry {seq + 1}: missing, the head says {chain.length} entries"
        )


def _faults(entry: LedgerEntry, chain: LedgerChain, seq: int, prev: str) -> Iterator[str]:
    if entry.seq != seq:
        yield f"entry {seq} is missing"
    if hashlib.sha256(entry.body.encode()).hexdigest() != entry.hash:
        yield "its text was changed"
    if entry.prev != prev:
        yield "it does not follow the entry before it"
    body = json.loads(entry.body)
    said = (body["chain"], body["seq"], body["prev"], body["event"], body["at"])
    if said != (str(chain.pk), entry.seq, entry.prev, entry.event, moment(entry.at)):
        yield "its text and its columns differ"
    for side in entry.side_values.all():
        if body["data"].get(side.name) != {"sha256": salted(side.value, side.salt)}:
            yield f"its value '{side.name}' was changed"
