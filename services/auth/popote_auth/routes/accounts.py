"""Accounts: sign-up, sign-in, password, recovery, oneself."""

from collections.abc import Sequence
from typing import Final

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler
from msgspec.structs import asdict

from popote_auth import queries
from popote_auth.actions import accounts, registration
from popote_auth.actions.checks import check
from popote_auth.errors import (
    Busy,
    EmailTaken,
    InvitationGone,
    InvitationNeeded,
    InvitationUnknown,
    LimitReached,
    RegistrationClosed,
    SetUpAlready,
    WeakPassword,
    WrongCredentials,
    WrongPassword,
    WrongRecoveryCode,
    WrongSetupCode,
)
from popote_auth.routes.dependencies import signed_in
from popote_auth.tokens import ACCESS_LIFE_S, sign_access_token
from popote_auth.tools import Tools
from popote_auth.wire import (
    AccessToken,
    ChangePassword,
    EditMe,
    Joined,
    Login,
    Me,
    Operator,
    ProvePassword,
    Recover,
    RecoveryCodes,
    Register,
    Registered,
    SetUp,
    SignedIn,
    User,
)
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import (
    Invalid,
    Malformed,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    documented,
)

ANY: Final[tuple[type[Problem], ...]] = (Malformed, Invalid, Unavailable)
GUARDED: Final[tuple[type[Problem], ...]] = (*ANY, TooManyRequests, Busy)


@post(
    "/register",
    operation_id="register",
    security=[{}],
    responses=documented(
        *GUARDED,
        WeakPassword,
        EmailTaken,
        RegistrationClosed,
        InvitationNeeded,
        InvitationUnknown,
        InvitationGone,
        LimitReached,
    ),
)
async def register(
    data: JSONBody[Register],
    tools: NamedDependency[Tools],
    address: NamedDependency[str],
    language: NamedDependency[str],
) -> Registered:
    """Make an account and sign in, in a new household or in the one that an invitation is for."""
    entry, recovery_codes = await registration.register(tools, data, address=address, language=language)
    return Registered(**asdict(await signed_in(tools, entry)), recovery_codes=recovery_codes)


@post(
    "/login",
    status_code=200,
    operation_id="login",
    security=[{}],
    responses=documented(*GUARDED, WrongCredentials),
)
async def login(data: JSONBody[Login], tools: NamedDependency[Tools], address: NamedDependency[str]) -> SignedIn:
    """Sign in, for the household that was last acted for."""
    return await signed_in(tools, await accounts.login(tools, data, address=address))


@post(
    "/recover",
    status_code=200,
    operation_id="recover",
    security=[{}],
    responses=documented(*GUARDED, WrongRecoveryCode, WeakPassword),
)
async def recover(data: JSONBody[Recover], tools: NamedDependency[Tools], address: NamedDependency[str]) -> SignedIn:
    """Set a new password with one of the recovery codes, and sign in. All other sessions end."""
    return await signed_in(tools, await accounts.recover(tools, data, address=address))


@post(
    "/password",
    status_code=200,
    operation_id="change_password",
    responses=documented(*GUARDED, Unauthenticated, WrongPassword, WeakPassword),
)
async def change_password(
    data: JSONBody[ChangePassword],
    tools: NamedDependency[Tools],
    caller: NamedDependency[Caller],
    address: NamedDependency[str],
) -> AccessToken:
    """Change one's password. All other sessions end; this one goes on with the access token in the answer."""
    presence = await accounts.change_password(tools, caller, data, address=address)
    return AccessToken(access_token=await sign_access_token(tools, presence), expires_in=ACCESS_LIFE_S)


@post(
    "/recovery-codes",
    operation_id="renew_recovery_codes",
    responses=documented(*GUARDED, Unauthenticated, WrongPassword),
)
async def renew_recovery_codes(
    data: JSONBody[ProvePassword],
    tools: NamedDependency[Tools],
    caller: NamedDependency[Caller],
    address: NamedDependency[str],
) -> RecoveryCodes:
    """Get eight new recovery codes; the old ones count no more."""
    return RecoveryCodes(await accounts.renew_recovery_codes(tools, caller, data.password, address=address))


@post(
    "/setup",
    status_code=200,
    operation_id="set_up",
    responses=documented(*GUARDED, Unauthenticated, WrongSetupCode, SetUpAlready),
)
async def set_up(
    data: JSONBody[SetUp],
    tools: NamedDependency[Tools],
    caller: NamedDependency[Caller],
    address: NamedDependency[str],
) -> Operator:
    """Become the operator of this system, with the code that it printed at its first start. It works once."""
    presence = await accounts.set_up(tools, caller, data.code, address=address)
    return Operator(access_token=await sign_access_token(tools, presence), expires_in=ACCESS_LIFE_S)


@get("/me", operation_id="get_me", responses=documented(*ANY, Unauthenticated))
async def get_me(kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> Me:
    """Read who one is, and for which household one acts."""
    return await _me(kitchen, caller)


@patch("/me", operation_id="edit_me", responses=documented(*ANY, Unauthenticated))
async def edit_me(data: JSONBody[EditMe], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> Me:
    """Change the name that others see."""
    check(display_name=data.display_name)
    await queries.persons.rename(kitchen, caller.person, data.display_name)
    return await _me(kitchen, caller)


async def _me(kitchen: Kitchen, caller: Caller) -> Me:
    person = await queries.persons.read(kitchen, caller.person)
    joined = await queries.households.list_joined(kitchen)
    household = next((one for one in joined if one.id == caller.household), None)
    if person is None or household is None:
        raise Unauthenticated
    user = User(person.id, person.email, person.display_name)
    return Me(user, Joined.of(household), [Joined.of(one) for one in joined], person.is_operator)


ROUTES: Sequence[ControllerRouterHandler] = [
    register,
    login,
    recover,
    change_password,
    renew_recovery_codes,
    set_up,
    get_me,
    edit_me,
]
