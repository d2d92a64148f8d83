import pytest
from django.http import QueryDict

from portal.access import Conflict, Refused
from portal.enums import Role
from questionnaires import actions, queries
from questionnaires.enums import ResponseState
from questionnaires.models import Response
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import QuestionnaireVersionFactory, ResponseFactory

pytestmark = pytest.mark.django_db

REAL_IDENTITY_NUMBER = "11010519491231002X"  # the example of GB 11643-1999
CODE = "91330600MADEM0001G"


def typed(asked=None, **fields):
    data = QueryDict(mutable=True)
    for key, value in fields.items():
        name = key.replace("__", "-")
        data.setlist(name, value if isinstance(value, list) else [value])
    data["asked"] = asked or " ".join(k for k in fields if "__" not in k)
    return data


@pytest.fixture
def writer(fresh):
    return UserFactory(holds=(Role.CONTACT, fresh.supplier))


def save(response, by, section="you", row="", rev=None, *, explicit=True, **fields):
    asked, still_true = fields.pop("asked", None), fields.pop("still_true", ())
    if rev is None:
        rev = response.documents.get(section=section).rev
    return actions.save_section(
        response=response,
        section=section,
        row=row,
        data=typed(asked, **fields),
        rev=rev,
        by=by,
        explicit=explicit,
        language="en",
        still_true=still_true,
    )


def stored(response, section="you"):
    return response.documents.get(section=section).data


def test_opening_creates_no_documents_and_beginning_all(fresh):
    version = QuestionnaireVersionFactory()
    opened = actions.open_response(
        buyer=fresh.buyer,
        supplier=fresh.supplier,
        chain=fresh.chain,
        version=version,
        wording="explicit",
        language="en",
        by=UserFactory(),
    )
    assert (opened.state, opened.documents.count()) == (ResponseState.WAITING, 0)

    begun = actions.begin(response=opened)
    actions.begin(response=opened)

    sections = queries.questionnaire(version).sections
    assert begun.state == ResponseState.OPEN
    assert begun.documents.count() == len(sections)


def test_saving_keeps_what_is_valid_and_what_is_not(fresh, writer):
    save(
        fresh,
        writer,
        job_title="  经理 𠮷 😀\r\nline two ",
        own_country="XX",
        limits=["law", "no"],
    )

    assert stored(fresh)["answers"] == {
        "job_title": "经理 𠮷 😀\nline two",
        "own_country": {"raw": "XX"},
        "limits": {"raw": "law no"},
    }


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "tab\tbell\x07 null\x00", "\u202eright to left\u202c \u061c", "\ud800 lone"],
)
def test_no_text_is_lost_or_breaks_the_page(client, fresh, writer, text):
    save(fresh, writer, job_title=text)
    client.force_login(writer)

    page = client.get(f"/answers/{fresh.pk}/sections/you/")

    kept = stored(fresh)["answers"]["job_title"]
    said = kept["raw"] if isinstance(kept, dict) else kept
    assert len(said) == len(text.strip())
    assert page.status_code == 200
    if len(text) > 2000:
        assert "2,000 characters" in page.content.decode()


@pytest.mark.parametrize(
    ("typed_in", "kept"),
    [
        ("１２", 12),
        ("1,200", 1200),
        ("many", {"raw": "many"}),
        ("1.5", {"raw": "1.5"}),
        ("9" * 30, {"raw": "9" * 30}),
        ("", None),
    ],
)
def test_a_number_is_read_or_kept_as_typed(fresh, writer, typed_in, kept):
    row = actions.add_row(response=fresh, section="workforce", by=writer, language="en")

    save(fresh, writer, "workforce", row, wf_total=typed_in)

    assert stored(fresh, "workforce")["rows"][0]["answers"].get("wf_total") == kept


def test_a_date_comes_back_in_its_three_parts(client, fresh, writer):
    row = actions.add_row(response=fresh, section="sites", by=writer, language="en")

    save(
        fresh,
        writer,
        "sites",
        row,
        asked="site_since",
        site_since_day="31",
        site_since_month="2",
        site_since_year="2020",
    )

    assert stored(fresh, "sites")["rows"][0]["answers"] == {"site_since": {"raw": "31/2/2020"}}
    client.force_login(writer)
    page = client.get(f"/answers/{fresh.pk}/sections/sites/rows/{row}/").content.decode()
    assert 'name="site_since_day"' in page
    assert 'value="31"' in page
    assert "real date" in page


def test_a_question_that_was_not_on_the_page_keeps_its_answer(fresh, writer):
    save(fresh, writer, job_title="Clerk")
    save(fresh, writer, may_bind="yes")
    save(fresh, writer, job_title="")

    assert stored(fresh)["answers"] == {"may_bind": "yes"}


def test_what_was_typed_before_declining_comes_back(fresh, writer):
    save(
        fresh,
        writer,
        asked="own_name",
        own_name="示例",
        own_name__declined="unknown",
        own_name__why="law",
    )

    assert stored(fresh)["answers"]["own_name"] == {
        "declined": "unknown",
        "why": "law",
        "kept": "示例",
    }


def test_a_question_that_must_be_answered_cannot_be_declined(fresh, writer):
    save(fresh, writer, asked="job_title", job_title="Clerk", job_title__declined="unknown")

    assert stored(fresh)["answers"]["job_title"] == "Clerk"


@pytest.mark.parametrize("way", ["{}", "No. {} (manager)", "１{}", "110105 19491231 002x"])
def test_an_identity_number_is_refused_and_nothing_stored(fresh, writer, way):
    number = REAL_IDENTITY_NUMBER[1:] if way.startswith("１") else REAL_IDENTITY_NUMBER
    with pytest.raises(actions.IdentityNumber) as caught:
        save(fresh, writer, may_bind="yes", job_title=way.format(number))

    assert caught.value.key == "job_title"
    assert stored(fresh) == {"answers": {}}


def test_a_social_credit_code_is_none(fresh, writer):
    save(fresh, writer, own_code=CODE)

    assert stored(fresh)["answers"]["own_code"] == CODE


def test_only_an_explicit_save_is_an_event(fresh, writer):
    before = fresh.chain.entries.count()

    save(fresh, writer, job_title="Clerk", explicit=False)
    assert fresh.chain.entries.count() == before

    save(fresh, writer, job_title="Head clerk")
    entry = fresh.chain.entries.get(event="response.saved")
    assert '"section":"you"' in entry.body
    assert "clerk" not in entry.body.lower()


def test_who_is_behind_is_told_and_changes_nothing(fresh, writer):
    colleague = UserFactory(holds=(Role.SIGNATORY, fresh.supplier), name="Demo Signatory")
    save(fresh, colleague, job_title="Theirs", rev=0)

    with pytest.raises(actions.Behind, match="Demo Signatory saved this section"):
        save(fresh, writer, job_title="Mine", rev=0)

    assert stored(fresh)["answers"]["job_title"] == "Theirs"


def test_the_same_form_twice_is_no_conflict(fresh, writer):
    first = save(fresh, writer, job_title="Clerk", rev=0)
    second = save(fresh, writer, job_title="Clerk", rev=0)

    assert (first.rev, second.rev) == (1, 1)


@pytest.mark.parametrize(
    "state", [ResponseState.WAITING, ResponseState.SUBMITTED, ResponseState.CLOSED]
)
def test_closed_answers_do_not_change(fresh, writer, state):
    Response.objects.filter(pk=fresh.pk).update(state=state)

    with pytest.raises(Conflict):
        save(fresh, writer, job_title="Clerk")


def test_another_company_or_role_may_not_save(fresh):
    for person in (
        UserFactory(),
        UserFactory(holds=(Role.ANALYST, fresh.buyer)),
        UserFactory(holds=(Role.CONTRIBUTOR, fresh.supplier)),
        UserFactory(holds=(Role.CONTACT, ResponseFactory().supplier)),
    ):
        with pytest.raises(Refused):
            save(fresh, person, job_title="Clerk")


class TestRows:
    def test_a_copy_stands_below_without_files(self, response, contact):
        new = actions.copy_row(
            response=response, section="sites", row="site-1", by=contact, language="en"
        )

        rows = stored(response, "sites")["rows"]
        assert [row["id"] for row in rows] == ["site-1", new, "site-2"]
        assert rows[1]["answers"] == rows[0]["answers"]
        assert f"site[{new}].site_doc" in queries.draft(response).missing

    def test_a_removed_row_comes_back_with_its_files(self, response, contact):
        given = {"response": response, "section": "sites", "row": "site-1", "by": contact}

        actions.remove_row(**given, language="en")
        assert "site[site-1].site_name" not in queries.draft(response).visible

        actions.restore_row(**given, language="en")
        assert queries.draft(response).is_ready
        assert [r["id"] for r in stored(response, "sites")["rows"]] == ["site-1", "site-2"]

    def test_what_is_gone_cannot_be_saved_or_removed(self, response, contact):
        given = {"response": response, "section": "sites", "row": "site-1", "by": contact}
        actions.remove_row(**given, language="en")

        with pytest.raises(Conflict):
            actions.remove_row(**given, language="en")
        with pytest.raises(Conflict):
            save(response, contact, "sites", "site-1", site_name="x")
        with pytest.raises(Conflict):
            actions.restore_row(**{**given, "row": "other"}, language="en")

    def test_a_full_table_takes_no_more(self, fresh, writer):
        for _number in range(30):
            try:
                actions.add_row(response=fresh, section="goods_made", by=writer, language="en")
            except Conflict:
                break
        document = fresh.documents.get(section="sites")
        most = queries.questionnaire(fresh.version).tables["site"].repeat.max
        document.data = {"rows": [{"id": f"r{n}", "answers": {}} for n in range(most)]}
        document.save()

        with pytest.raises(Conflict, match="full"):
            actions.add_row(response=fresh, section="sites", by=writer, language="en")

    def test_a_page_has_no_rows(self, fresh, writer):
        with pytest.raises(Conflict):
            actions.add_row(response=fresh, section="you", by=writer, language="en")
        with pytest.raises(Conflict):
            actions.add_row(response=fresh, section="nothing", by=writer, language="en")
