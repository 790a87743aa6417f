"""Every SQL statement of auth, a file per noun."""

from popote_auth.queries import audit, households, invitations, keys, persons, sessions, throttle

__all__ = ["audit", "households", "invitations", "keys", "persons", "sessions", "throttle"]
