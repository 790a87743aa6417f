"""What a phone or another service may ask of auth, a file per noun."""

from collections.abc import Sequence
from typing import Final

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from popote_auth.routes import accounts, households, invitations, keys, service_tokens, sessions
from popote_auth.routes.dependencies import provide_address, provide_language, provide_live_caller

_API: Final = Router(
    path="/api/auth",
    route_handlers=[*accounts.ROUTES, *sessions.ROUTES, *households.ROUTES, *invitations.ROUTES],
    dependencies={
        "caller": Provide(provide_live_caller),
        "address": Provide(provide_address, sync_to_thread=False),
        "language": Provide(provide_language, sync_to_thread=False),
    },
    opt={"idempotency": "none"},  # answers hold secrets, and are never stored
    cache_control=CacheControlHeader(no_store=True),
)

ROUTES: Sequence[ControllerRouterHandler] = [_API, keys.jwks, service_tokens.issue_service_token]
