"""Spark as our own child processes: a Connect server, alone or on a standalone cluster, and tables laid before it."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx

from assay.catalog import ddl
from assay.catalog.dictionary import Table
from assay.catalog.types import engine_type
from assay.engines.spark.client import Session, quoted

SPARK_HOME = Path(os.environ.get("ASSAY_SPARK_HOME", ""))
_STARTED = re.compile(r"Spark Connect server started at: \S*?:(\d+)")
_MASTER = re.compile(r"Starting Spark master at (spark://\S+)")
_UI = re.compile(r"service 'SparkUI' on port (\d+)")
_REGISTERED = re.compile(r"Successfully registered with master")
_START_SECONDS = 600
_SHORT_LIFE = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""These JVMs live for minutes on few cores: the optimising compiler would cost more than it brings."""


class Process:
    """One JVM of ours, known by its pid; what it says goes to a file."""

    def __init__(self, name: str, folder: Path, command: list[str], said: re.Pattern[str]) -> None:
        """Waits until it says what means that it is ready."""
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.log"
        environment = {
            **os.environ, "SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder),
            "SPARK_LOG_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder), "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_JAVA_OPTS": _SHORT_LIFE,
        }  # fmt: skip
        environment.pop("SPARK_REMOTE", None)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(SPARK_HOME / "bin" / command[0]), *command[1:]],
                cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _START_SECONDS
        while (found := said.search(self.log.read_text(errors="replace"))) is None:
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"{name} did not start: {self.log.read_text(errors='replace')[-2_000:]}")
            time.sleep(0.05)
        self.said = found[found.lastindex or 0]

    def kill(self) -> None:
        """As a crash would."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing, as a machine that hangs."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(120)
            except subprocess.TimeoutExpired:
                self.kill()


class ConnectServer:
    """A Spark Connect server on a port of the loopback that stays its own through a restart."""

    running: ClassVar[list["ConnectServer"]] = []
    """Memory is dear: who needs much of it stops the others first."""

    def __init__(self, folder: Path, master: str = "local[2]", settings: Mapping[str, str] | None = None) -> None:
        self._folder, self._master, self._settings = folder, master, settings or {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._runs = 0
        self.start()
        self.running.append(self)

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._runs += 1
        settings = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(self.port),
            "spark.driver.extraJavaOptions": _SHORT_LIFE,
            "spark.executor.extraJavaOptions": _SHORT_LIFE,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            # The tables are small: more partitions, and plans made anew between stages, would only be more jobs.
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": str(self._folder / f"warehouse{self._runs}"),
            "spark.ui.port": "0",
            **self._settings,
        }
        listed = [each for key, value in settings.items() for each in ("--conf", f"{key}={value}")]
        command = ["spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
                   "--master", self._master, "--driver-memory", "1g", *listed, "spark-internal"]  # fmt: skip
        self.process = Process(f"connect{self._runs}", self._folder, command, _STARTED)

    def stop(self) -> None:
        self.process.stop()

    def tells(self, of: str) -> list[dict[str, Any]]:
        """What the server itself says of its `jobs` or `allexecutors`."""
        found = _UI.search(self.process.log.read_text(errors="replace"))
        assert found, "no address of its own pages in the log"
        applications = f"http://127.0.0.1:{found[1]}/api/v1/applications"
        (application,) = httpx.get(applications, trust_env=False, timeout=120).json()
        return httpx.get(f"{applications}/{application['id']}/{of}", trust_env=False, timeout=120).json()


def start_master(folder: Path) -> tuple[Process, str]:
    """A standalone master, and the address that workers and drivers know it by."""
    command = ["spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0",
               "--webui-port", "0"]  # fmt: skip
    master = Process("master", folder, command, _MASTER)
    return master, master.said


def start_worker(folder: Path, master: str, number: int) -> Process:
    command = ["spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--port", "0",
               "--webui-port", "0", "--cores", "1", "--memory", "1g", master]  # fmt: skip
    return Process(f"worker{number}", folder / f"worker{number}", command, _REGISTERED)


def lay_table(session: Session, table: Table, parquet: Path) -> None:
    """The dictionary's table over a Parquet file or a folder of them, with the dictionary's types."""
    columns = ", ".join(f"{quoted(name)} {engine_type(column.type, 'spark')}" for name, column in table.columns.items())
    do(session, ddl.create_schema(table.schema, "spark"))
    do(session, f"DROP TABLE IF EXISTS {quoted(table.qualified)}")
    do(session, f"CREATE TABLE {quoted(table.qualified)} ({columns}) USING parquet LOCATION '{parquet}'")


def do(session: Session, sql: str) -> list[tuple[object, ...]]:
    return session.rows(sql, {}, "setup")[1]
