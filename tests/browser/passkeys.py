"""A device that holds passkeys, as Chromium's virtual authenticator plays it over CDP."""

from urllib.parse import urlsplit


class Device:
    """One authenticator of a page; it confirms by itself, verifying its user or not."""

    def __init__(self, page, *, verifies=True):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": verifies,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self.key = made["authenticatorId"]

    def verifies(self, *, yes):
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": yes}
        )

    def credentials(self):
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.key})
        return found["credentials"]


def by_name(url):
    """The same address with a name for its host: passkeys are tied to names, not numbers."""
    return f"http://localhost:{urlsplit(url).port}"
