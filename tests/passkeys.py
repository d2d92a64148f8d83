"""A passkey played by the test: what a device would sign, made with a key of its own."""

import hashlib
import json
import os
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData

UP, UV, AT = 0x01, 0x04, 0x40


class SoftKey:
    """One passkey for one host; `verifies` is whether the device checks its user."""

    def __init__(self, host="testserver", *, verifies=True, origin=None):
        self.host, self.verifies = host, verifies
        self.origin = origin or f"https://{host}"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user = None

    def _flags(self, extra=0):
        return UP | (UV if self.verifies else 0) | extra

    def _client_data(self, kind, challenge):
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said).encode()

    def make(self, options):
        """Answer `navigator.credentials.create` for these options."""
        asked = options["publicKey"]
        self.user = asked["user"]["id"]
        data = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        auth = AuthenticatorData.create(
            hashlib.sha256(self.host.encode()).digest(), self._flags(AT), 0, data
        )
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": bytes(auth)})
        client_data = self._client_data("webauthn.create", asked["challenge"])
        return self._answer(attestationObject=attestation, clientDataJSON=client_data)

    def touch(self, options):
        """Answer `navigator.credentials.get` for these options."""
        challenge = options["publicKey"]["challenge"]
        auth = AuthenticatorData.create(
            hashlib.sha256(self.host.encode()).digest(), self._flags(), 1
        )
        client_data = self._client_data("webauthn.get", challenge)
        signed = bytes(auth) + hashlib.sha256(client_data).digest()
        return self._answer(
            authenticatorData=bytes(auth),
            clientDataJSON=client_data,
            signature=self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=websafe_decode(self.user) if self.user else os.urandom(4),
        )

    def _answer(self, **parts):
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {part: websafe_encode(value) for part, value in parts.items()},
        }


def set_up(client, key=None, name="My telephone"):
    """Set a passkey up through the page; returns the key and the answer of the page."""
    key = key or SoftKey()
    page = client.get("/account/passkeys/add/")
    made = key.make(page.context["options"])
    answer = client.post("/account/passkeys/add/", {"credential": json.dumps(made), "name": name})
    return key, answer
