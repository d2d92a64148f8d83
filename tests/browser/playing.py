"""A case played as its people play it: on pages, with the demonstration's clock and mails."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.module_loading import import_string
from playwright.sync_api import Locator, Page

from documents.models import Dossier
from portal import clock, ticks, work
from portal.actions import demo
from portal.enums import Wording
from portal.models import DemoMail, User
from tests.documents import hostile
from tests.sessions import sign_in_page
from tests.workflows import world
from tests.workflows.acts import fresh
from workflows import actions, engine, exit_plan
from workflows.models import Case, Finding, Proof

# one press of the demonstration's button
STEP = timedelta(days=3)
PREVIEW = "Read the letter before it goes"
REASON = "Read with care, together with what the company wrote."


def url(name: str, case: Case, *more: object) -> str:
    return reverse(f"workflows:{name}", args=[case.pk, *more])


def file(name: str = "contract.pdf") -> dict[str, Any]:
    """A file as a person picks it in the browser; another name makes another file."""
    return {"name": name, "mimeType": "application/pdf", "buffer": hostile.pdf(name)}


def press(page: Page, text: str) -> None:
    page.get_by_role("button", name=text, exact=True).first.click()
    page.wait_for_load_state()


def send(page: Page) -> None:
    """Press the one button of a supplier's form, whatever its language."""
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def fill(page: Page, /, **values: Any) -> None:
    """Type into the fields of a form by their names: words, dates, choices, ticks, files."""
    for name, value in values.items():
        if isinstance(value, date):
            for part in ("day", "month", "year"):
                page.fill(f"[name={name}_{part}]", str(getattr(value, part)))
            continue
        found = page.locator(f"main [name={name}]").first
        kind = found.get_attribute("type")
        if kind == "file":
            found.set_input_files(value)
        elif value is True:
            found.check()
        elif kind in {"radio", "checkbox"}:
            page.check(f"main [name={name}][value='{value}']")
        elif found.evaluate("element => element.tagName") == "SELECT":
            found.select_option(str(value))
        else:
            found.fill(str(value))


def who_did(case: Case, verb: str) -> list[User]:
    """Return who decided this, first to last, as it is kept."""
    return [one.by for one in case.decisions.filter(verb=verb).order_by("at")]


def work_off() -> None:
    """Do what waits for a worker: mails are handed over, files are looked at."""
    for model in work.kinds():
        for pk in list(model.objects.due().values_list("pk", flat=True)):
            import_string(model.task).call(str(pk))


def code_for(person: User) -> str:
    """The newest code this person finds in the demonstration's list of mails."""
    work_off()
    mails = DemoMail.objects.filter(to=person.email, body__regex=r"\d{4}-\d{4}")
    return re.search(r"\d{4}-\d{4}", mails.order_by("-pk")[0].body)[0]


@dataclass
class Play:
    """One case, its people at their screens, and what is looked at on the way.

    `open_page` opens a page of its own cookies; `look` sees a screen once by its name; what is
    downloaded comes to `place`.
    """

    open_page: Callable[..., Page]
    look: Callable[[Page, str], None]
    place: Path
    made: world.World = field(default_factory=lambda: world.world(language="zh-hans"))
    case: Case = field(init=False)
    pages: dict[Any, Page] = field(default_factory=dict)

    def begin(self, persona: Any, *, is_signed: bool = True) -> Case:
        """Bring the case to an answer, signed in Chinese; all that follows happens on pages."""
        case = world.acknowledged_case(self.made, wording=Wording.TRACEABILITY)
        world.answer(case, persona)
        if is_signed:
            by = case.signatory
            signature = world.signature(case, by, language=by.language)
            actions.submit(case=case, task=engine.open_task(case), by=by, signature=signature)
        self.case = fresh(case)
        work_off()
        return self.case

    @property
    def now(self) -> Case:
        return fresh(self.case)

    def at(self, person: User) -> Page:
        """The screen of one person, signed in: a desk, or the supplier's telephone."""
        if person.pk not in self.pages:
            is_supplier = person == self.made.contact
            sizes = {"width": 380, "height": 800, "locale": "zh-CN"} if is_supplier else {}
            self.pages[person.pk] = sign_in_page(self.open_page(**sizes), person)
        return self.pages[person.pk]

    @property
    def phone(self) -> Page:
        return self.at(self.made.contact)

    # the desk

    def shows(self, person: User, name: str, see: str, *more: object) -> Page:
        """Open a page of the case and look at it."""
        page = self.at(person)
        page.goto(url(name, self.case, *more))
        self.look(page, see)
        return page

    def acts(
        self,
        person: User,
        name: str,
        button: str,
        *more: object,
        see: str = "",
        letter: bool = False,
        **values: Any,
    ) -> Page:
        """Open an act's page, type, read the letter where there is one, and press the button."""
        page = self.at(person)
        page.goto(url(name, self.case, *more))
        fill(page, **values)
        if letter and page.get_by_role("button", name=PREVIEW).count():
            press(page, PREVIEW)
        if see:
            self.look(page, see)
        press(page, button)
        page.wait_for_url(re.compile(f"{re.escape(url('case', self.case))}(#.*)?$"))
        return page

    def judge(self, finding: Finding, state: str, see: str = "") -> None:
        by = self.made.counsel if finding.level == "counsel" else self.made.analyst
        button = "Keep the judgement"
        self.acts(by, "case_finding", button, finding.pk, see=see, state=state, reason=REASON)

    def judge_rest(self, state: str = "DISMISSED", see: str = "") -> None:
        """Judge what nobody judged yet, each finding on its page."""
        for one in Finding.objects.filter(case=self.case, judged_at=None):
            self.judge(one, state, see=see)
            see = ""

    def grade_all(self, see: str = "") -> None:
        """Grade each piece of proof on its page as an official record, as the demo has it."""
        for one in Proof.objects.filter(case=self.case, grade=""):
            self.grade(one, see=see)
            see = ""

    def grade(self, proof: Proof, see: str = "") -> None:
        self.acts(
            self.made.analyst,
            "case_proof",
            "Keep the grade",
            proof.pk,
            see=see,
            grade="A",
            counts="yes",
            reason="A record of a third party, tied to the order.",
        )

    def take(self) -> None:
        """Open the case from the desk's list, and take it."""
        page = self.at(self.made.analyst)
        page.goto(reverse("workflows:desk"))
        self.look(page, "desk")
        page.locator(f"main a[href='{url('case', self.case)}']").first.click()
        page.wait_for_url(f"**{url('case', self.case)}")
        self.look(page, "case-review")
        press(page, "Take the case")

    def recommends(self, see: str = "") -> None:
        why = "Every claim is proven by a record of a third party."
        self.acts(self.made.analyst, "case_recommend", "Recommend clearing", see=see, reason=why)

    def clears(self, see: str) -> None:
        """An approver decides on what an analyst recommends."""
        page = self.at(self.made.approver)
        page.goto(url("case_clear", self.case))
        for box in page.locator("main form input[type=checkbox]").all():
            box.check()
        fill(page, reason="I read the same facts and find nothing open.")
        self.look(page, f"{see}-clear")
        press(page, "Clear the case")
        page.wait_for_url(f"**{url('case', self.case)}")

    def winds_down(self, see: str) -> None:
        """Meet the points of the checklist, look at it, and end trade: each on its page."""
        made = self.made
        for key in exit_plan.CHECKLIST:
            self.acts(
                made.analyst,
                "case_exit_point",
                "Note it",
                key,
                see=f"{see}-point",
                applies="yes",
                note="Seen in the books and in the company's mail.",
            )
        note = "Last goods arrived, invoices are paid, nothing else is open."
        self.acts(made.analyst, "case_exit_look", "Note the look", see=f"{see}-look", note=note)
        self.acts(
            made.approver,
            "case_complete_exit",
            "Complete the exit",
            see=f"{see}-complete",
            reason="All points are met, and nothing is owed any more.",
        )
        self.shows(made.approver, "case", f"{see}-ended")
        self.reads("request", f"{see}-request-ended")

    # the supplier

    def reads_letter(self, see: str) -> None:
        """Find the newest letter on the request's page, and open it."""
        phone = self.reads("request", f"{see}-request")
        letter = self.case.letters.order_by("-written_at")[0]
        phone.locator(f"a[href='{url('request_letter', self.case, letter.sha256)}']").first.click()
        phone.wait_for_url(f"**/{letter.sha256}/")
        self.look(phone, f"{see}-letter")
        assert "维吾尔" not in phone.content()
        send(phone)
        work_off()
        phone.reload()
        printed = self.takes(phone, phone.locator(".x-next a.govuk-button"), f"{see}-letter")
        assert letter.title in printed.replace("\n", "")
        assert "维吾尔" not in printed

    def takes(self, page: Page, link: Locator, name: str) -> str:
        """Download a PDF by its link; returns its text."""
        with page.expect_download() as taken:
            link.click()
        path = self.place / f"{name}.pdf"
        taken.value.save_as(path)
        command = ["pdftotext", "-layout", str(path), "-"]
        found = subprocess.run(command, capture_output=True, check=True)
        return found.stdout.decode()

    def takes_dossier(self, name: str) -> str:
        """Counsel asks for the whole record and takes it away; returns its text."""
        page = self.at(self.made.counsel)
        page.goto(url("case_dossier", self.case))
        page.check("[name=edition][value=COUNSEL]")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()
        work_off()
        page.goto(url("case_dossier", self.case))
        self.look(page, f"{name}-dossiers")
        made = Dossier.objects.filter(chain=self.case.chain, kind="DOSSIER").latest("requested_at")
        there = reverse("documents:dossier", args=[made.pk])
        return self.takes(page, page.locator(f"a[href='{there}']").first, f"{name}-dossier")

    def reads(self, name: str, see: str, *more: object) -> Page:
        """Open a page on the telephone: it says no more than its wording."""
        page = self.shows(self.made.contact, name, see, *more)
        assert "维吾尔" not in page.content()
        return page

    def types_code(self) -> None:
        self.phone.fill("[name=code]", code_for(self.made.contact))
        send(self.phone)

    def signs(self, see: str, name: str = "request_sign") -> None:
        """Tick every statement, say who signs, and prove it with the mailed code."""
        phone = self.phone
        phone.goto(reverse(f"workflows:{name}", args=[self.now.response_id]))
        for box in phone.locator("main form input[type=checkbox]").all():
            box.check()
        fill(phone, title="总经理", authority="法定代表人")
        self.look(phone, see)
        send(phone)
        self.types_code()
        phone.wait_for_url("**/receipt/**")

    # the clock

    def wait(self, days: int) -> None:
        """Press the demonstration's button until so many days are over."""
        if "door" not in self.pages:
            self.pages["door"] = self.open_page()
        door = self.pages["door"]
        until = clock.now() + timedelta(days=days)
        while clock.now() < until:
            door.goto(reverse("portal:demo"))
            press(door, "Move 3 days on")
        self.look(door, "demo-clock")
        work_off()

    def wait_until(self, moment: datetime) -> None:
        """Leap to three days before the day of a moment, then press the button: onto that day."""
        days = (moment.date() - clock.today()).days - STEP.days
        demo.forward(days=max(days, 0), by="installation")
        assert ticks.run() == []
        self.wait(1)
