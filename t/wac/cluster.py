"""A private PostgreSQL: one cluster a test session, one database a test.

Tests of lost servers make further clusters of their own. fsync is off: what
these tests kill are processes, never the machine, and whatever a process
wrote survives it. synchronous_commit stays on, so a commit is as much a
commit as on any other server.
"""

import os
import pwd
import re
import signal
import subprocess

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from . import paths
from .wait import wait_for

SETTINGS = """
listen_addresses = 'localhost'
port = {port}
unix_socket_directories = '{directory}'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
autovacuum = off
max_wal_size = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d %a '
"""

OUR_NAME = "wac-test"  # application_name of the harness's own sessions


class Database:
    """One database of a cluster. Rows come back as dictionaries."""

    def __init__(self, cluster, name):
        self.cluster = cluster
        self.name = name

    @property
    def conninfo(self):
        """Over the Unix socket."""
        return (f"host={self.cluster.directory} port={self.cluster.port} "
                f"user=wac dbname={self.name}")

    @property
    def tcp_conninfo(self):
        return self.conninfo_by(f"hostaddr=127.0.0.1 port={self.cluster.port}")

    def conninfo_by(self, hosts):
        """The same database by another way, such as a faulty proxy."""
        return f"{hosts} user=wac dbname={self.name}"

    def connect(self):
        return psycopg.connect(self.conninfo, autocommit=True,
                               application_name=OUR_NAME,
                               row_factory=dict_row)

    def query(self, sql, params=()):
        with self.connect() as connection:
            return connection.execute(sql, params or None).fetchall()

    def execute(self, sql, params=()):
        with self.connect() as connection:
            connection.execute(sql, params or None)

    def one(self, sql, params=()):
        """The only row."""
        rows = self.query(sql, params)
        assert len(rows) == 1, f"{len(rows)} rows instead of one: {sql}\n{rows}"
        return rows[0]

    def value(self, sql, params=()):
        """The only row's only column."""
        (value,) = self.one(sql, params).values()
        return value

    def count(self, table):
        return self.value(f"SELECT count(*) FROM {table}")

    def add_device(self, sn, state="approved", **columns):
        """A terminal made beforehand, as `wacctl device add` makes it."""
        columns = {"sn": sn, "protocol": "fk", "state": state, **columns}
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        self.execute(f"INSERT INTO wac_devices ({names}) VALUES ({marks})",
                     tuple(columns.values()))

    def device(self, sn):
        return self.one("SELECT * FROM wac_devices WHERE sn = %s", (sn,))

    def punches(self, sn=None):
        return self.query(
            "SELECT * FROM wac_attendance_logs "
            "WHERE %(sn)s::text IS NULL OR sn = %(sn)s ORDER BY id", {"sn": sn})

    # commands

    def queue(self, sn, cmd_code, cmd_param=None, **columns):
        """A command, queued by SQL; its trans_id."""
        columns = {"sn": sn, "cmd_code": cmd_code, **columns}
        if cmd_param is not None:
            columns["cmd_param"] = Jsonb(cmd_param)
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        return self.value(f"INSERT INTO wac_commands ({names}) "
                          f"VALUES ({marks}) RETURNING trans_id",
                          tuple(columns.values()))

    def command(self, trans_id):
        return self.one("SELECT * FROM wac_commands WHERE trans_id = %s",
                        (trans_id,))

    def set_command(self, trans_id, **expressions):
        """Turns back clocks: the values are SQL."""
        assignments = ", ".join(f"{name} = {expression}"
                                for name, expression in expressions.items())
        self.execute(f"UPDATE wac_commands SET {assignments} "
                     "WHERE trans_id = %s", (trans_id,))

    def blocks(self):
        return self.query("SELECT * FROM wac_command_blocks "
                          "ORDER BY sn, request_code, trans_id, blk_no")

    def emptied(self):
        """Itself, without rows but those that migrations made."""
        tables = self.query(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace "
            "AND relname NOT IN ('wac_schema_migrations', 'wac_upkeep', "
            "'wac_feed_state', 'wac_feed_listeners')")
        with self.connect() as connection, connection.transaction():
            for table in tables:
                connection.execute(f"DELETE FROM {table['relname']}")
        return self

    def sessions(self):
        """Other people's sessions on this database: nginx's."""
        with self.cluster.connect("postgres") as connection:
            return connection.execute(
                "SELECT pid, application_name, state, query "
                "FROM pg_stat_activity WHERE datname = %s "
                "AND backend_type = 'client backend' "
                "AND application_name <> %s", (self.name, OUR_NAME)).fetchall()


class Cluster:
    """initdb, start, stop. As root, PostgreSQL runs as user postgres."""

    def __init__(self, purpose="pg"):
        self.directory = paths.make_temp_dir(purpose)
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.port = None
        self.process = None
        self.settings = {}  # further ones, read at the next start
        self._run_as = {}
        if paths.is_root():
            account = pwd.getpwnam("postgres")
            os.chown(self.directory, account.pw_uid, account.pw_gid)
            self._run_as = {"user": "postgres", "group": account.pw_gid,
                            "extra_groups": []}
        self._initdb()

    def _initdb(self):
        made = subprocess.run(
            [paths.POSTGRES_BIN / "initdb", "-D", self.data, "-U", "wac",
             "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            cwd="/", capture_output=True, text=True, **self._run_as)
        assert made.returncode == 0, made.stdout + made.stderr

    def start(self):
        """Starts on the port it had before, at first on a free one."""
        attempts = [self.port] if self.port else [None] * 5
        for port in attempts:
            self.port = port or paths.free_port()
            if self._start_on_port():
                return self
        raise AssertionError(f"PostgreSQL does not start:\n{self.log_text()}")

    def _start_on_port(self):
        settings = SETTINGS.format(port=self.port, directory=self.directory)
        for name, value in self.settings.items():
            settings += f"{name} = '{value}'\n"
        (self.data / "postgresql.auto.conf").write_text(settings)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [paths.POSTGRES_BIN / "postgres", "-D", self.data],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **self._run_as)
        return wait_for(self._started, 30, "PostgreSQL") == "ready"

    def _started(self):
        if self.process.poll() is not None:
            return "gone"
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return None
        return "ready"

    def stop(self, mode="immediate"):
        """`fast` closes sessions in order, `immediate` as a crash does."""
        if self.process is None:
            return
        sign = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode]
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            self.process.wait(30)
        finally:
            self.process = None

    def restart(self, mode="immediate"):
        self.stop(mode)
        self.start()

    def remove(self):
        self.stop()
        paths.remove_temp_dir(self.directory)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def connect(self, dbname):
        return psycopg.connect(
            host=str(self.directory), port=self.port, user="wac",
            dbname=dbname, autocommit=True, application_name=OUR_NAME,
            row_factory=dict_row)

    def create_database(self, name, template="template0"):
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return Database(self, name)

    def drop_database(self, name):
        with self.connect("postgres") as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def migrate(database):
    """Brings a database to the schema of this build, with wacctl."""
    assert paths.WACCTL.exists(), f"no {paths.WACCTL}: build first"
    run = subprocess.run(
        [paths.WACCTL, "migrate", "--database", database.conninfo],
        capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


def database_name(test_name):
    """PostgreSQL cuts names at 63 bytes; the number is the caller's."""
    return re.sub(r"[^a-z0-9_]+", "_", test_name.lower())[:40]
