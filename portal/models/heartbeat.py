from django.db import models


class Heartbeat(models.Model):
    """When the ticker last ran; its silence is the first alert (real time)."""

    name = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    failed = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%Y-%m-%d %H:%M}"
