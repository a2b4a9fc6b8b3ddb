"""A Debian of its own for a system that Debian packages, below .casebridge/partners/: this machine stays as it is.

    python debian_root.py redmine rt       # install what is not there yet; says what is missing where it cannot
    root = Root.of("redmine")
    with root.serving(folder, "cd /usr/share/redmine && exec puma ...", ready) as address: ...

Its packages come from where this machine's apt has its own, by mmdebstrap. What it runs sees `folder` as /srv and
writes there alone, as www-data, in a mount namespace that ends with it; the network is this machine's, so that it is
served on loopback. Needs root, and Debian or a system made from it. Next: `redmine.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import serving

HOME = Path(__file__).resolve().parents[2] / ".casebridge" / "partners"
PACKAGES = {
    "redmine": ("redmine", "redmine-sqlite", "dbconfig-no-thanks", "puma"),
    "rt": ("request-tracker5", "rt5-db-sqlite", "rt5-standalone", "nullmailer", "dbconfig-no-thanks"),
}
USER = 33
"""www-data, in every Debian."""
INSIDE = (
    'mount --bind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/srv" && '
    'exec chroot --userspec=www-data:www-data "$1" /bin/sh -c "$3"'
)


@dataclass(frozen=True)
class Root:
    """Where it is, and what is installed there."""

    path: Path
    packages: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Root:
        """The one of this system, installed or not."""
        return cls(HOME / f"{name}-root", PACKAGES[name])

    @property
    def installed(self) -> bool:
        """Whether all of these packages are there; one that was interrupted has no such file."""
        mark = self.path / "etc" / "casebridge-packages"
        return mark.is_file() and mark.read_text(encoding="utf-8").split() == list(self.packages)

    def install(self) -> None:
        """Make it anew. Raises SystemExit with what is missing."""
        suite = _suite()
        if os.geteuid() != 0:
            raise SystemExit("A Debian of its own is made and entered by root alone: run `make test-partners` as root.")
        if shutil.which("mmdebstrap") is None:
            _run("apt-get", "update", "-qq")
            _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap")
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian.*"))]
        given = [str(one) for one in sources if one.is_file()]
        wanted = f"--include={','.join(self.packages)}"
        lean = ["--variant=apt", '--aptopt=Apt::Install-Recommends "false"']
        _run("mmdebstrap", "--quiet", *lean, wanted, suite, str(self.path), *given)
        (self.path / "etc" / "casebridge-packages").write_text(" ".join(self.packages), encoding="utf-8")

    def command(self, folder: Path, script: str) -> list[str]:
        """What runs a shell script in it, with this folder as its /srv."""
        return ["unshare", "--mount", "/bin/sh", "-c", INSIDE, "sh", str(self.path), str(folder), script]

    def run(self, folder: Path, script: str) -> str:
        """Run a script to its end; what it said. Raises SystemExit where it failed."""
        return _run(*self.command(folder, script))

    @contextmanager
    def serving(self, folder: Path, script: str, ready: str) -> Iterator[str]:
        """A server in it for the length of a block; what `ready` finds in its output."""
        with serving(self.command(folder, script), ready) as found:
            yield found

    def prepared(self, of: str, script: str, *files: Path) -> Path:
        """A folder that a script filled, made once for this script and these files, and given to www-data.

        of: its name. The script finds the files in it.
        """
        sign = hashlib.sha256("\0".join([script, *self.packages, *(one.read_text("utf-8") for one in files)]).encode())
        folder = self.path.parent / f"{of}-{sign.hexdigest()[:12]}"
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            for one in files:
                shutil.copy(one, making)
            own(making)
            self.run(making, script)
            making.rename(folder)
        return folder


def own(folder: Path) -> None:
    """Give a folder and what is in it to the user of the servers."""
    for one in (folder, *folder.rglob("*")):
        os.chown(one, USER, USER)


def _suite() -> str:
    told = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text("utf-8").splitlines() if "=" in line)
    if shutil.which("apt-get") is None or told.get("ID", "").strip('"') != "debian":
        raise SystemExit(
            "These systems come as Debian's packages, and this is no Debian: run `make test-partners` on one, as root."
        )
    return told["VERSION_CODENAME"].strip('"')


def _run(*command: str) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise SystemExit(f"{' '.join(command)[:300]}\nended with {done.returncode}:\n{said}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def main() -> None:
    """Install these, unless they are there."""
    for name in sys.argv[1:]:
        root = Root.of(name)
        if not root.installed:
            print(f"Installing {root.packages[0]} from Debian's packages into {root.path.relative_to(Path.cwd())} ...")
            root.install()


if __name__ == "__main__":
    main()
