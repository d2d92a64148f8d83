"""A newer questionnaire for a case that nobody has signed yet: asked for here, done there."""

from django.utils.translation import gettext as _

from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from questionnaires.models import QuestionnaireVersion, Response
from workflows import engine, mail, queries, rules
from workflows.models import Case


def offer_version(*, case: Case, version: QuestionnaireVersion, by: User) -> Case:
    """Ask the supplier to use a newer version; it reads the difference and changes over itself.

    Its people are told by mail. The same version again changes nothing. Raises Refused,
    Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_offer_version(by, held))
        response = queries.response_of(held)
        was_offered = response.offered_id
        offered = answers.offer(response=response, version=version, by=by)
        if offered.offered_id != was_offered:
            mail.version_offered(held, once=version.pk)
    return held


def change_version(*, case: Case, response: Response, by: User, version: str) -> Case:
    """Carry the open answers of a case over to the version its supplier was asked to use.

    `response` and `version` (a key) are those the page was shown for. The same form sent
    twice changes nothing. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        now = queries.response_of(held)
        if now.pk != response.pk and now.previous_id == response.pk:
            return held
        require(rules.may_change_version(by, held))
        if now.pk != response.pk or str(now.offered_id or "") != version:
            raise Conflict(_("Another version is asked for by now. Look at the difference again."))
        held.response = answers.change_over(response=now, by=by)
        held.save(update_fields=["response"])
    return held
