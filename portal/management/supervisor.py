"""Starts several programs as one, keeps them up, and ends them all: the only place that does."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType
from typing import IO, cast

POLL_SECONDS = 0.2
STEADY_SECONDS = 10.0  # who lives that long has started
LONGEST_PAUSE = 30.0
TRIES = 4
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """One program, restarted when it ends."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[str] | None = None
    pump: threading.Thread | None = None
    started: float = 0.0
    next_start: float = 0.0
    quick_ends: int = 0
    was_steady: bool = False

    def start(self) -> None:
        self.started = monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the caller's own command lines
            [*_dies_with_parent(), *self.command],
            pass_fds=self.pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which passes it on
        )
        out = cast("IO[str]", self.process.stdout)
        self.pump = threading.Thread(target=_copy, args=(self.name, out), daemon=True)
        self.pump.start()

    def ended(self, now: float) -> None:
        """Plan the next start: at once after a steady life, later and later after quick ends."""
        steady = now - self.started >= STEADY_SECONDS
        self.was_steady = self.was_steady or steady
        self.quick_ends = 0 if steady else self.quick_ends + 1
        pause = 0.0 if steady else 0.5 * 2**self.quick_ends
        self.next_start = now + min(pause, LONGEST_PAUSE)
        self.kill_rest()
        self.process = None

    @property
    def is_hopeless(self) -> bool:
        return not self.was_steady and self.quick_ends >= TRIES

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill_rest(self) -> None:
        """End the program and whatever it left in its process group."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.pump is not None:
            self.pump.join(timeout=1)


@dataclass
class Supervisor:
    """Runs until a signal, or until a child cannot be started.

    `grace` is how many seconds a child has to end by itself. A second signal ends all at once.
    """

    children: list[Child]
    grace: float = 25.0
    say: Callable[[str], object] = field(default=lambda line: sys.stderr.write(f"{line}\n"))
    stop: threading.Event = field(default_factory=threading.Event)
    in_haste: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Return the exit status: 0 after a signal, 1 when a child failed again and again."""
        with self._listening():
            try:
                return self._watch()
            finally:
                self._end()

    def _watch(self) -> int:
        while not self.stop.is_set():
            for child in self.children:
                self._look_after(child)
                if child.is_hopeless:
                    self.say(f"{child.name} ended {TRIES} times at its start; stopping.")
                    return 1
            self.stop.wait(POLL_SECONDS)
        return 0

    def _look_after(self, child: Child) -> None:
        now = monotonic()
        if child.process is None:
            if now >= child.next_start:
                child.start()
            return
        status = child.process.poll()
        if status is not None:
            child.ended(now)
            self.say(f"{child.name} ended with status {status}; starting it again.")

    def _end(self) -> None:
        for child in self.children:
            child.terminate()
        last = monotonic() + self.grace
        while monotonic() < last and not self.in_haste.is_set():
            if all(c.process is None or c.process.poll() is not None for c in self.children):
                break
            self.in_haste.wait(POLL_SECONDS)
        for child in self.children:
            child.kill_rest()

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            self.in_haste.set()
        self.stop.set()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._heard) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _dies_with_parent() -> list[str]:
    """Linux ends the child even if the supervisor is killed outright."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _copy(name: str, lines: IO[str]) -> None:
    with lines:
        for line in lines:
            sys.stderr.write(f"{name:<8}| {line}")
            sys.stderr.flush()
