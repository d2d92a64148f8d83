"""Companies and people, visibly invented."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from portal import clock, ledger
from portal.enums import ChainKind, Language, Role, Side
from portal.models import (
    CaseGrant,
    FactorReset,
    Invitation,
    LedgerChain,
    Membership,
    Organisation,
    User,
    Visit,
)


class LedgerChainFactory(DjangoModelFactory):
    class Meta:
        model = LedgerChain

    kind = ChainKind.CASE

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return ledger.open_chain(kwargs["kind"])


class OrganisationFactory(DjangoModelFactory):
    """A buyer; with the trait `supplier` one of a buyer's suppliers."""

    class Meta:
        model = Organisation

    class Params:
        supplier = factory.Trait(
            side=Side.SUPPLIER,
            buyer=factory.SubFactory("tests.factories.portal.OrganisationFactory"),
            name=factory.Sequence(lambda n: f"绍兴示例纺织有限公司 {n}"),
            name_en=factory.Sequence(lambda n: f"Demo Weaving (Shaoxing) Co., Ltd. {n}"),
            country="CN",
            reference=factory.Sequence(lambda n: f"SUP-{n:05}"),
        )

    side = Side.BUYER
    chain = factory.SubFactory(LedgerChainFactory, kind=ChainKind.ORGANISATION)
    name = factory.Sequence(lambda n: f"Demo Buyer {n} GmbH")
    country = "DE"
    created_at = factory.LazyFunction(clock.now)


class UserFactory(DjangoModelFactory):
    """A person; `holds=(role, organisation)`, or a list of such pairs, makes memberships."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Demo Person {n}")
    language = Language.EN
    noticed_at = factory.LazyFunction(clock.now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)

    @factory.post_generation
    def holds(self, create, extracted, **kwargs):
        if not create or not extracted:
            return
        pairs = [extracted] if isinstance(extracted, tuple) else extracted
        for role, organisation in pairs:
            MembershipFactory(user=self, role=role, organisation=organisation)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.ANALYST
    since = factory.LazyFunction(clock.now)

    @factory.post_generation
    def forget(self, create, extracted, **kwargs):
        # the person may have been asked for its roles before
        self.user.__dict__.pop("roles", None)


class CaseGrantFactory(DjangoModelFactory):
    """A case, by its chain, that a person from outside was let into for a week."""

    class Meta:
        model = CaseGrant
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    buyer = factory.SubFactory(OrganisationFactory)
    chain = factory.SubFactory(LedgerChainFactory)
    given_by = factory.SubFactory(UserFactory)
    given_at = factory.LazyFunction(clock.now)
    until = factory.LazyAttribute(lambda made: made.given_at + timedelta(days=7))

    @factory.post_generation
    def forget(self, create, extracted, **kwargs):
        self.user.__dict__.pop("granted", None)


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    user = factory.SubFactory(UserFactory)
    key = factory.Sequence(lambda n: f"session{n:025}")
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    begun_at = factory.LazyFunction(timezone.now)
    seen_at = factory.LazyFunction(timezone.now)


class FactorResetFactory(DjangoModelFactory):
    class Meta:
        model = FactorReset

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    asked_by = factory.SubFactory(UserFactory)
    asked_at = factory.LazyFunction(clock.now)
    reason = "Called at the number on file, recognised the voice."
    expires_at = factory.LazyAttribute(lambda made: made.asked_at + timedelta(hours=24))


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation

    organisation = factory.SubFactory(OrganisationFactory, supplier=True)
    role = Role.CONTACT
    user = factory.SubFactory(UserFactory)
    invited_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyAttribute(lambda made: made.invited_at + timedelta(days=30))
