"""How a questionnaire becomes a version that never changes."""

from django.db import transaction

from portal import clock, ledger
from portal.models import Organisation
from questionnaires.definition import Questionnaire
from questionnaires.models import QuestionnaireVersion


class AlreadyPublished(Exception):
    """Other content stands under this key and version; give the new one a new version."""


@transaction.atomic
def publish(
    *, questionnaire: Questionnaire, by: ledger.Actor, buyer: Organisation | None = None
) -> tuple[QuestionnaireVersion, bool]:
    """Publish a checked definition; returns the version and whether it is new.

    The same content again changes nothing. Raises AlreadyPublished for other content under
    the same version. Static checks are the caller's.
    """
    found = QuestionnaireVersion.objects.filter(
        buyer=buyer, key=questionnaire.key, version=questionnaire.version
    ).first()
    if found is not None:
        if found.sha256 != questionnaire.sha256:
            raise AlreadyPublished(f"{questionnaire.key} {questionnaire.version}")
        return found, False
    version = QuestionnaireVersion.objects.create(
        buyer=buyer,
        key=questionnaire.key,
        version=questionnaire.version,
        definition=questionnaire.text,
        sha256=questionnaire.sha256,
        published_at=clock.now(),
    )
    ledger.record(
        "questionnaire.published",
        by=by,
        on=buyer.chain if buyer else ledger.installation(),
        data={
            "questionnaire": version.key,
            "version": version.version,
            "sha256": version.sha256,
        },
    )
    return version, True
