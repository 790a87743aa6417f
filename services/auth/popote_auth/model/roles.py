"""Who may do what in a household."""

from enum import StrEnum


class Role(StrEnum):
    """A member's part: owners run it, adults cook and shop, children read and consume, guests read."""

    OWNER = "owner"
    ADULT = "adult"
    CHILD = "child"
    GUEST = "guest"


_FROM_THE_TOP = list(Role)


def may_grant(granter: Role, granted: Role) -> bool:
    """Tell whether `granter` may invite someone as `granted`: owners and adults, never above themselves."""
    return granter in (Role.OWNER, Role.ADULT) and _FROM_THE_TOP.index(granted) >= _FROM_THE_TOP.index(granter)


def may_settle(settler: Role, *, is_leaving: bool) -> bool:
    """Tell whether a member may change another's role or take it out: owners may, and everyone may leave."""
    return is_leaving or settler is Role.OWNER


def leaves_no_owner(before: Role, after: Role | None, *, owners: int) -> bool:
    """Tell whether taking a member from role `before` to `after` (None: gone) takes the last of `owners`."""
    return before is Role.OWNER and after is not Role.OWNER and owners <= 1
