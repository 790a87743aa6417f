"""Settings from the environment: one frozen struct a service, each field with a default or required.

`CHAT_DATABASE_URL` fills `database_url` of a struct loaded with the prefix `CHAT_`. `CHAT_DATABASE_URL_FILE` names a
file that holds the value instead, which is how secrets arrive.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

S = TypeVar("S", bound=msgspec.Struct)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable."""


Credential = Annotated[str, Meta(min_length=32, max_length=256)]


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service needs to be told."""

    database_url: Annotated[str, Meta(description="PostgreSQL, as the service's own role, without a password.")]
    database_password: Annotated[str, Meta(description="The password of that role.")] = ""
    redis_url: Annotated[str, Meta(description="Redis or Valkey; empty: do without.")] = ""
    auth_url: Annotated[
        str, Meta(description="Where the auth service answers, for its public keys and service tokens.")
    ] = "http://auth:8000"
    credential: Annotated[
        Credential | None, Meta(description="This service's own, for work without a person; auth has the same.")
    ] = None
    issuer: Annotated[str, Meta(description="The `iss` of access tokens.")] = "popote"
    host: Annotated[str, Meta(description="The address to listen on; `::` is both IPv6 and IPv4.")] = "::"
    port: Annotated[int, Meta(description="The port to listen on.", ge=0, le=65535)] = 8000
    log_format: Annotated[str, Meta(description="`json` or `console`.", pattern="^(json|console)$")] = "json"


def load(kind: type[S], prefix: str, environ: Mapping[str, str] = os.environ) -> S:
    """Return `kind` filled from the variables that start with `prefix`.

    `PORT` without a prefix also counts, since hosting platforms inject it.

    Raises:
        SettingsError: a variable is missing, is set twice, has the wrong form, or its file can't be read.
    """
    values: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        name = prefix + field.name.upper()
        value = read(name, environ)
        if value is None and field.name == "port":
            value = environ.get("PORT") or None
        if value is not None:
            values[field.name] = value
        elif field.required:
            raise SettingsError(f"{name} is not set (or {name}_FILE, a file that holds it)")
    return _convert(values, kind, prefix)


def read(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the variable `name`, or what the file in `name`_FILE holds, or None; an empty variable is not set.

    Raises:
        SettingsError: both are set, or the file can't be read.
    """
    value, file = environ.get(name) or None, environ.get(name + "_FILE")
    if not file:
        return value
    if value is not None:
        raise SettingsError(f"{name} and {name}_FILE are both set; keep one")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}_FILE can't be read: {error}") from error


def _convert(values: dict[str, str], kind: type[S], prefix: str) -> S:
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        name = path.rstrip("`").upper()
        raise SettingsError(f"{prefix}{name}: {message}" if name else message) from error
