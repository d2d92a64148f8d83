"""The only caller of allauth: who may sign in, and how."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up."""

    def is_open_for_signup(self, request: object) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors."""
