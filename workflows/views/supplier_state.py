"""Where a case stands, in a supplier's words: one clear next step, and the steps around it."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.enums import Role
from portal.models import User
from portal.templatetags.portal import day, moment
from questionnaires import queries as answers
from questionnaires.definition import split_path
from questionnaires.enums import ResponseState
from questionnaires.models import Correction
from workflows import queries, rules
from workflows.enums import ReplyCode, Stage, Verb
from workflows.models import Case, Inquiry
from workflows.models.case import WITH_SUPPLIER
from workflows.views import supplier_exit_state, supplier_remedy
from workflows.views.supplier_steps import Next

COLOURS = {
    Stage.INSTRUCTED: "amber",
    Stage.ANSWERING: "harbour",
    Stage.QUERIED: "amber",
    Stage.REVIEW: "harbour",
    Stage.WITH_COUNSEL: "violet",
    Stage.REMEDIATION: "amber",
    Stage.SUSPENDED: "amber",
    Stage.CLEARED: "green",
    Stage.WITHDRAWN: "",
}
# how far a case is on the list of steps, counted from 0; answering is 1 or, if ready, 2
RECEIVED, ANSWERED, SIGNED, READ, SETTLED = range(5)
PLACES = {Stage.INSTRUCTED: RECEIVED, Stage.REVIEW: READ, Stage.CLEARED: SETTLED + 1}


@dataclass
class State:
    """What the page of one case shows of its standing."""

    case: Case
    user: User
    draft: answers.Draft | None = None
    late: bool = False
    is_left_open: bool = False
    remedy: queries.Remedy | None = None
    questions: list[Inquiry] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    @property
    def label(self) -> str:
        if self.late:
            return _("Time ran out, still open")
        return supplier_exit_state.label(self.case) or str(rules.shown_stage(self.case).label)

    @property
    def colour(self) -> str:
        return "amber" if self.late else COLOURS.get(Stage(self.case.stage), "harbour")

    @property
    def is_answering(self) -> bool:
        """Whether the form is open for this supplier at present."""
        return self.draft is not None

    @property
    def must_acknowledge(self) -> bool:
        if self.case.stage == Stage.INSTRUCTED:
            return True
        proposed = self.case.stage in supplier_exit_state.PROPOSED
        is_open = self.late or self.is_left_open or proposed
        return is_open and queries.response_of(self.case).state == ResponseState.WAITING

    @property
    def waiting_question(self) -> Inquiry | None:
        """The first question put to the company that it has not answered yet."""
        return next((one for one in self.questions if one.replied_at is None), None)

    @property
    def signs(self) -> bool:
        """Whether the reader may sign."""
        return self.user.holds(Role.SIGNATORY, self.case.supplier_id)

    @property
    def reply(self) -> str:
        """How the reply is recorded: a neutral label, and all that a supplier sees of it."""
        code = self.case.reply_code
        return str(ReplyCode(code).label) if code else ""

    @property
    def declines(self) -> bool:
        """Whether the draft holds a refusal that may be signed by itself."""
        if self.draft is None or not rules.may_prepare_decline(self.user, self.case):
            return False
        given = self.draft.answers[queries.COMMITMENTS]["answers"]
        return queries.reply_that_declines(given) is not None

    @property
    def next(self) -> Next:
        if (leaving := supplier_exit_state.next_step(self.case)) is not None:
            return leaving
        if self.must_acknowledge:
            return self._acknowledge()
        if (waiting := self.waiting_question) is not None:
            return supplier_remedy.reply(self.case, waiting)
        if self.remedy is not None and (step := supplier_remedy.plan(self.case, self.remedy)):
            return step
        if self.draft is not None:
            return self._answer(self.draft)
        said = {
            Stage.REVIEW: self._review,
            Stage.WITH_COUNSEL: self._with_counsel,
            Stage.CLEARED: self._cleared,
            Stage.WITHDRAWN: self._withdrawn,
        }.get(Stage(self.case.stage))
        return said() if said else self._elsewhere()

    def _acknowledge(self) -> Next:
        late = _("Time ran out, but a late answer is still accepted.") + " " if self.late else ""
        return Next(
            _("Say that you have it"),
            late
            + _(
                "By this you say: we have the request, and %(person)s answers for %(supplier)s."
                " It is a receipt and agrees to nothing."
            )
            % {"person": self.user, "supplier": self.case.supplier.name},
            url=reverse("workflows:request_acknowledge", args=[self.case.pk]),
            act=_("We have it"),
            posts=True,
            beside=(
                (
                    reverse("workflows:request_wrong_person", args=[self.case.pk]),
                    _("I am the wrong person"),
                ),
            ),
        )

    @property
    def untouched(self) -> list[Correction]:
        """Answers sent back whose section nobody saved, and which got no file, since then."""
        return [one for one in self.corrections if not self.is_touched(one)]

    def is_touched(self, one: Correction) -> bool:
        """Whether somebody worked at an answer after it was sent back."""
        if self.draft is None:
            return False
        path = one.path.removesuffix("[*]")
        definition = self.draft.questionnaire
        if path in definition.tables:
            section = definition.tables[path].key
        else:
            section = definition.questions[split_path(path)[0]].section
        document = self.draft.documents.get(section)
        saved = document is not None and document.updated_at and document.updated_at > one.at
        return bool(saved) or any(
            link.path.startswith(path) and link.at > one.at for link in self.draft.links
        )

    def _answer(self, draft: answers.Draft) -> Next:
        if self.untouched:
            return self._look_again(draft)
        if not draft.is_ready:
            return self._go_on(draft)
        if draft.waiting:
            return Next(
                _("Wait a moment: files are being checked"),
                _("Everything is answered. Signing opens once every file is checked."),
                url=reverse("questionnaires:check", args=[draft.response.pk]),
                act=_("Check the answers"),
            )
        return self._sign(draft)

    def _look_again(self, draft: answers.Draft) -> Next:
        sign = reverse("workflows:request_sign", args=[draft.response.pk])
        stays = ((sign, _("They are right as they are: sign")),)
        return Next(
            ngettext(
                "Look at %(n)s answer again",
                "Look at %(n)s answers again",
                len(self.untouched),
            )
            % {"n": len(self.untouched)},
            _("Only the answers that came back are open. Then everything is signed anew."),
            url=reverse("questionnaires:overview", args=[draft.response.pk]),
            act=_("Go to the questions"),
            beside=stays if draft.is_ready and self.signs else (),
        )

    def _go_on(self, draft: answers.Draft) -> Next:
        overview = reverse("questionnaires:overview", args=[draft.response.pk])
        begun = draft.saved is not None
        return Next(
            _("Answer the questions") if not begun else _("Go on answering"),
            _(
                "%(done)s of %(total)s parts are ready. What you type is saved; you may stop and"
                " come back, and nothing counts before it is signed."
            )
            % {"done": draft.ready, "total": len(draft.sections)},
            url=overview,
            act=_("Start") if not begun else _("Go on"),
        )

    def _sign(self, draft: answers.Draft) -> Next:
        check = reverse("questionnaires:check", args=[draft.response.pk])
        name = reverse("workflows:request_signatory", args=[self.case.pk])
        if self.signs:
            return Next(
                _("Read the answers and sign late") if self.late else _("Read and sign"),
                _("Everything is answered. Read it once more, then sign with a fresh code."),
                url=reverse("workflows:request_sign", args=[draft.response.pk]),
                act=_("Go to the signature"),
                beside=((check, _("Check the answers first")),),
            )
        if self.case.signatory is None:
            return Next(
                _("Name the person who signs"),
                _(
                    "Everything is answered. A person who may bind the company signs: you, or a"
                    " colleague."
                ),
                url=name,
                act=_("Name the signatory"),
                beside=((check, _("Check the answers")),),
            )
        return Next(
            _("%(person)s signs next") % {"person": self.case.signatory},
            _(
                "Everything is answered. We mailed an invitation to %(address)s; signing in with"
                " that address opens this page."
            )
            % {"address": self.case.signatory.email},
            url=check,
            act=_("Check the answers"),
            beside=((name, _("Somebody else signs")),),
        )

    def _review(self) -> Next:
        when = day(self.case.next_act_at, self.case.supplier.zone)
        buyer = self.case.buyer.name
        if self.case.last_verb == Verb.OPEN_REENTRY:
            text = _(
                "Trade with your company is looked at again. The newest letter says what is to be"
                " shown. A person at %(buyer)s reads it and writes to you by %(day)s."
            )
        elif self.case.declined_at is not None and self.case.declined_at == self.case.submitted_at:
            text = _(
                "You declined. A person at %(buyer)s reads your reply by %(day)s, may call you to"
                " offer help, and decides what follows. No clock decides."
            )
        else:
            text = _(
                "A person at %(buyer)s reads your answers by %(day)s and either finds nothing"
                " open or asks you questions. You need do nothing until you hear from us."
            )
        return Next(_("%(buyer)s reads") % {"buyer": buyer}, text % {"buyer": buyer, "day": when})

    def _with_counsel(self) -> Next:
        return Next(
            _("Counsel of %(buyer)s reads a note on this case") % {"buyer": self.case.buyer.name},
            _(
                "Your time stands still until counsel has answered; the date moves by as many"
                " days. You need do nothing until you hear from us."
            ),
        )

    def _cleared(self) -> Next:
        return Next(
            _("Nothing is open"),
            _(
                "%(buyer)s read your answers and documents and found nothing open on %(day)s."
                " Please tell us when a site, an owner, a producer or an input changes."
            )
            % {
                "buyer": self.case.buyer.name,
                "day": day(self.case.cleared_at, self.case.supplier.zone),
            },
            url=reverse("workflows:request_message", args=[self.case.pk]),
            act=_("Write to us"),
        )

    def _withdrawn(self) -> Next:
        return Next(
            _("This request was withdrawn"),
            _(
                "%(buyer)s withdrew it on %(day)s. You need do nothing more. What you wrote is"
                " kept with the record."
            )
            % {
                "buyer": self.case.buyer.name,
                "day": day(self.case.ended_at, self.case.supplier.zone),
            },
        )

    def _elsewhere(self) -> Next:
        return Next(
            _("%(buyer)s acts next") % {"buyer": self.case.buyer.name},
            _("You need do nothing until you hear from us."),
        )

    @property
    def place(self) -> int:
        """How far the case is on the list of steps."""
        if self.case.stage in supplier_exit_state.LEAVING:
            return READ
        if self.must_acknowledge:
            return RECEIVED
        if self.draft is not None:
            return SIGNED if self.draft.is_ready and not self.untouched else ANSWERED
        if self.case.stage == Stage.WITH_COUNSEL:
            return PLACES.get(Stage(self.case.held_from or Stage.REVIEW), ANSWERED)
        return PLACES.get(Stage(self.case.stage), READ)

    @property
    def steps(self) -> list[dict[str, object]]:
        """The way of a case as the component `task_list` shows it; empty once withdrawn."""
        if self.case.stage == Stage.WITHDRAWN:
            return []
        if leaving := supplier_exit_state.steps(self.case):
            return leaving
        titles = (
            (_("Confirm receipt"), self._hint_received()),
            (_("Answer the questions"), self._hint_answered()),
            (_("Sign"), self._hint_signed()),
            (_("%(buyer)s reads") % {"buyer": self.case.buyer.name}, ""),
            (
                _("Result"),
                _("Nothing open; or questions, a plan with dates, a pause or end of orders"),
            ),
        )
        return [
            {"title": title, "hint": hint, **self._mark(number)}
            for number, (title, hint) in enumerate(titles)
        ]

    def _mark(self, number: int) -> dict[str, str]:
        if number < self.place:
            return {"state": _("Done"), "colour": "green"}
        if number > self.place:
            return {"state": _("Later")}
        if self.case.stage == Stage.WITH_COUNSEL:
            return {"state": _("On hold"), "colour": "violet"}
        return {"state": _("Now"), "colour": "amber" if self.late else "harbour"}

    def _hint_received(self) -> str:
        at = self.case.acknowledged_at
        return moment(at, self.case.supplier.zone) if at else ""

    def _hint_answered(self) -> str:
        if self.draft is None:
            return ""
        return _("%(done)s of %(total)s parts ready") % {
            "done": self.draft.ready,
            "total": len(self.draft.sections),
        }

    def _hint_signed(self) -> str:
        if self.case.submitted_at and self.place > SIGNED:
            return moment(self.case.submitted_at, self.case.supplier.zone)
        if self.case.signatory is not None:
            return _("By %(person)s") % {"person": self.case.signatory}
        return _("By a person who may bind the company")


def of(case: Case, user: User) -> State:
    """Read where a case stands for this person; the draft only while the form is open."""
    is_open = rules.may_still_answer(case)
    is_left_open = case.stage == Stage.REVIEW and case.left_open_at is not None
    state = State(case, user, late=case.is_late, is_left_open=is_left_open and not case.is_late)
    if case.response_id is None or not (case.stage in WITH_SUPPLIER or is_open):
        return state
    response = queries.response_of(case)
    if response.is_open:
        state.draft = answers.draft(response)
        state.corrections = [one for one in state.draft.corrections if one.answered_at is None]
    return state
