"""A MariaDB for the tests, in a folder and on a port of its own; where its program is installed."""

import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
INSTALL = shutil.which("mariadb-install-db")
SKIP = "no MariaDB is installed here: apt-get install mariadb-server-core"


@contextmanager
def mariadb_server() -> Iterator[str]:
    """The address of one that is up, with root's rights; it is stopped at the end."""
    assert PROGRAM
    assert INSTALL
    folder = Path(tempfile.mkdtemp(prefix="assay-mariadb-"))
    folder.chmod(0o755)
    data = folder / "data"
    user = ["--user=nobody"] if Path("/proc/self").stat().st_uid == 0 else []
    if user:
        shutil.chown(folder, "nobody")
    subprocess.run([INSTALL, "--no-defaults", *user, f"--datadir={data}", "--auth-root-authentication-method=normal",
                    "--skip-test-db"], check=True, capture_output=True)  # fmt: skip
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = subprocess.Popen(
        [PROGRAM, "--no-defaults", *user, f"--datadir={data}", f"--socket={folder / 's'}", f"--port={port}",
         "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, server)
        yield f"mariadb://root@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0 and tried.recv(1):
                return
        time.sleep(0.05)
    raise AssertionError("MariaDB did not start")


def fresh_name(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:12]}"
