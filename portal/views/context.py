"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def surroundings(request: HttpRequest) -> dict[str, object]:
    return {"demo": settings.EXTRICATE_DEMO, "source_url": settings.SOURCE_URL}
