import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.enums import Role, Wording
from questionnaires import actions, queries
from questionnaires.models import Response
from questionnaires.static_checks import leaks
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory
from tests.questionnaires.test_responding import REAL_IDENTITY_NUMBER
from tests.questionnaires.test_signing import sign

pytestmark = pytest.mark.django_db

AUTOSAVE = {"X-Requested-With": "autosave"}


def url(name, response, *args):
    return reverse(f"questionnaires:{name}", args=[response.pk, *args])


def pages(response):
    yield url("overview", response)
    yield url("check", response)
    yield url("evidence", response)
    yield url("upload", response) + "?for=own_licence"
    draft = queries.draft(response)
    for section in draft.sections:
        yield url("section", response, section.key)
        for row in draft.answers[section.key].get("rows", ()):
            yield url("row", response, section.key, row["id"])


def text_of(answer):
    return answer.content.decode()


@pytest.fixture
def signed_in(client, contact):
    client.force_login(contact)
    client.get("/answers/")  # the first request of a session writes when it began
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("wording", Wording.values)
def test_every_page_shows_in_both_wordings_and_languages(signed_in, response, wording, language):
    response.wording = wording
    response.save()
    signed_in.cookies["django_language"] = language

    for page in pages(response):
        answer = signed_in.get(page)

        assert answer.status_code == 200, page
        assert f'lang="{"en" if language == "en" else "zh-hans"}"' in text_of(answer)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_neutral_wording_gives_nothing_away(signed_in, response, language):
    response.wording = Wording.TRACEABILITY
    response.save()
    signed_in.cookies["django_language"] = language
    provinces = queries.questionnaire(response.version).choices["province"]
    listed = provinces.by_code["65"].label.of("traceability", language)

    for page in pages(response):
        html = text_of(signed_in.get(page)).replace(listed, "").replace("Extricate", "")

        assert leaks(html) == [], page
        assert not re.search(r"\b(remediate|follow_up|own_products|[ABC][1-6])\b", html), page


@pytest.mark.parametrize("rows", [1, 3])
class TestQueries:
    """Sign-in, person, roles, company's name, response; then documents, files, comments."""

    @pytest.fixture
    def table(self, response, contact, rows):
        document = response.documents.get(section="sites")
        document.data["rows"] = document.data["rows"][:1]
        document.save()
        for _number in range(rows - 1):
            actions.copy_row(
                response=response, section="sites", row="site-1", by=contact, language="en"
            )
        return response

    @pytest.mark.parametrize(
        ("page", "count"),
        [
            (("overview",), 8),
            (("check",), 8),
            (("evidence",), 8),
            (("section", "you"), 8),
            (("section", "sites"), 8),
            (("row", "sites", "site-1"), 8),
        ],
    )
    def test_to_open_a_page(self, signed_in, table, page, count, django_assert_num_queries):
        name, *args = page
        with django_assert_num_queries(count):
            answer = signed_in.get(url(name, table, *args))

        assert answer.status_code == 200

    def test_to_save(self, signed_in, table, rows, django_assert_num_queries):
        where = url("row", table, "sites", "site-1")
        rev = table.documents.get(section="sites").rev
        given = {"asked": "site_name", "site_name": "示例", "rev": rev, "go": "overview"}

        # session, person, roles, response, document; savepoint, update, chain, event, release
        with django_assert_num_queries(10):
            answer = signed_in.post(where, given)

        assert answer.status_code == 302

    def test_to_save_by_itself(self, signed_in, table, rows, django_assert_num_queries):
        where = url("row_save", table, "sites", "site-1")
        rev = table.documents.get(section="sites").rev
        given = {"asked": "site_name", "site_name": "示例"}

        with django_assert_num_queries(8):
            answer = signed_in.post(where, given, headers={"If-Match": f'"{rev}"', **AUTOSAVE})

        assert answer.status_code == 204


class TestAutosave:
    def post(self, client, response, rev='"0"', **fields):
        given = {"asked": " ".join(fields), **fields}
        headers = AUTOSAVE | ({"If-Match": rev} if rev else {})
        return client.post(url("section_save", response, "you"), given, headers=headers)

    def test_stored(self, signed_in, response):
        answer = self.post(signed_in, response, job_title="Clerk")

        assert (answer.status_code, answer.headers["ETag"]) == (204, '"1"')
        assert self.post(signed_in, response, '"1"', job_title="Head").status_code == 204

    @pytest.mark.parametrize("rev", ["", "1", '"x"', "*"])
    def test_without_a_rev(self, signed_in, response, rev):
        assert self.post(signed_in, response, rev, job_title="Clerk").status_code == 428

    def test_behind(self, signed_in, response):
        self.post(signed_in, response, job_title="Theirs")

        answer = self.post(signed_in, response, job_title="Mine")

        assert answer.status_code == 409
        assert "saved this section at" in answer.json()["error"]

    def test_signed_meanwhile(self, signed_in, response, signatory):
        sign(response, signatory)

        answer = self.post(signed_in, response, job_title="Late")

        assert answer.status_code == 409
        assert "signed and sent" in answer.json()["error"]

    def test_session_over(self, client, response):
        assert self.post(client, response, job_title="Clerk").status_code == 401

    def test_wrong_role(self, client, response):
        client.force_login(UserFactory(holds=(Role.ANALYST, response.buyer)))

        assert self.post(client, response, job_title="Clerk").status_code == 403

    def test_identity_number(self, signed_in, response):
        answer = self.post(signed_in, response, job_title=REAL_IDENTITY_NUMBER)

        assert answer.status_code == 422
        assert answer.json()["field"] == "id_job_title"

    def test_no_such_section_or_row(self, signed_in, response):
        for page in (
            url("section_save", response, "nothing"),
            url("section_save", response, "sites"),
            url("row_save", response, "you", "x"),
        ):
            headers = AUTOSAVE | {"If-Match": '"0"'}
            assert signed_in.post(page, {"asked": ""}, headers=headers).status_code == 404


class TestSaving:
    def post(self, client, response, go="stay", key="you", **fields):
        rev = fields.pop("rev", response.documents.get(section=key).rev)
        asked = fields.pop("asked", " ".join(fields))
        given = {"asked": asked, "rev": rev, "go": go, **fields}
        return client.post(url("section", response, key), given)

    def test_stays_and_says_what_came_up(self, signed_in, response):
        answer = self.post(
            signed_in,
            response,
            "next",
            key="closures",
            closed_any="yes",
        )

        assert "closure_list" in [s.key for s in queries.draft(response).sections]
        there = signed_in.get(answer.url)
        assert there.url == url("section", response, "closure_list")

    def test_a_follow_up_on_the_page_keeps_the_reader_there(self, signed_in, response):
        answer = self.post(signed_in, response, "next", limits=["law"])

        page = text_of(signed_in.get(answer.url))

        assert "more question" in page
        assert 'name="limits_note"' in page

    def test_a_wrong_answer_is_kept_and_named(self, signed_in, response):
        answer = self.post(signed_in, response, "next", own_code="91330600MADEM0001X")

        page = text_of(signed_in.get(answer.url))

        assert 'href="#id_own_code"' in page
        assert "91330600MADEM0001X" in page

    def test_comes_back_later(self, signed_in, response):
        answer = self.post(signed_in, response, "overview", job_title="")

        assert answer.url == url("overview", response)
        assert "In progress" in text_of(signed_in.get(answer.url))

    def test_goes_to_an_upload(self, signed_in, response):
        answer = self.post(signed_in, response, "file:own_licence", job_title="Clerk")

        assert signed_in.get(answer.url).status_code == 200

    def test_two_at_once_see_both_texts(self, signed_in, response):
        self.post(signed_in, response, job_title="Theirs", rev=0)

        answer = self.post(signed_in, response, job_title="My own words", rev=0)

        assert answer.status_code == 409
        page = text_of(answer)
        assert 'value="Theirs"' in page
        assert "My own words" in page

    def test_an_identity_number_comes_back_with_the_field_named(self, signed_in, response):
        answer = self.post(signed_in, response, job_title=REAL_IDENTITY_NUMBER, may_bind="no")

        assert answer.status_code == 422
        page = text_of(answer)
        assert 'href="#id_job_title"' in page
        assert REAL_IDENTITY_NUMBER in page
        assert response.documents.get(section="you").rev == 0

    def test_bad_numbers_of_a_save_are_a_conflict(self, signed_in, response):
        assert self.post(signed_in, response, job_title="x", rev="many").status_code == 409


class TestTables:
    def test_rows_are_added_copied_removed_and_brought_back(self, signed_in, fresh):
        signed_in.force_login(UserFactory(holds=(Role.CONTACT, fresh.supplier)))

        added = signed_in.post(url("row_add", fresh, "sites"))
        row = added.url.rstrip("/").rpartition("/")[2]
        assert signed_in.get(added.url).status_code == 200

        copied = signed_in.post(url("row_copy", fresh, "sites", row))
        assert copied.status_code == 302

        removed = signed_in.post(url("row_remove", fresh, "sites", row))
        page = text_of(signed_in.get(removed.url))
        assert url("row_restore", fresh, "sites", row) in page

        signed_in.post(url("row_restore", fresh, "sites", row))
        assert len(fresh.documents.get(section="sites").data["rows"]) == 2

    def test_a_missing_row_is_no_page(self, signed_in, response):
        assert signed_in.get(url("row", response, "sites", "nothing")).status_code == 404


class TestFiles:
    def upload(self, client, response, path="own_licence", **changes):
        given = {
            "file": SimpleUploadedFile("licence.txt", b"Demo licence, no secrets"),
            "kind": "licence_extract",
            "issuer": "Demo Registry",
        } | changes
        where = f"{url('upload', response)}?for={path}&back=section"
        return client.post(where, given)

    @pytest.mark.django_db(transaction=True)
    def test_a_file_answers_its_question_and_can_be_taken_away(self, signed_in, fresh):
        signed_in.force_login(UserFactory(holds=(Role.CONTACT, fresh.supplier)))

        answer = self.upload(signed_in, fresh)
        self.upload(signed_in, fresh)

        link = fresh.evidence_links.get()
        assert answer.url == url("section", fresh, "you") + "#q-own_licence"
        assert "own_licence" not in queries.draft(fresh).missing
        assert link.evidence.about == "own_licence"

        signed_in.post(url("detach", fresh, link.pk))
        assert "own_licence" in queries.draft(fresh).missing
        assert signed_in.post(url("detach", fresh, link.pk)).status_code == 409

    def test_what_is_wrong_is_said(self, signed_in, response):
        answer = self.upload(signed_in, response, issuer="", kind="bom")

        assert answer.status_code == 200
        assert "id_issuer" in text_of(answer)

    @pytest.mark.parametrize("path", ["job_title", "nothing", "site[nothing].site_doc", "a[b", ""])
    def test_only_file_questions_that_are_asked(self, signed_in, response, path):
        assert self.upload(signed_in, response, path).status_code == 404


class TestWhoMayNot:
    def all_urls(self, response):
        yield from pages(response)
        yield url("section_save", response, "you")
        yield url("row_save", response, "sites", "site-1")
        for act in ("row_copy", "row_remove", "row_restore"):
            yield url(act, response, "sites", "site-1")
        yield url("row_add", response, "sites")
        yield url("detach", response, response.evidence_links.first().pk)

    def test_another_company_finds_nothing(self, client, response):
        client.force_login(UserFactory(holds=(Role.CONTACT, ResponseFactory().supplier)))

        for page in self.all_urls(response):
            assert client.get(page).status_code in (404, 405), page
            assert client.post(page).status_code in (404, 405), page

    def test_another_companys_file_is_not_taken_away(self, signed_in, response):
        other = ResponseFactory(supplier=response.supplier, answers={})
        link = response.evidence_links.first()

        assert signed_in.post(url("detach", other, link.pk)).status_code == 404

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.ANALYST, Role.COUNSEL])
    def test_the_wrong_role_is_refused(self, client, response, role):
        side = response.supplier if role == Role.CONTRIBUTOR else response.buyer
        client.force_login(UserFactory(holds=(role, side)))

        for page in self.all_urls(response):
            answer = client.get(page)
            assert answer.status_code in (302, 403, 405), page

    def test_nobody_is_asked_to_sign_in(self, client, response):
        assert client.get(url("overview", response)).status_code == 302

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_wrong_methods(self, signed_in, response, method):
        for page in pages(response):
            assert getattr(signed_in, method)(page).status_code == 405


def test_signed_answers_are_read_and_not_changed(signed_in, response, signatory):
    sign(response, signatory)

    assert signed_in.get(url("section", response, "you")).url == url("check", response)
    overview = text_of(signed_in.get(url("overview", response)))
    assert "signed and sent" in overview
    assert "/sections/" not in overview
    assert 'class="govuk-summary-list__actions"' not in text_of(
        signed_in.get(url("check", response))
    )


def test_only_what_was_sent_back_is_shown(signed_in, response, signatory, analyst):
    sign(response, signatory)
    reason = "You own a mill, we read."
    actions.reopen(response=response, paths_with_reasons={"affil_any": reason}, by=analyst)

    page = text_of(signed_in.get(url("section", response, "affiliates")))
    assert reason in page
    other = text_of(signed_in.get(url("section", response, "you")))
    assert 'name="job_title"' not in other
    everything = text_of(signed_in.get(url("section", response, "you") + "?all"))
    assert "Demo export manager" in everything
    assert 'name="job_title"' not in everything


def test_before_it_is_acknowledged_nothing_can_be_answered(signed_in, response):
    waiting = ResponseFactory(supplier=response.supplier)

    assert "Confirm first" in text_of(signed_in.get(url("overview", waiting)))
    assert signed_in.get(url("section", waiting, "you")).status_code == 302
    assert Response.objects.get(pk=waiting.pk).documents.count() == 0


def test_hostile_text_is_shown_as_text(signed_in, response):
    document = response.documents.get(section="you")
    document.data["answers"]["job_title"] = '<script>alert("x")</script>\u202egpj.exe'
    document.save()

    for name in ("check", "overview"):
        assert "<script>alert" not in text_of(signed_in.get(url(name, response)))
    assert "<script>alert" not in text_of(signed_in.get(url("section", response, "you")))


def test_a_company_named_before_is_filled_in(signed_in, response, contact):
    new = actions.add_row(response=response, section="sites", by=contact, language="en")
    where = url("row", response, "sites", new)
    page = text_of(signed_in.get(where))
    assert page.count('value="own"') == 1

    rev = response.documents.get(section="sites").rev
    given = {"asked": "site_country site_name", "rev": rev, "go": "fill:site", "site-from": "own"}
    answer = signed_in.post(where, given)

    answers = response.documents.get(section="sites").data["rows"][-1]["answers"]
    assert answers["site_name"] == "绍兴示例纺织有限公司"
    assert answers["site_province"] == "33"
    assert "绍兴市柯桥区示例路1号" in text_of(signed_in.get(answer.url))
