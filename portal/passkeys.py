"""A signature by a person's own passkey: asked for, checked, and kept (W3C WebAuthn Level 2).

The only caller of fido2; signing in by passkey is the library's business.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from fido2 import cbor
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from portal.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Touch:
    """What a browser sent after a passkey was used, and the host it was sent to."""

    credential: Any
    host: str


class Unfit(Exception):
    """It is not a signature by one of this person's passkeys over this challenge."""


def challenge(content_hash: str, step_up: UUID) -> bytes:
    """Return what a key signs: SHA-256 of the content's hash (hex) and the step-up's id."""
    return hashlib.sha256(bytes.fromhex(content_hash) + step_up.bytes).digest()


def has_any(user: User) -> bool:
    """Tell whether this person has set up a passkey."""
    return _rows(user).exists()


def options(user: User, asked: bytes, host: str) -> dict[str, Any]:
    """Return what the browser needs to ask one of this person's passkeys, as JSON has it."""
    found, _state = _server(host).authenticate_begin(
        credentials=_credentials(user), user_verification=NEEDED, challenge=asked
    )
    return dict(found)


def check(user: User, touch: Touch, asked: bytes) -> dict[str, str]:
    """Return the parts of the signature, to be kept: anyone can check them later without us.

    Base64url without padding; `public_key` is a COSE key (RFC 9052). The signature is over
    `authenticator_data` and the SHA-256 of `client_data`. Raises Unfit.
    """
    state = {"challenge": websafe_encode(asked), "user_verification": NEEDED}
    try:
        answer = AuthenticationResponse.from_dict(touch.credential)
        used = _server(touch.host).authenticate_complete(state, _credentials(user), answer)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unfit(str(error)) from error
    parts: Mapping[str, bytes] = {
        "credential_id": used.credential_id,
        "public_key": _cose(used),
        "client_data": bytes(answer.response.client_data),
        "authenticator_data": bytes(answer.response.authenticator_data),
        "signature": answer.response.signature,
    }
    return {name: websafe_encode(part) for name, part in parts.items()}


def _server(host: str) -> Fido2Server:
    # a passkey belongs to a name, whatever the port
    name = host.partition(":")[0]
    return Fido2Server(PublicKeyCredentialRpEntity(id=name, name=name))


def _rows(user: User) -> Any:
    return apps.get_model("mfa", "Authenticator").objects.filter(user=user, type="webauthn")


def _credentials(user: User) -> list[AttestedCredentialData]:
    found = []
    for row in _rows(user):
        made = RegistrationResponse.from_dict(row.data["credential"])
        data = made.response.attestation_object.auth_data.credential_data
        if data is not None:
            found.append(data)
    return found


def _cose(used: AttestedCredentialData) -> bytes:
    return cbor.encode(dict(used.public_key))
