"""What a new user does with the wheel: the demo, a question, a receipt, the page, a test, a client. See scripts/release."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PORT = sys.argv[1]
URL = f"http://127.0.0.1:{PORT}"
ASSAY = str(Path(sys.executable).with_name("assay"))


def asked(*command: str) -> str:
    done = subprocess.run([ASSAY, *command], capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
    return done.stdout


def page(path: str) -> str:
    with urllib.request.urlopen(URL + path, timeout=30) as response:  # noqa: S310  this machine
        return response.read().decode()


ENV = {"HOME": str(Path.cwd()), "PATH": str(Path(sys.executable).parent), "LANG": "C.UTF-8", "ASSAY_PORT": PORT}
begun = time.monotonic()
with Path("log").open("w") as log:
    server = subprocess.Popen([ASSAY, "demo", "--port", PORT], stdout=log, stderr=subprocess.STDOUT, env=ENV)
try:
    while True:
        assert server.poll() is None, Path("log").read_text()
        assert time.monotonic() - begun < 600, Path("log").read_text()
        try:
            if json.loads(page("/ready"))["ok"]:
                break
        except OSError:
            time.sleep(0.2)
    print(f"the demo was ready after {time.monotonic() - begun:.0f} s")
    html = page("/")
    assert '<div id="root">' in html, html[:300]
    for script in (part.partition('"')[0] for part in html.split('src="')[1:]):
        assert page(script), script
    told = json.loads(asked("query", "cost_avoided_mtd", "--json"))
    assert told["rows"] == [["1410000.00"]], told["rows"]
    # A window with ends of its own: the metric's is another after each tick.
    told = json.loads(asked("query", "cost_avoided_mtd", "--window", "2026-01-01..2026-02-01", "--json"))
    receipt = told["provenance"]["receipt_id"]
    asked("verify", receipt)
    asked("validate")
    Path("demo/tests").mkdir()
    Path("demo/tests/numbers.yaml").write_text("tests:\n  - {check: cost_avoided_mtd >= 0, dimensions: [region]}\n")
    assert "1 passed" in asked("test")
    assert "no metric means anything else" in asked("diff", "demo", "demo")

    from assay_client import Assay

    with Assay(URL) as client:
        answer = client.query("cost_avoided_mtd", window=("2026-01-01", "2026-02-01"))
        assert ([[str(answer.value)]], answer.receipt_id) == (told["rows"], receipt)
    print("page, command line, tests and client gave the same number and receipt")
finally:
    server.terminate()
    server.wait(60)
