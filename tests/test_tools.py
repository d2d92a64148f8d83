"""What the Makefile promises, where that can be tried cheaply."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from portal.management.supervisor import TRIES, Child, Supervisor

TOP = Path(__file__).parent.parent
GROUPS = {"venv", "run", "test"}
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")

# runs two children under a supervisor and says their process ids
SUPERVISED = """
import sys
from portal.management.supervisor import Child, Supervisor
program = "import os, subprocess, sys, time; child = subprocess.Popen(['sleep', '600']);"
program += "print(os.getpid(), child.pid, flush=True); time.sleep(600)"
children = [Child(name, [sys.executable, "-c", program]) for name in ("one", "two")]
sys.exit(Supervisor(children, grace=5).run())
"""


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition, seconds=10):
    last = time.monotonic() + seconds
    while not condition() and time.monotonic() < last:
        threading.Event().wait(0.05)
    return condition()


@pytest.fixture
def supervised():
    """A supervisor in a process of its own, and the ids of all that runs under it."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED], stderr=subprocess.PIPE, text=True, cwd=TOP
    )
    lines = [process.stderr.readline() for _ in range(2)]
    pids = [int(word) for line in lines for word in line.split("|")[1].split()]
    yield process, pids
    process.kill()
    process.wait()
    process.stderr.close()
    for pid in pids:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_programs_and_theirs(supervised, number):
    process, pids = supervised

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids))


def test_killing_the_supervisor_leaves_no_program_behind(supervised):
    process, pids = supervised
    programs = pids[::2]

    process.kill()

    assert wait_until(lambda: not any(is_alive(pid) for pid in programs))


def test_a_program_that_ends_is_started_again(supervised):
    process, pids = supervised

    os.kill(pids[0], signal.SIGKILL)

    ended, again = process.stderr.readline(), process.stderr.readline()
    name = ended.split()[0]
    assert ended == f"{name} ended with status -9; starting it again.\n"
    assert again.startswith(name)
    assert not is_alive(pids[1])


def test_a_program_that_never_starts_stops_all(monkeypatch, capfd):
    monkeypatch.setattr("portal.management.supervisor.LONGEST_PAUSE", 0.0)
    said = []
    children = [
        Child("broken", [sys.executable, "-c", "print('no database'); raise SystemExit(3)"]),
        Child("sound", ["sleep", "600"]),
    ]

    status = Supervisor(children, say=said.append).run()

    assert status == 1
    assert said[-1] == f"broken ended {TRIES} times at its start; stopping."
    assert said.count("broken ended with status 3; starting it again.") == TRIES
    assert children[1].process.poll() == -signal.SIGTERM
    assert capfd.readouterr().err.count("broken  | no database\n") == TRIES


def test_the_list_of_system_packages_can_be_read():
    lines = (TOP / ".ci/system-packages").read_text().splitlines()
    entries = [line.split(maxsplit=2) for line in lines if line and not line.startswith("#")]

    assert all(len(entry) == 3 for entry in entries)
    assert all(PACKAGE.fullmatch(name) for name, _, _ in entries)
    assert {group for _, group, _ in entries} == GROUPS
    assert len({name for name, _, _ in entries}) == len(entries)


def test_the_lock_names_the_package_index_alone():
    hosts = set(re.findall(r"https?://([^/\"]+)/", (TOP / "uv.lock").read_text()))

    assert hosts == {"pypi.org", "files.pythonhosted.org"}


@pytest.mark.parametrize("name", ["run", "setup", "check", "test", "soak"])
def test_scripts_parse(name):
    subprocess.run(["bash", "-n", TOP / ".ci" / name], check=True)


def test_setup_refuses_an_old_python(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho Python 3.9.2; exit 1\n")
    old.chmod(0o755)

    setup = subprocess.run(
        [TOP / ".ci/setup", "run"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert setup.returncode == 1
    assert "Python 3.11 or newer is needed; python3 here is: Python 3.9.2." in setup.stderr


def test_the_operators_guide_names_every_setting():
    readers = [TOP / "portal/settings.py", TOP / "portal/management/commands/serve.py"]
    read = re.compile(r"(?:environ\.get|_yes|_number|_url)\(\s*\"([A-Z_0-9]+)\"")
    names = {name for path in readers for name in read.findall(path.read_text())}
    guide = set(re.findall(r"`([A-Z_0-9]+)`", (TOP / "docs/operate.md").read_text()))

    assert len(names) > 20
    assert names - {"TEMPLATE_DEBUG"} <= guide
