"""Who may do what on this floor, and when: pure answers with a sentence for the reader."""

from datetime import datetime

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import BUYER_ROLES, SUPPLIER_ROLES, Role, Side
from portal.models import FactorReset, Invitation, Membership, Organisation, User

# An operator belongs to the installation, not to a company: the shell alone makes one.
# Outside counsel is invited with its cases, on a page of its own.
OFFERED = {Side.BUYER: BUYER_ROLES - {Role.OUTSIDE_COUNSEL}, Side.SUPPLIER: SUPPLIER_ROLES}


def domain(email: str) -> str:
    """Return what stands behind the @, in lower case."""
    return email.rpartition("@")[2].strip().lower()


INVITERS = frozenset({Role.ADMINISTRATOR, Role.CAMPAIGN_MANAGER, Role.ANALYST})


def may_manage_people(user: User, organisation: Organisation) -> Verdict:
    """Ask for a buyer's own people, and for those of its suppliers."""
    if user.holds(Role.ADMINISTRATOR, organisation.buyer_id or organisation.pk):
        return ALLOWED
    return refused(_("Only an administrator of the buyer may do this."))


def may_change_settings(user: User, organisation: Organisation) -> Verdict:
    if user.holds(Role.ADMINISTRATOR, organisation.pk) and organisation.side == Side.BUYER:
        return ALLOWED
    return refused(_("Only an administrator of the buyer may do this."))


def may_invite(user: User, organisation: Organisation, role: str, email: str) -> Verdict:
    """Ask before a role is offered to an address.

    A supplier's contact may bring in colleagues of its own mail domain; another domain
    needs the buyer (security note, 2.1). The buyer never gets an address of its own mail
    domain in at a supplier: it could sign there.
    """
    if role == Role.OUTSIDE_COUNSEL:
        return may_let_in_outside(user, organisation)
    if role not in OFFERED[Side(organisation.side)]:
        return refused(_("This role does not exist in this company."))
    if organisation.side == Side.BUYER:
        return may_manage_people(user, organisation)
    is_buyers = user.holds_any(BUYER_ROLES, organisation.buyer_id)
    if is_buyers and domain(email) == domain(user.email):
        return refused(
            _("This address belongs to your own company. Nobody signs in for a supplier there.")
        )
    if user.holds_any(INVITERS, organisation.buyer_id):
        return ALLOWED
    return _may_bring_in(user, organisation, email)


def _may_bring_in(user: User, supplier: Organisation, email: str) -> Verdict:
    if not user.holds_any({Role.CONTACT, Role.SIGNATORY}, supplier.pk):
        return refused(_("Only the contact of this company may bring in a colleague."))
    if domain(email) != domain(user.email):
        return refused(
            _("An address outside your own mail domain can be added by the buyer alone.")
        )
    return ALLOWED


def may_accept(user: User, invitation: Invitation, at: datetime) -> Verdict:
    if user.pk != invitation.user_id:
        return refused(_("This invitation was sent to somebody else."))
    if invitation.withdrawn_at is not None:
        return untimely(_("This invitation was withdrawn. Ask the person who invited you."))
    if invitation.accepted_at is None and invitation.expires_at <= at:
        return untimely(_("This invitation has run out. Ask the person who invited you."))
    return ALLOWED


def may_withdraw_invitation(user: User, invitation: Invitation) -> Verdict:
    verdict = may_manage_people(user, invitation.organisation)
    if not verdict:
        return verdict
    if invitation.accepted_at is not None:
        return untimely(_("This invitation was accepted already. You can end the role instead."))
    if invitation.withdrawn_at is not None:
        return untimely(_("This invitation was withdrawn already."))
    return ALLOWED


def may_give_role(user: User, organisation: Organisation, role: str, person: User) -> Verdict:
    """Ask before a person who already serves this company gets one more role there."""
    verdict = may_manage_people(user, organisation)
    if not verdict:
        return verdict
    if role not in OFFERED[Side(organisation.side)]:
        return refused(_("This role does not exist in this company."))
    if organisation.pk not in person.roles:
        return refused(_("This person does not serve this company. Send an invitation."))
    if person.holds(role, organisation.pk):
        return untimely(_("This person already has this role."))
    return ALLOWED


def may_end_role(user: User, membership: Membership, *, is_last: bool) -> Verdict:
    """Ask before a role ends; `is_last`: no other current administrator of this company."""
    verdict = may_manage_people(user, membership.organisation)
    if not verdict:
        return verdict
    if membership.ended_at is not None:
        return untimely(_("This role has ended already."))
    if membership.role == Role.ADMINISTRATOR and is_last:
        return untimely(
            _("A company needs an administrator. Give this role to a colleague first.")
        )
    return ALLOWED


def may_change_address(
    user: User, supplier: Organisation, person: User, address: str, found: User | None = None
) -> Verdict:
    """Ask before a supplier's person gets another address by the buyer's hand.

    `found` is whoever has that address already. The buyer must never be able to sign in as
    its supplier: an address of its own mail domain, or of its own people, is refused
    (settled point 4 of the design notes).
    """
    if supplier.side != Side.SUPPLIER or not user.holds(Role.ADMINISTRATOR, supplier.buyer_id):
        return refused(_("Only an administrator of the buyer may do this."))
    if not person.holds_any(SUPPLIER_ROLES, supplier.pk):
        return untimely(_("This person no longer serves this supplier."))
    is_own = found is not None and found.holds_any(BUYER_ROLES, supplier.buyer_id)
    if is_own or domain(address) == domain(user.email):
        return refused(
            _("This address belongs to your own company. Nobody signs in for a supplier there.")
        )
    if address.strip().lower() == person.email:
        return untimely(_("This is the address already."))
    return ALLOWED


def may_let_in_outside(user: User, buyer: Organisation) -> Verdict:
    """Ask before outside counsel gets, keeps or loses cases of a buyer."""
    is_buyer = buyer.side == Side.BUYER
    if is_buyer and user.holds_any({Role.COUNSEL, Role.ADMINISTRATOR}, buyer.pk):
        return ALLOWED
    return refused(_("Only counsel or an administrator of the buyer may do this."))


def may_hand_over(user: User, held: Membership, email: str) -> Verdict:
    """Ask before a role at a supplier passes to a named colleague of the same mail domain.

    Another domain needs the buyer (security note, section 2.1).
    """
    if held.user_id != user.pk or held.role not in SUPPLIER_ROLES:
        return refused(_("Only the person who holds a role at a supplier may hand it over."))
    if held.ended_at is not None:
        return untimely(_("This role has ended already."))
    if email and domain(email) != domain(user.email):
        return refused(
            _("An address outside your own mail domain can be added by the buyer alone.")
        )
    if email.strip().lower() in {user.email, user.second_email} - {""}:
        return untimely(_("This is your own address. Name a colleague."))
    return ALLOWED


def may_add_address(user: User, address: str, buyer_domains: set[str]) -> Verdict:
    """Ask before a supplier's person adds a second mailbox for codes.

    Never one of the buyer's domain: the buyer could sign in as its supplier.
    """
    if user.holds_somewhere(BUYER_ROLES | {Role.OPERATOR}):
        return refused(_("Your role signs in with a second step; a second address is not for it."))
    if not user.holds_somewhere(SUPPLIER_ROLES):
        return refused(_("Only people of a supplier add a second address."))
    if domain(address) in buyer_domains:
        return refused(_("This address belongs to the buyer you answer. Choose another one."))
    if address.strip().lower() in {user.email, user.second_email} - {""}:
        return untimely(_("This is an address of yours already."))
    return ALLOWED


def is_offered(user: User) -> bool:
    """Tell whether a passkey is offered now: once, to a supplier's person."""
    strong = BUYER_ROLES | {Role.OPERATOR}
    is_suppliers = user.holds_somewhere(SUPPLIER_ROLES) and not user.holds_somewhere(strong)
    return is_suppliers and user.offered_at is None


def may_ask_reset(
    user: User, company: Organisation, person: User, *, has_factor: bool, elsewhere: bool
) -> Verdict:
    """Ask before a person's lost second step is put before a second administrator.

    `elsewhere`: the person also serves a company outside this buyer, so the operator of the
    installation alone may do it.
    """
    verdict = may_manage_people(user, company)
    if not verdict:
        return verdict
    if user.pk == person.pk:
        return refused(_("You cannot do this for yourself. Ask a colleague."))
    if elsewhere:
        return refused(_("Only the operator of this installation can do this for this person."))
    if company.pk not in person.roles:
        return untimely(_("This person no longer serves this company."))
    if not has_factor:
        return untimely(_("This person has no second step that could be removed."))
    return ALLOWED


def may_reset(user: User, asked: FactorReset, at: datetime) -> Verdict:
    """Ask before the second administrator removes it: never the one who asked."""
    verdict = may_drop_reset(user, asked, at)
    if verdict and user.pk == asked.asked_by_id:
        return refused(_("You asked for this, so another administrator must do it."))
    if verdict and user.pk == asked.user_id:
        return refused(_("You cannot do this for yourself. Ask a colleague."))
    return verdict


def may_drop_reset(user: User, asked: FactorReset, at: datetime) -> Verdict:
    verdict = may_manage_people(user, asked.organisation)
    if not verdict:
        return verdict
    if asked.done_at or asked.dropped_at or asked.expires_at <= at:
        return untimely(_("This was settled already, or too long ago. Look at the list again."))
    return ALLOWED


def may_operate(user: User) -> Verdict:
    """Ask for the page on stuck work, which shows no row of any company."""
    if user.holds_somewhere({Role.OPERATOR, Role.ADMINISTRATOR}):
        return ALLOWED
    return refused(_("Only an administrator or the operator may do this."))
