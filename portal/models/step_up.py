import uuid
from typing import Any

from django.conf import settings
from django.db import models

from portal.enums import StepUpPurpose


class StepUp(models.Model):
    """A fresh code bound to the hash of exactly what it confirms; real time, five minutes.

    With a passkey there is no code: its challenge is the SHA-256 of content hash and id, and
    `assertion` keeps what the key signed (base64url, as WebAuthn Level 2 names the parts).
    `address` is where the code went. Source: security note, section 2.4 (ASVS 5.0.0, 7.5.3).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="step_ups")
    session = models.CharField(max_length=64)
    purpose = models.CharField(max_length=10, choices=StepUpPurpose)
    content_hash = models.CharField(max_length=64)
    method = models.CharField(max_length=20, default="mailed code")
    code_hmac = models.CharField(max_length=64, blank=True)
    address = models.EmailField(blank=True)
    assertion: "models.JSONField[Any, Any]" = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.content_hash[:8]}"
