"""Three web nodes and three workers, as the operator's guide says, on PostgreSQL, Redis and S3.

Environment, commands and the proxy's configuration are read from docs/operate.md.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.db import connection
from django.utils.module_loading import import_string

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import mail
from portal.enums import Delivery, WorkState
from portal.models import LedgerEntry, OutboxMessage
from tests import processes, servers
from tests.servers import free_port, until
from tests.visitor import Visitor
from tests.workflows import world

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = (Path(__file__).parent.parent / "docs/operate.md").read_text()
CODE = re.compile(r"\b\d{4}-\d{4}\b")
FILE = b"Demo licence, no secrets"


def block(language, beginning):
    """The code of the guide that begins with this comment."""
    found = re.search(
        rf"```{language}\n# {re.escape(beginning)}[^\n]*\n(.*?)```", GUIDE, re.DOTALL
    )
    assert found, beginning
    return found[1]


def command(unit):
    """What a unit of the guide starts, after `manage.py`."""
    started = re.search(
        r"^ExecStart=(.*)$", block("ini", f"/etc/systemd/system/{unit}"), re.MULTILINE
    )[1]
    return shlex.split(started.split("manage.py")[1])


def named():
    return set(re.findall(r"^([A-Z_0-9]+)=", block("sh", "/etc/extricate.env"), re.MULTILINE))


def descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] + [
        deeper for child in children for deeper in descendants(int(child))
    ]


def kill_machine(process):
    """End a node as a power cut does."""
    everyone = [process.pid, *descendants(process.pid)]
    for pid in everyone:
        os.kill(pid, signal.SIGKILL)
    process.wait()


class Installation:
    """Its servers, its six machines, and the address people know."""

    def __init__(self, ends, folder, values, ports):
        self.ends, self.folder, self.values, self.ports = ends, folder, values, ports
        self.web, self.work = [], []

    def start(self, unit, number, **own):
        """A machine of its own: nothing is shared but what the guide names."""
        local = self.folder / f"{unit}-{number}"
        local.mkdir(exist_ok=True)
        process = processes.start(
            *command(unit),
            under=processes.environment(**self.values, VAR_DIR=local, **own),
            log=self.folder / f"{unit}-{number}.log",
        )
        self.ends.callback(self.end, process)
        return process

    def start_web(self, number):
        self.web[number:] = [
            self.start("extricate-web.service", number, LISTEN=f"127.0.0.1:{self.ports[number]}"),
            *self.web[number + 1 :],
        ]

    def start_worker(self, number):
        self.work.append(self.start("extricate-work.service", number))

    def end(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                kill_machine(process)

    def answers(self, number):
        asked = Visitor([f"http://127.0.0.1:{self.ports[number]}"])
        try:
            return asked.get("/health/live").status in {200, 301}
        except OSError:
            return False

    def logs(self):
        return "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))


def proxied(ends, folder, ports):
    """The guide's nginx in front of these ports; its address."""
    nginx, port = servers.program("nginx", "apt-get install nginx"), free_port()
    certificate, key = folder / "portal.crt", folder / "portal.key"
    made = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout {key}"
    subprocess.run([*made.split(), "-out", certificate], check=True, capture_output=True)
    site = block("nginx", "/etc/nginx/conf.d/extricate.conf")
    for number, own in enumerate(ports):
        address = f"10.0.0.{11 + number}:8000"
        assert address in site
        site = site.replace(address, f"127.0.0.1:{own}")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    site = site.replace("/etc/nginx/portal.crt", str(certificate))
    site = site.replace("/etc/nginx/portal.key", str(key))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "" if os.geteuid() else "user root;\n"
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n"
    )
    server = servers.Server([nginx, "-e", f"{folder}/nginx.log", "-c", str(configuration)], port)
    server.start()
    ends.callback(server.terminate)
    return f"https://127.0.0.1:{port}"


@pytest.fixture
def at_scale(settings, monkeypatch, mailbox, tmp_path):
    """All but the machines: PostgreSQL, Redis, S3, a mail server, the proxy where it is here."""
    if connection.vendor != "postgresql":
        pytest.skip("the guide's installation runs on PostgreSQL")
    with ExitStack() as ends:
        redis, s3 = ends.enter_context(servers.redis()), ends.enter_context(servers.strict_s3())
        ports = [free_port() for _node in range(3)]
        has_proxy = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        address = proxied(ends, tmp_path, ports) if has_proxy else f"http://127.0.0.1:{ports[0]}"
        values = servers.S3_KEYS | {
            "BASE_URL": address,
            "TRUSTED_PROXIES": "1" if has_proxy else "0",
            "WEB_PROCESSES": "1",
            "SECRET_KEY": real_settings.SECRET_KEY,
            "MFA_KEY": "demo-key-of-all-machines",
            "DATABASE_URL": processes.database_url(),
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "S3_BUCKET_PREFIX": servers.S3_PREFIX,
            "S3_ENDPOINT": f"http://127.0.0.1:{s3.port}",
            "EMAIL_HOST": "127.0.0.1",
            "SENDER_ADDRESS": "no-reply@example.com",
            "CLAMD": "",
        }
        # LISTEN differs here because all machines are one
        assert set(values) | {"LISTEN"} == named()
        values |= {"S3_ADDRESSING": "path", "EMAIL_PORT": mailbox.port, "TICK_SECONDS": 2}
        for name in (*servers.S3_KEYS, "S3_BUCKET_PREFIX", "S3_ENDPOINT", "S3_ADDRESSING"):
            monkeypatch.setenv(name, values[name])
        settings.STORAGES = settings.STORAGES | import_string("portal.settings._storages")(
            tmp_path
        )
        made = Installation(ends, tmp_path, values, ports)
        made.redis, made.has_proxy = redis, bool(has_proxy)
        made.front = [address] if has_proxy else [f"http://127.0.0.1:{port}" for port in ports]
        yield made


@pytest.fixture
def installation(at_scale):
    for number in range(3):
        at_scale.start_web(number)
        at_scale.start_worker(number)
    until(lambda: all(at_scale.answers(number) for number in range(3)), 180, at_scale.logs)
    return at_scale


def sign_in(visitor, person, mailbox):
    """By the code that a worker mails, typed at whichever node answers."""

    def codes():
        own = [sent for sent in mailbox.mails if sent["To"] == person.email]
        return [CODE.search(sent.get_content())[0] for sent in own if "code" in sent["Subject"]]

    asked = visitor.post("/account/login/code/", email=person.email)
    assert asked.status == 302, asked.words
    until(codes, 120, "for the code")
    [code] = codes()
    typed = visitor.post("/account/login/code/confirm/", code=code)
    assert typed.status == 302, typed.words


def state_of(row):
    return Evidence.objects.values_list("state", flat=True).get(pk=row.pk)


def owe_mails(person, first, count):
    for number in range(first, first + count):
        mail.send(
            purpose="test",
            key=f"scale:{number}",
            to=person,
            template="mail/sign_in_code.txt",
            context={"code": "1234-5678"},
        )


def all_mails_done():
    return not OutboxMessage.objects.exclude(work_state=WorkState.DONE).exists()


class Knocking:
    """Asks for a page again and again while something else happens; keeps what was not 200."""

    def __init__(self, visitor, path):
        self.visitor, self.path = visitor, path
        self.over, self.count, self.bad = threading.Event(), 0, []
        self.thread = threading.Thread(target=self._knock, daemon=True)

    def _knock(self):
        while not self.over.is_set():
            try:
                status = self.visitor.get(self.path).status
            except OSError as error:
                status = str(error)
            self.count += 1
            if status != 200:
                self.bad.append(status)
            self.over.wait(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.thread.join(60)


@pytest.fixture
def case():
    """An acknowledged case, ready for its first answer."""
    return world.acknowledged_case(world.world())


def test_six_machines_are_one_installation(at_scale, case, mailbox, request):
    started = request.getfixturevalue("installation")  # when the case is there
    visitor = Visitor(started.front)

    sign_in(visitor, case.contact, mailbox)
    pages = [visitor.get(f"/answers/{case.response.pk}/").status for _node in range(4)]
    assert pages == [200] * 4
    send_and_fetch(visitor, case, started)
    until(lambda: visitor.get("/health/ready").text == "yes\n", 30, started.logs)

    lose_one_of_each(started)
    wipe_the_queue(started, case, mailbox)
    restart_node_by_node(started)
    assert visitor.get(f"/answers/{case.response.pk}/").status == 200


def send_and_fetch(visitor, case, started):
    """What one node took in, another machine judges, and the storage gives out."""
    upload = f"/answers/{case.response.pk}/evidence/add/?for=own_licence&back=section"
    said = {"kind": "licence_extract", "issuer": "Demo Registry"}
    sent = visitor.post(upload, file=("licence.txt", FILE), **said)
    assert sent.status == 302, sent.words
    row = Evidence.objects.get()
    until(lambda: state_of(row) == EvidenceState.RELEASED, 120, started.logs)
    link = visitor.get(f"/evidence/{row.pk}/file/").location
    assert Visitor([link]).get(link).body == FILE
    assert LedgerEntry.objects.filter(event="evidence.released").count() == 1


def lose_one_of_each(started):
    """A web node and a worker lose their power; nobody notices."""
    kill_machine(started.web[1])
    kill_machine(started.work[1])
    if started.has_proxy:
        visitor = Visitor(started.front)
        assert [visitor.get("/health/live").status for _one in range(6)] == [200] * 6


def wipe_the_queue(started, case, mailbox):
    owe_mails(case.contact, 0, 20)
    started.redis.kill()
    owe_mails(case.contact, 20, 20)
    started.redis.start()
    until(all_mails_done, 120, started.logs)
    keys = OutboxMessage.objects.filter(key__startswith="scale:")
    assert list(keys.values_list("delivery", flat=True)) == [Delivery.ACCEPTED] * 40
    assert len({sent["Message-ID"] for sent in mailbox.mails}) == len(mailbox.mails)


def restart_node_by_node(started):
    """New code without migrations: through the proxy no request is lost."""
    started.start_web(1)
    until(lambda: started.answers(1), 120, started.logs)
    with Knocking(Visitor(started.front), "/health/live") as knocking:
        for number in range(3):
            started.end(started.web[number])
            started.start_web(number)
            until(lambda number=number: started.answers(number), 120, started.logs)
    assert knocking.count > 10
    if started.has_proxy:
        assert knocking.bad == []


def test_a_restarted_database_costs_an_error_and_nothing_else(mailbox, tmp_path):
    """Django's test client would hide it: real processes, and a PostgreSQL of their own."""
    if connection.vendor != "postgresql":
        pytest.skip("the suite's run on PostgreSQL proves it")
    port = free_port()
    with servers.postgres() as (database, address), ExitStack() as ends:
        values = {"DATABASE_URL": address, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": mailbox.port}
        values |= {"LISTEN": f"127.0.0.1:{port}", "BASE_URL": f"http://127.0.0.1:{port}"}
        under = processes.environment(**values, VAR_DIR=tmp_path, TICK_SECONDS=2)
        log = tmp_path / "log"
        assert processes.start("migrate", under=under, log=log).wait(300) == 0
        served = processes.start("serve", "--web", "1", under=under, log=log)
        ends.callback(processes.end, served)
        ends.callback(served.wait, 40)
        ends.callback(served.terminate)
        visitor = Visitor([f"http://127.0.0.1:{port}"])
        until(lambda: says_yes(visitor), 120, log.read_text)
        assert visitor.get("/about/").status == 200

        database.interrupt()
        assert visitor.get("/health/live").status == 200
        assert visitor.get("/health/ready").text == "no\n"
        assert visitor.get("/about/").status == 500

        database.start()
        assert visitor.get("/health/live").status == 200
        until(lambda: says_yes(visitor), 120, log.read_text)
        assert visitor.get("/about/").status == 200
        founded = ["--name", "Demo Outdoor GmbH", "--admin-name", "Demo Administrator"]
        founded += ["--admin-email", "admin@outdoor.example", "--no-input"]
        assert processes.start("create_buyer", *founded, under=under, log=log).wait(120) == 0
        until(lambda: mailbox.mails, 60, log.read_text)
        assert served.poll() is None


def says_yes(visitor):
    try:
        return visitor.get("/health/ready").text == "yes\n"
    except OSError:
        return False
