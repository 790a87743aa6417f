"""Values that a type alone can't check."""

from popote_auth.model.household import CURRENCIES, TIME_ZONES
from popote_auth.model.person import is_email, is_name
from popote_kit.problems import Invalid

_CHECKS = {
    "email": (is_email, "not an e-mail address"),
    "display_name": (is_name, "not a name that can be shown"),
    "household_name": (is_name, "not a name that can be shown"),
    "name": (is_name, "not a name that can be shown"),
    "timezone": (TIME_ZONES.__contains__, "not a name of the IANA time zone database"),
    "currency": (CURRENCIES.__contains__, "not a currency of ISO 4217"),
}


def check(**members: str | None) -> None:
    """Let the members of a body pass; None is a member that was left out.

    Raises:
        Invalid: some are wrong.
    """
    errors = [
        {"pointer": f"/{member}", "message": _CHECKS[member][1]}
        for member, value in members.items()
        if value is not None and not _CHECKS[member][0](value)
    ]
    if errors:
        raise Invalid(errors=errors)
