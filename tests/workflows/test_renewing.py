"""Asking a cleared case anew: by the clock after the policy's months, or by an analyst."""

from datetime import timedelta

import pytest
from django.urls import reverse

from documents.enums import Edition
from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role
from portal.models import OutboxMessage
from questionnaires import actions as answering
from questionnaires import queries as answers
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, world
from tests.workflows.test_engine import stands
from workflows import actions, collect, engine, ladder, queries, reminders, ticks
from workflows.collect import past
from workflows.enums import Outcome, Stage
from workflows.models import CaseRun, Decision

pytestmark = pytest.mark.django_db

REASON = "A site was added at this supplier."


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return world.cleared_case(made)


def renewed(made, case):
    with clock.at(case.cleared_at + timedelta(days=100)):
        return actions.renew(case=case, by=made.analyst, reason=REASON)


def test_clearing_says_when_it_is_asked_anew(case):
    assert case.renew_at == ladder.months_after(case.cleared_at, 12, case.place)


def test_the_clock_asks_anew_at_its_moment_and_once(made, case):
    moment = case.renew_at

    def sweep(at):
        with clock.at(at):
            return ticks.renew_due()

    assert sweep(moment - timedelta(seconds=1)) == 0
    assert sweep(moment) == 1
    assert sweep(moment) == 0

    case = acts.fresh(case)
    assert (case.stage, case.cleared_at, case.renew_at) == (Stage.ANSWERING, None, None)
    assert case.due_at == ladder.due_after(moment, 21, case.place)
    assert case.asked_at == moment
    assert stands(case)
    run = CaseRun.objects.get(case=case, closed_at=None)
    assert run.opened_by is None
    entry = case.chain.entries.get(event="case.renewed")
    assert '"system":"clock"' in entry.body
    told = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose="case_renewed")
    assert [one.recipient for one in told] == [case.contact]
    assert ledger.verify(case.chain).is_intact


def test_after_three_days_off_and_twice_it_is_asked_once(made, case):
    with clock.at(case.renew_at + timedelta(days=3)):
        assert [ticks.renew_due(), ticks.renew_due()] == [1, 0]


def test_an_analyst_asks_anew_with_a_reason(made, case):
    case = acts.fresh(renewed(made, case))

    assert case.stage == Stage.ANSWERING
    decision = Decision.objects.get(case=case, verb="RENEW")
    assert (decision.by, decision.reason) == (made.analyst, REASON)
    with pytest.raises(Conflict):
        actions.renew(case=case, by=made.analyst, reason=REASON)


@pytest.mark.parametrize("who", ["manager", "approver", "counsel", "administrator"])
def test_nobody_else_asks_anew(made, case, who):
    with pytest.raises(Refused):
        actions.renew(case=case, by=getattr(made, who), reason=REASON)


def test_nothing_of_last_year_counts_until_it_is_given_or_confirmed(made, case):
    case = acts.fresh(renewed(made, case))

    draft = answers.draft(case.response)
    assert case.response.state == ResponseState.OPEN
    assert not draft.is_ready
    assert not draft.links
    with pytest.raises(Conflict), clock.at(case.asked_at + timedelta(days=2)):
        world.submit(case)


def test_all_is_given_and_signed_anew(made, case):
    number = case.response.submissions.count()
    case = acts.fresh(renewed(made, case))

    with clock.at(case.asked_at + timedelta(days=2)):
        world.answer(case)
        case = world.submit(case)
        assert case.stage == Stage.REVIEW
        assert case.response.submissions.count() == number + 1
        assert queries.standing(case).submission.number == number + 1


def test_last_years_answers_are_no_answer_of_this_year(made, case):
    case = acts.fresh(renewed(made, case))

    standing = queries.standing(case)
    assert standing.submission is None
    assert standing.outcome != Outcome.CLEAR
    with clock.at(case.asked_at + timedelta(seconds=5)):
        case = acts.lapsed(case)
    with pytest.raises(Conflict, match="Nothing was submitted"):
        actions.recommend(case=case, task=engine.open_task(case), by=made.analyst, reason=REASON)


class TestProofOfLastYear:
    """A document of the round before proves nothing of this one until somebody uses it again."""

    @pytest.fixture
    def old(self, case):
        """The one record of grade A that proved a claim a year ago."""
        claim = next(one for one in queries.standing(case).claims if one.is_proven)
        return next(proof for proof in claim.proofs if proof.grade == "A")

    @staticmethod
    def state(case, old):
        claims = queries.standing(acts.fresh(case)).claims
        return next(one for one in claims if (one.claim, one.step) == (old.claim, old.step))

    def signed_anew(self, made, case, *, using=None):
        case = acts.fresh(renewed(made, case))
        with clock.at(case.asked_at + timedelta(days=2)):
            world.answer(case)
            if using is not None:
                path = old_path(case, using)
                answering.link(
                    response=case.response, path=path, evidence=using.evidence, by=case.contact
                )
            return world.submit(case)

    def test_it_does_not_count_by_itself(self, made, case, old):
        case = self.signed_anew(made, case)

        found = self.state(case, old)
        assert not found.is_proven
        assert old in found.earlier
        assert old not in found.proofs

    def test_used_again_by_the_supplier_it_counts_with_its_grade(self, made, case, old):
        case = self.signed_anew(made, case, using=old)

        found = self.state(case, old)
        assert found.is_proven
        assert old in found.proofs

    def test_graded_anew_by_an_analyst_it_counts(self, made, case, old):
        case = self.signed_anew(made, case)
        with clock.at(case.asked_at + timedelta(days=3)):
            actions.grade_proof(
                proof=old, by=made.analyst, grade="A", counts=True, reason="It still holds."
            )

        assert self.state(case, old).is_proven

    def test_the_page_and_the_dossier_say_so_and_the_past_stays(self, client, made, case, old):
        then = case.cleared_at + timedelta(days=1)
        case = self.signed_anew(made, case)
        sign_in(client, made.analyst)

        page = client.get(reverse("workflows:case", args=[case.pk])).text
        with clock.at(case.asked_at + timedelta(days=3)):
            now = collect.dossier(case, edition=Edition.COUNSEL, language="en")
            before = past.past(case, then)

        assert "from an earlier round" in page
        assert old.evidence.name in page
        (printed,) = (one for one in now.evidence if one.name == old.evidence.name)
        assert "of an earlier round, not counted" in printed.reason
        assert (printed.grade, printed.proposed) == ("A", False)  # as it was set a year ago
        (claim,) = (
            one for one in before.standing.claims if (one.claim, one.step) == (old.claim, old.step)
        )
        assert claim.is_proven
        assert not claim.earlier


def old_path(case, proof):
    """Where the file was given a year ago."""
    links = case.response.evidence_links.filter(evidence=proof.evidence)
    return links.latest("at").path


def test_last_years_recommendation_clears_nothing(made, case):
    case = acts.fresh(renewed(made, case))

    assert case.proposed_by is None
    assert Decision.objects.get(case=case, verb="RECOMMEND").is_stale


def test_a_new_round_keeps_the_policy_of_its_day(made, case):
    policy = actions.change_policy(
        buyer=made.buyer,
        based_on=1,
        by=made.approver,
        values={"due_days": 40},
        reason="More time for harvests.",
    )

    case = acts.fresh(renewed(made, case))

    assert case.policy == policy
    assert case.due_at == ladder.due_after(case.asked_at, 40, case.place)


def test_its_ladder_climbs_and_its_time_runs_out_like_the_first(made, case):
    case = acts.reached(acts.fresh(renewed(made, case)))
    step = ladder.steps(case.due_at, 21, case.policy, case.place)[0]
    with clock.at(step.at):
        assert reminders.climb_due() == 1
    case = acts.lapsed(acts.fresh(case))

    assert case.stage == Stage.REVIEW


def test_it_can_be_cleared_and_asked_anew_again(made, case):
    case = acts.fresh(renewed(made, case))
    with clock.at(case.asked_at + timedelta(days=2)):
        world.answer(case)
        case = world.submit(case)
        for finding in queries.standing(case).blocking:
            actions.judge_finding(
                finding=finding, by=made.analyst, state="DISMISSED", reason="Looked at again."
            )
        for claim in queries.standing(case).claims:
            for proof in claim.proofs:
                actions.grade_proof(
                    proof=proof, by=made.analyst, grade="A", counts=True, reason="An official one."
                )
        actions.recommend(
            case=case, task=engine.open_task(case), by=made.analyst, reason="Nothing is open now."
        )
        actions.clear(
            case=case,
            task=engine.open_task(case),
            by=made.approver,
            reason="Nothing is open now.",
            knows_unscanned=True,
        )
    case = acts.fresh(case)
    assert case.stage == Stage.CLEARED
    with clock.at(case.renew_at):
        assert ticks.renew_due() == 1


def test_one_that_fails_hinders_no_other(made, case, caplog, monkeypatch):
    other = world.cleared_case(made, supplier=acts.another(made))
    real = actions.renew

    def renew(*, case, by, reason=""):
        if case.pk == other.pk:
            raise RuntimeError("broken")
        return real(case=case, by=by, reason=reason)

    monkeypatch.setattr(ticks.actions, "renew", renew)
    with clock.at(max(case.renew_at, other.renew_at)):
        assert ticks.renew_due() == 1

    assert "renewing" in caplog.text


# The page


def url(case):
    return reverse("workflows:case_renew", args=[case.pk])


def test_an_analyst_asks_anew_on_the_page(client, made, case):
    sign_in(client, made.analyst)
    offered = client.get(reverse("workflows:case", args=[case.pk])).text
    short = client.post(url(case), {"task": "", "reason": "now"}).text
    done = client.post(url(case), {"task": "", "reason": REASON})
    again = client.post(url(case), {"task": "", "reason": REASON})
    page = client.get(reverse("workflows:case", args=[case.pk])).text

    assert url(case) in offered
    assert "Say a little more" in short
    assert done.status_code == 302
    assert again.status_code == 409
    assert "The supplier was asked anew" in page


@pytest.mark.parametrize("role", Role)
def test_the_page_opens_to_analysts_alone(client, made, case, role):
    where = made.supplier if role in {"CONTACT", "CONTRIBUTOR", "SIGNATORY"} else made.buyer
    sign_in(client, UserFactory(holds=(role, where)))

    answer = client.get(url(case))

    # who comes from outside finds the cases alone that were named to it
    otherwise = 404 if role == Role.OUTSIDE_COUNSEL else 403
    assert answer.status_code == (200 if role == Role.ANALYST else otherwise)
    if role == Role.APPROVER:
        assert "Only an analyst of the buyer may ask anew." in answer.text


def test_strangers_find_nothing_and_wrong_methods_are_told(client, made, case):
    stranger = world.world(name="Demo Stranger GmbH")
    sign_in(client, stranger.analyst)
    assert client.get(url(case)).status_code == 404
    sign_in(client, made.analyst)
    assert client.delete(url(case)).status_code == 405


def test_the_supplier_sees_a_new_round_with_last_years_answers(client, made, case):
    case = acts.fresh(renewed(made, case))
    sign_in(client, case.contact)

    page = client.get(reverse("workflows:request", args=[case.pk])).text

    assert "Receipt for submission" in " ".join(page.split())
    assert "Nothing is open" not in page
