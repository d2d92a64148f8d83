"""Runs one function in a child process that can be killed: the only place that forks.

The child answers with bytes, never with a pickle: what a hostile file may have taken
over must not be able to run code in the worker.
"""

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

# Loaded once in the server that children are forked from; slow to import in each.
PRELOAD = ["weasyprint", "pikepdf", "PIL.Image", "documents.inspection"]

DONE, FAILED = b"\x00", b"\x01"


class ChildFailed(Exception):
    """The child ran out of time or memory, died, or raised; the text says which."""


def run(function: Callable[..., bytes], *args: object, seconds: int, memory: int) -> bytes:
    """Return what `function(*args)` returns, run under limits in a process of its own.

    `function` is importable by name and its arguments can be pickled. `seconds` limit
    both processor and wall clock, `memory` (bytes) the address space. The child's
    temporary files are removed whatever happens to it. Raises ChildFailed.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="extricate-") as scratch:
        child = context.Process(
            target=_inside,
            args=(theirs, Path(scratch), seconds, memory, function, args),
            daemon=True,
        )
        child.start()
        theirs.close()
        try:
            answer = _answer(ours, seconds)
        finally:
            child.kill()
            child.join()
            ours.close()
    if answer[:1] != DONE:
        raise ChildFailed(answer[1:].decode(errors="replace"))
    return answer[1:]


def _answer(pipe: "multiprocessing.connection.Connection", seconds: int) -> bytes:
    try:
        if not pipe.poll(seconds + 5):  # starting the server of children takes a while
            raise ChildFailed("it took too long")
        return pipe.recv_bytes()
    except (EOFError, OSError) as error:
        raise ChildFailed("it was stopped at a limit") from error


def _inside(
    pipe: "multiprocessing.connection.Connection",
    scratch: Path,
    seconds: int,
    memory: int,
    function: Callable[..., bytes],
    args: tuple[object, ...],
) -> None:
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        answer = DONE + function(*args)
    except MemoryError:
        answer = FAILED + b"it needs too much memory"
    except Exception as error:  # noqa: BLE001 - the parent is told, and raises
        answer = FAILED + f"{type(error).__name__}: {error}".encode()[:2000]
    pipe.send_bytes(answer)
