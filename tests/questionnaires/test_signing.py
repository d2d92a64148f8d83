import hashlib
import json

import pytest

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import ledger
from portal.access import Conflict, Refused
from portal.enums import Role
from questionnaires import actions, queries
from questionnaires.enums import ResponseState, SubmissionKind
from questionnaires.models import CodedAnswer, Submission
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import attach
from tests.questionnaires.personas import STATEMENTS

pytestmark = pytest.mark.django_db

WORDS = {"name": "Demo Signatory", "title": "Director", "authority": "Registered representative"}


def content(response, by, **changes):
    given = {"statements": STATEMENTS, "language": "en", **WORDS} | changes
    return actions.content_to_sign(response, by=by, **given)


def sign(response, by, *, expected="", **changes):
    given = {"statements": STATEMENTS, "language": "en", **WORDS} | changes
    expected = expected or content(response, by, **changes).sha256
    return actions.freeze(response=response, by=by, expected=expected, **given)


def answer(response, section, row="", **answers):
    document = response.documents.get(section=section)
    target = (
        document.data["answers"]
        if not row
        else next(r["answers"] for r in document.data["rows"] if r["id"] == row)
    )
    target.update(answers)
    document.save()


def test_what_is_stored_is_what_was_shown(response, signatory):
    shown = content(response, signatory)

    submission = sign(response, signatory, expected=shown.sha256)

    assert submission.snapshot == shown.text
    assert hashlib.sha256(submission.snapshot.encode()).hexdigest() == submission.sha256
    response.refresh_from_db()
    assert response.state == ResponseState.SUBMITTED
    assert ledger.verify(response.chain).is_intact
    assert submission.sha256 in response.chain.entries.get(event="response.signed").body


def test_the_text_holds_all_that_was_signed(response, signatory):
    signed = sign(response, signatory, language="zh-hans").content

    assert signed["questionnaire"]["sha256"] == response.version.sha256
    assert (signed["wording"], signed["language"]) == ("explicit", "zh-hans")
    assert [one["code"] for one in signed["statements"]] == list(STATEMENTS)
    assert signed["statements"][0]["text"].startswith("本公司")
    assert signed["signatory"] == {"user": str(signatory.pk), **WORDS}
    file = signed["sections"]["you"]["answers"]["own_licence"][0]
    assert file["sha256"] == Evidence.objects.get(pk=file["id"]).sha256
    assert [row["id"] for row in signed["sections"]["sites"]["rows"]] == ["site-1", "site-2"]
    assert signed["sections"]["sites"]["rows"][1]["answers"]["site_since"] is None


def test_answers_to_hidden_questions_stay_out(response, signatory):
    answer(response, "affiliates", affil_any="no")
    answer(response, "you", limits_note="Was typed before")

    signed = sign(response, signatory).content

    assert "affiliate_list" not in signed["sections"]
    assert "limits_note" not in signed["sections"]["you"]["answers"]
    assert "Was typed before" not in json.dumps(signed)


def test_what_counsel_alone_reads_is_sealed(response, signatory):
    answer(response, "you", limits=["law"], limits_note="Demo secret of counsel")

    submission = sign(response, signatory)

    kept = submission.counsel_texts.get()
    sealed = submission.content["sections"]["you"]["answers"]["limits_note"]
    assert "Demo secret" not in submission.snapshot
    assert kept.text == "Demo secret of counsel"
    assert sealed == {"sealed": ledger.salted(kept.text, kept.salt)}

    def read(**how):
        parts = queries.sheet_of(submission, language="en", **how)
        lines = {line.path: line for part in parts for g in part.groups for line in g.lines}
        return lines["limits_note"].shown.lines

    assert read(counsel=True) == ("Demo secret of counsel",)
    assert read() == ("Only counsel reads this answer.",)


def test_declined_answers_are_signed_without_what_was_typed_before(response, signatory):
    said = {"declined": "cannot_say", "why": "law"}
    answer(response, "owners", "owner-1", owner_share=said | {"kept": "100"})

    submission = sign(response, signatory)

    assert submission.content["sections"]["owners"]["rows"][0]["answers"]["owner_share"] == said
    assert next(f for f in submission.findings if f["key"] == "declined")["level"] == "counsel"


def test_chosen_codes_are_indexed_and_can_be_rebuilt(response, signatory):
    submission = sign(response, signatory)
    kept = sorted(submission.coded_answers.values_list("question", "item", "code"))

    actions.index_codes(submission)

    assert sorted(submission.coded_answers.values_list("question", "item", "code")) == kept
    assert ("site_roles", "site-1", "pack") in kept
    assert CodedAnswer.objects.filter(question="agree_sourcing", code="already").exists()


def test_it_reads_back_in_both_languages(response, signatory):
    submission = sign(response, signatory)

    for language, yes in (("en", "Yes"), ("zh-hans", "是")):
        parts = queries.sheet_of(submission, language=language)
        line = next(
            line
            for part in parts
            for group in part.groups
            for line in group.lines
            if line.path == "affil_any"
        )
        assert line.shown.lines == (yes,)


class TestNothingIsSignedWhen:
    def test_the_answers_moved(self, response, signatory):
        shown = content(response, signatory)
        answer(response, "you", job_title="Somebody else")

        with pytest.raises(Conflict, match="changed since"):
            sign(response, signatory, expected=shown.sha256)

        assert not Submission.objects.exists()

    def test_an_answer_is_missing(self, response, signatory):
        answer(response, "affiliates", affil_any=None)

        with pytest.raises(Conflict, match="still open"):
            content(response, signatory)

    def test_a_statement_is_not_ticked(self, response, signatory):
        with pytest.raises(Conflict, match="every statement"):
            content(response, signatory, statements=STATEMENTS[1:])

    def test_a_file_is_not_judged(self, response, signatory):
        attach(response, "own_licence", "x/licence_extract", EvidenceState.CHECKING)

        with pytest.raises(Conflict, match="being checked"):
            content(response, signatory)

    def test_the_only_file_was_refused(self, response, signatory):
        link = response.evidence_links.get(path="own_licence")
        Evidence.objects.filter(pk=link.evidence_id).update(state=EvidenceState.REFUSED)

        with pytest.raises(Conflict, match="still open"):
            content(response, signatory)

    def test_it_is_signed_already(self, response, signatory):
        expected = content(response, signatory).sha256
        sign(response, signatory, expected=expected)

        with pytest.raises(Conflict, match="signed and sent"):
            sign(response, signatory, expected=expected)

    @pytest.mark.parametrize("role", [Role.CONTACT, Role.CONTRIBUTOR])
    def test_the_person_may_not(self, response, role):
        person = UserFactory(holds=(role, response.supplier))

        with pytest.raises(Refused):
            sign(response, person, expected="0" * 64)


class TestDeclining:
    @pytest.fixture
    def refused(self, response):
        document = response.documents.get(section="commitments")
        document.data = {
            "answers": {
                "agree_sourcing": "refused",
                "agree_dealings": "refused",
                "agree_no_groups": "agreed",
                "agree_by": None,
                "why_not": ["no_reason"],
            }
        }
        document.save()
        document = response.documents.get(section="you")
        document.data = {"answers": {}}
        document.save()
        return response

    def decline(self, response, by):
        how = {"reply": "DECLINES_NO_REASON", "language": "en", **WORDS}
        shown = actions.content_to_sign(
            response, by=by, statements=(), kind=SubmissionKind.DECLINE, **how
        )
        return actions.freeze_decline(response=response, by=by, expected=shown.sha256, **how)

    def test_section_five_alone_is_signed(self, refused, signatory):
        submission = self.decline(refused, signatory)

        assert submission.kind == SubmissionKind.DECLINE
        assert list(submission.content["sections"]) == ["commitments"]
        assert submission.content["reply"] == "DECLINES_NO_REASON"

    def test_its_own_questions_must_be_answered(self, refused, signatory):
        answer(refused, "commitments", why_not=None)

        with pytest.raises(Conflict, match="this section first"):
            self.decline(refused, signatory)


class TestCorrections:
    @pytest.fixture
    def sent_back(self, response, signatory, analyst):
        sign(response, signatory)
        actions.reopen(
            response=response,
            paths_with_reasons={"affil_any": "You own a mill, we read."},
            by=analyst,
        )
        response.refresh_from_db()
        return response

    def test_only_named_answers_and_what_they_reveal_can_change(self, sent_back):
        draft = queries.draft(sent_back)
        assert draft.may_change("affil_any")
        assert not draft.may_change("job_title")
        assert not draft.may_change("site[*]")

        answer(sent_back, "affiliates", affil_any="no")
        answer(sent_back, "arrangements", arr_any="yes")
        assert queries.draft(sent_back).may_change("arr[*]")

    def test_the_page_refuses_what_was_not_sent_back(self, sent_back, signatory):
        from tests.questionnaires.test_responding import save

        save(sent_back, signatory, "affiliates", affil_any="no")
        with pytest.raises(Refused):
            save(sent_back, signatory, "you", job_title="Other")
        with pytest.raises(Refused):
            actions.add_row(response=sent_back, section="sites", by=signatory, language="en")

    def test_all_is_signed_anew(self, sent_back, signatory):
        second = sign(sent_back, signatory)

        assert second.number == 2
        correction = second.response.submissions.get(number=1).corrections.get()
        assert correction.answered_at == second.signed_at

    def test_nothing_is_sent_back_twice_or_by_others(self, sent_back, analyst, signatory):
        with pytest.raises(Conflict):
            actions.reopen(response=sent_back, paths_with_reasons={"you": "x"}, by=analyst)
        with pytest.raises(Refused):
            actions.reopen(response=sent_back, paths_with_reasons={"you": "x"}, by=signatory)

    @pytest.mark.parametrize("paths", [{}, {"nothing": "x"}, {"site_name": "x"}, {"a[b": "x"}])
    def test_only_known_answers_go_back(self, response, signatory, analyst, paths):
        sign(response, signatory)

        with pytest.raises(Conflict, match="Choose the answers"):
            actions.reopen(response=response, paths_with_reasons=paths, by=analyst)

    def test_a_mark_can_be_taken_back(self, sent_back, analyst):
        correction = sent_back.submissions.get().corrections.get()

        actions.withdraw_correction(correction=correction, by=analyst)

        assert not queries.draft(sent_back).may_change("affil_any")
        with pytest.raises(Conflict):
            actions.withdraw_correction(correction=correction, by=analyst)
