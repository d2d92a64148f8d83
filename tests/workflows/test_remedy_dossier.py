"""The dossier tells sources, hearings, plans and pauses; the working edition names nobody."""

import pytest

from documents.dossier import from_json, to_json
from documents.enums import Edition
from documents.pdf import compose
from tests.workflows import acts, remedies, world
from workflows import actions, collect, engine
from workflows.enums import SourceKind
from workflows.models import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    """All of it in one case: heard, confirmed, planned, missed, suspended, resumed."""
    case = world.submitted_case(made)
    source = remedies.source(
        made,
        case,
        kind=SourceKind.OFFICIAL,
        grade="A",
        page="12",
        author="Demo Author",
        language="English",
        file=remedies.file(),
    )
    remedies.released(source.evidence)
    finding = remedies.finding(made, case, source)
    remedies.heard(made, finding)
    remedies.confirm(made, Finding.objects.get(pk=finding.pk))
    version = remedies.shown(made, acts.fresh(case))
    actions.remark_plan(version=version, by=case.contact, text="Two more weeks, please.")
    case = remedies.planned(made, acts.fresh(case), orders="Nothing is paused.")
    case = remedies.judged(made, remedies.reported(case, "s1"), "s1", accepted=False)
    case = remedies.suspended(made, case)
    actions.resume(case=case, task=engine.open_task(case), by=made.approver, back=remedies.back())
    return acts.fresh(case)


@pytest.mark.parametrize("edition", [Edition.COUNSEL, Edition.WORKING])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_both_editions_tell_all_of_it_and_one_alone_names_respondents(case, edition, language):
    dossier = collect.dossier(case, edition=edition, language=language)

    assert from_json(to_json(dossier)) == dossier
    (source,) = dossier.elsewhere.sources
    assert (source.title, len(source.sha256)) == ("Demo report on yarn", 64)
    (finding,) = dossier.elsewhere.findings
    assert finding.hearings[0].reply == "It was bought elsewhere."
    (presumption,) = dossier.elsewhere.presumptions
    assert presumption.lifted == ""
    first, second = dossier.remedy.plans
    assert (first.version, second.version) == (1, 2)
    assert (first.accepted, bool(second.accepted)) == ("", True)
    assert [step.title for step in second.steps] == ["Demo step 1", "Demo step 2"]
    assert len(dossier.remedy.pauses) == 1
    assert dossier.remedy.pauses[0].ended
    assert source.title not in {one.name for one in dossier.evidence}
    whole = to_json(dossier)
    assert (case.contact.name in whole) == (edition == Edition.COUNSEL)
    assert source.sha256 not in {one.sha256 for one in dossier.evidence}


def test_a_case_without_any_of_it_has_no_such_chapter(made):
    case = world.issued_case(made)

    dossier = collect.dossier(case, edition=Edition.COUNSEL, language="en")

    assert (dossier.elsewhere, dossier.remedy) == (None, None)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_is_printed_without_a_warning(case, language):
    dossier = collect.dossier(case, edition=Edition.COUNSEL, language=language)

    written = compose(dossier)

    for said in ("Demo report on yarn", "It was bought elsewhere.", "Two more weeks, please."):
        assert said in written
