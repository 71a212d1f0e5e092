"""Where the embedded Postgres lives: in the stack's home, or where the account it runs as can reach it.

Postgres refuses to run as root, so root runs it as `nobody`, who cannot pass through a folder such as /root.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from src.core.errors import Misconfigured
from src.stack.postgres import account, binary, install_folder

_POINTER = "place"
#: Root's own folder for state comes first; the temporary one may be emptied at a reboot.
_ROOTS = (Path("/var/lib/matchbeat"), Path(tempfile.gettempdir()) / "matchbeat")


@dataclass(frozen=True)
class Place:
    """The cluster's folder and the server's installation; `note` says why they are not in the home."""

    folder: Path
    install: Path
    note: str = ""


def place_for(home: Path) -> Place:
    """Return where the Postgres of the stack in `home` lives, making the folder; the answer stays the same.

    Raises Misconfigured where root finds no folder that the other account can reach.
    """
    inside = home / "postgres"
    inside.mkdir(parents=True, exist_ok=True)
    install = install_folder()
    if account() is None:
        return Place(inside, install)
    pointer = inside / _POINTER
    if not pointer.exists() and _fits(inside, install):
        return Place(inside, install)
    folder = Path(pointer.read_text().strip()) if pointer.exists() else _outside(home)
    pointer.write_text(f"{folder}\n")
    note = f"Postgres runs as `nobody`, who cannot reach {home}: its data is in {folder}"
    return Place(folder / "cluster", _copy(install, folder / "server"), note)


def _fits(inside: Path, install: Path) -> bool:
    """Return whether the other account can reach the home's folder and run the wheel's own programs."""
    if inside.stat().st_uid == os.geteuid():
        inside.chmod(0o711)
    return _as_account(["/bin/sh", "-c", 'cd "$1"', "sh", str(inside)]) and _as_account(
        [str(binary("initdb", install)), "--version"]
    )


def remove(home: Path) -> None:
    """Delete the home with all its data, and the Postgres that lives outside it for it."""
    pointer = home / "postgres" / _POINTER
    if pointer.exists():
        outside = Path(pointer.read_text().strip())
        if outside.parent in _ROOTS:
            shutil.rmtree(outside)
    if home.exists():
        shutil.rmtree(home)


def _outside(home: Path) -> Path:
    """Return a new folder outside the home, named after it, that the other account can reach.

    The name also has a random part: a home that was deleted and made again has another password.
    """
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    name = f"{digest}-{secrets.token_hex(3)}"
    for root in _ROOTS:
        try:
            for folder in (root, root / name):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o755)  # whatever the umask says
        except OSError:
            continue
        if _as_account(["/bin/sh", "-c", 'cd "$1"', "sh", str(root / name)]):
            return root / name
    raise Misconfigured(
        f"Postgres cannot run as root, and the account `nobody` reaches none of {home}, "
        f"{', '.join(map(str, _ROOTS))}: run as another account, set MATCHBEAT_HOME, or set DATABASE_URL"
    )


def _copy(install: Path, to: Path) -> Path:
    """Copy the server's installation, once a version, readable for all; it holds no secret.

    The programs find their libraries relative to themselves, so the package's folders keep their places.
    """
    package = install.parent
    copied = to / package.name / install.name
    mark, version = to / "copied-from", f"{install} {install.stat().st_mtime_ns}"
    if mark.exists() and mark.read_text() == version:
        return copied
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(install, copied, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.exists():
            shutil.copytree(libraries, to / libraries.relative_to(package.parent))
    for path in (to, *to.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    mark.write_text(version)
    return copied


def _as_account(argv: list[str]) -> bool:
    """Return whether `argv` succeeds as the account that Postgres runs as."""
    who = account()
    if who is None:
        return True
    try:
        tried = subprocess.run(  # noqa: S603 - our own words only
            argv, user=who[0], group=who[1], extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False  # not even to be executed
    return tried.returncode == 0
