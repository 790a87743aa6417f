"""The bodies that go over the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from msgspec import Meta, Struct

from popote_auth.model import codes
from popote_auth.model.passwords import LONGEST_BYTES
from popote_auth.model.person import LONGEST_EMAIL, LONGEST_NAME
from popote_auth.model.roles import Role
from popote_auth.queries.households import Membership
from popote_auth.queries.sessions import Device

Email = Annotated[str, Meta(min_length=3, max_length=LONGEST_EMAIL, description="Case does not matter.")]
Password = Annotated[str, Meta(max_length=LONGEST_BYTES)]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Label = Annotated[str, Meta(max_length=LONGEST_NAME)]
Code = Annotated[str, Meta(min_length=1, max_length=codes.LONGEST)]
SetupCode = Annotated[str, Meta(min_length=1, max_length=200)]
RefreshText = Annotated[str, Meta(max_length=200)]
TimeZone = Annotated[str, Meta(max_length=64, description="A name of the IANA time zone database.")]
Language = Literal["en", "fr"]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]


class SignIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """On what; shown in the list of sessions."""

    device_name: Label | None = None
    platform: Label | None = None

    @property
    def device(self) -> Device:
        return Device(self.device_name or "", self.platform or "")


class Register(SignIn, forbid_unknown_fields=True, kw_only=True):
    """A newcomer: with the name of a new household, or with an invitation to one."""

    email: Email
    password: Password
    display_name: Name
    household_name: Name | None = None
    invitation_code: Code | None = None
    timezone: TimeZone = "UTC"
    language: Language | None = None
    currency: Currency = "EUR"


class Login(SignIn, forbid_unknown_fields=True, kw_only=True):
    email: Email
    password: Password


class Recover(SignIn, forbid_unknown_fields=True, kw_only=True):
    email: Email
    recovery_code: Code
    new_password: Password


class Refresh(Struct, forbid_unknown_fields=True, kw_only=True):
    """The token, and an id that the phone made and kept before it sent this: a retry repeats it."""

    refresh_token: RefreshText
    refresh_id: UUID


class Switch(Refresh, forbid_unknown_fields=True, kw_only=True):
    household_id: UUID


class Accept(Refresh, forbid_unknown_fields=True, kw_only=True):
    code: Code


class ChangePassword(Struct, forbid_unknown_fields=True):
    current_password: Password
    new_password: Password


class ProvePassword(Struct, forbid_unknown_fields=True):
    password: Password


class SetUp(Struct, forbid_unknown_fields=True):
    code: SetupCode


class EditMe(Struct, forbid_unknown_fields=True):
    display_name: Name


class NewHousehold(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Name
    timezone: TimeZone = "UTC"
    language: Language | None = None
    currency: Currency = "EUR"


class EditHousehold(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays."""

    name: Name | None = None
    timezone: TimeZone | None = None
    language: Language | None = None
    currency: Currency | None = None


class EditMember(Struct, forbid_unknown_fields=True):
    role: Role


class Invite(Struct, forbid_unknown_fields=True):
    role: Role


class AskServiceToken(Struct, forbid_unknown_fields=True, kw_only=True):
    """`service` asks to call `audience` for a household, and maybe for a person; or, with null, for no household."""

    service: Annotated[str, Meta(min_length=1, max_length=32)]
    credential: Annotated[str, Meta(max_length=256)]
    audience: Literal["auth", "stock", "recipes", "nutrition", "chat", "config"]
    household_id: UUID | None
    person_id: UUID | None = None


class ServiceToken(Struct):
    """`expires_in` seconds from now it is worth nothing."""

    access_token: str
    expires_in: int


class User(Struct):
    id: UUID
    email: str
    display_name: str


class Joined(Struct):
    """A household as one of its members sees it."""

    id: UUID
    name: str
    role: Role

    @classmethod
    def of(cls, membership: Membership) -> Self:
        return cls(membership.id, membership.name, membership.role)


class Tokens(Struct):
    """`expires_in` seconds from now the access token is worth nothing."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token


class SignedIn(Struct, kw_only=True):
    user: User
    household: Joined
    tokens: Tokens


class Registered(SignedIn, kw_only=True):
    """With eight recovery codes, which are shown this once."""

    recovery_codes: list[str]


class Refreshed(Struct):
    tokens: Tokens


class AccessToken(Struct, kw_only=True):
    """A new access token for the same session."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token
    expires_in: int


class Operator(AccessToken, kw_only=True):
    operator: bool = True


class RecoveryCodes(Struct):
    recovery_codes: list[str]


class Me(Struct):
    user: User
    household: Joined
    households: list[Joined]
    operator: bool


class Session(Struct):
    """A sign-in; `is_current` is the one that asks."""

    id: UUID
    device_name: str
    platform: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


class Invited(Struct):
    """A new invitation; its code is shown this once."""

    id: UUID
    code: str
    role: Role
    expires_at: datetime


class Preview(Struct):
    household_name: str
    role: Role
