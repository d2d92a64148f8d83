"""What `make run` starts: all of it, or the part that one machine does."""

import signal

import pytest

from portal import mail
from portal.enums import WorkState
from portal.models import Heartbeat, OutboxMessage
from tests import processes
from tests.factories.portal import UserFactory
from tests.servers import until


@pytest.mark.django_db(transaction=True)
def test_a_machine_may_do_the_background_alone(mailbox, tmp_path):
    row = mail.send(
        purpose="test",
        key="mail:1",
        to=UserFactory(),
        template="mail/sign_in_code.txt",
        context={"code": "1234-5678"},
    )
    log = tmp_path / "log"
    under = processes.environment(
        VAR_DIR=tmp_path, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mailbox.port, TICK_SECONDS=1
    )
    served = processes.start("serve", "--only", "workers", "tick", under=under, log=log)
    try:
        until(lambda: state_of(row) == WorkState.DONE, 90, log.read_text)
        served.send_signal(signal.SIGTERM)
        assert served.wait(40) == 0
    finally:
        processes.end(served)

    assert log.read_text().startswith("At work.\nCtrl-C stops everything.\n")
    assert Heartbeat.objects.filter(name="tick").exists()
    assert len(mailbox.mails) == 1


def state_of(row):
    return OutboxMessage.objects.values_list("work_state", flat=True).get(pk=row.pk)


def test_a_part_nobody_knows_is_named(tmp_path):
    log = tmp_path / "log"

    served = processes.start("serve", "--only", "mail", under={"VAR_DIR": str(tmp_path)}, log=log)

    assert served.wait(60) == 2
    assert "invalid choice: 'mail'" in log.read_text()
