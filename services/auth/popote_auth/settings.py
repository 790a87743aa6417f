"""Settings of the auth service: `AUTH_…`."""

from typing import Annotated, Literal

from msgspec import Meta

from popote_kit.service_tokens import CALLERS
from popote_kit.settings import Credential, ServiceSettings

ServiceCredential = Annotated[
    Credential | None, Meta(description="What that service shows for its tokens; empty: it gets none.")
]


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What auth needs beside what every service needs."""

    secret: Annotated[
        str,
        Meta(
            min_length=32,
            description="At least 32 characters that nobody can guess. Passwords, refresh tokens and signing keys "
            "hang on it: when it changes, everyone must recover their account.",
        ),
    ]
    gateway_secret: Annotated[str, Meta(description="Signs the client's address that the gateway sends on.")] = ""
    stock_credential: ServiceCredential = None
    recipes_credential: ServiceCredential = None
    nutrition_credential: ServiceCredential = None
    chat_credential: ServiceCredential = None
    registration: Annotated[
        Literal["open", "invite", "closed"],
        Meta(description="Who may sign up: everyone, those with an invitation, or nobody."),
    ] = "open"
    registrations_per_hour: Annotated[
        int, Meta(ge=1, le=1_000_000, description="New accounts an hour from one address (IPv6: one /64).")
    ] = 60
    password_min_length: Annotated[int, Meta(ge=8, le=64, description="The fewest code points of a password.")] = 12
    password_profile: Annotated[
        Literal["standard", "strong"],
        Meta(description="What hashing costs: 19 MiB and 2 passes, or 64 MiB and 3 passes."),
    ] = "standard"  # noqa: S105 - the name of a profile
    setup_code: Annotated[str, Meta(description="Makes one person the operator, once; empty: nobody.")] = ""

    def credential_of(self, service: str) -> str | None:
        """Return what `service` must show, None when it gets no tokens."""
        credential: str | None = getattr(self, f"{service}_credential") if service in CALLERS else None
        return credential
