import pytest
from django.http import HttpResponse

from portal.access import (
    ALLOWED,
    Conflict,
    Refused,
    open_to,
    open_to_all,
    refused,
    require,
    untimely,
)
from portal.enums import Role


def test_an_allowing_verdict_lets_pass():
    require(ALLOWED)

    assert ALLOWED


def test_the_wrong_person_is_refused_with_the_sentence():
    verdict = refused("Only an approver may.")

    with pytest.raises(Refused, match=r"Only an approver may\."):
        require(verdict)
    assert not verdict


def test_the_wrong_moment_is_a_conflict_with_the_sentence():
    verdict = untimely("It is not in review.")

    with pytest.raises(Conflict, match=r"It is not in review\."):
        require(verdict)
    assert (verdict.allowed, verdict.late) == (False, True)


def test_a_view_says_who_may_try_it():
    @open_to(Role.APPROVER, Role.COUNSEL)
    def view(request):
        return HttpResponse()

    assert view.open_to == {Role.APPROVER, Role.COUNSEL}


def test_a_view_without_roles_is_open_to_anybody_signed_in():
    @open_to()
    def view(request):
        return HttpResponse()

    assert view.open_to == frozenset()


def test_a_public_view_says_so():
    @open_to_all
    def view(request):
        return HttpResponse()

    assert view.open_to is None
    assert view.login_required is False
