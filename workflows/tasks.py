"""Background handlers of this floor: issue a slice of a campaign."""

from uuid import UUID

from django_tasks import task

from portal import work
from portal.access import Conflict, Refused
from portal.enums import WorkState
from workflows import actions
from workflows.enums import CampaignState, Stage
from workflows.models import Campaign, CampaignSlice, Case


@task(queue_name="default")
def issue_slice(pk: str) -> None:
    """Issue each case of a slice in a transaction of its own; safe to repeat."""
    found = work.claim(CampaignSlice, pk)
    if found is None:
        return
    with work.retrying(found):
        problems = list(_issue(found))
        with work.finish(found):
            CampaignSlice.objects.filter(pk=found.pk).update(problems=problems)
            _close(found.campaign_id)


def _issue(found: CampaignSlice) -> list[dict[str, str]]:
    problems = []
    person = found.campaign.launched_by
    if person is None:
        return []
    drafts = Case.objects.filter(pk__in=found.cases, stage=Stage.DRAFT).order_by("pk")
    for case in drafts:
        try:
            actions.issue(case=case, by=person)
        except (Conflict, Refused) as error:
            # sent meanwhile by another attempt, or no longer ready: the page shows why
            if Case.objects.filter(pk=case.pk, stage=Stage.DRAFT).exists():
                problems.append({"case": str(case.pk), "why": str(error)})
        work.renew(found)
    return problems


def _close(campaign_id: UUID) -> None:
    """Call the campaign sent once its last slice is done; the caller's is in its transaction."""
    # one after the other: of two last slices neither would see the other one done
    Campaign.objects.select_for_update(no_key=True, of=("self",)).get(pk=campaign_id)
    open_slices = CampaignSlice.objects.filter(campaign_id=campaign_id).exclude(
        work_state=WorkState.DONE
    )
    if not open_slices.exists():
        Campaign.objects.filter(pk=campaign_id, state=CampaignState.LAUNCHING).update(
            state=CampaignState.LAUNCHED
        )
