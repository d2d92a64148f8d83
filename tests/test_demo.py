"""What `make demo` starts: the whole of it, as a newcomer sees it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

TOP = Path(__file__).parent.parent
NOT_OURS = {"DATABASE_URL", "BASE_URL", "LISTEN"}


@pytest.mark.whole
def test_the_demonstration_answers_and_ends_at_ctrl_c(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    environment |= {"EXTRICATE_DEMO": "1", "VAR_DIR": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--web", "1"],
            cwd=TOP,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        address = next(
            (line.strip() for line in demo.stdout if re.match(r"http://127\.0\.0\.1:\d+$", line)),
            None,
        )
        assert address, (tmp_path / "log").read_text()
        with urlopen(address) as page:  # noqa: S310 - our own address
            assert page.status == 200
            assert b"Demo" in page.read()

        demo.send_signal(signal.SIGINT)

        assert demo.wait(timeout=60) == 0
    finally:
        demo.kill()
        demo.stdout.close()
