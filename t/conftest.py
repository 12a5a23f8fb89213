"""Fixtures. The harness itself is the package wac/ beside this file.

database        a migrated PostgreSQL database of the test's own
empty_database  one without the schema
own_cluster     a PostgreSQL server of the test's own, to be stopped at will
wacctl          runs the command line tool against the test's database
nginx           starts nginx from the nginx.conf that stands in the test
pair            the same with two wac-workers behind it
own             the same with other options than the rest of the file
node_folder     npm's ws, for clients in JavaScript
proxy           a fault-making proxy in front of PostgreSQL
module_*        the same for all tests of a file
"""

import contextlib
import itertools
import json as json_module
import shutil
import subprocess

import pytest

from wac import cluster as cluster_module
from wac import faults, paths
from wac.nginx import Nginx
from wac.pair import making_pairs
from wac.wait import wait_for


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "slow: takes half a minute (deselect: -m 'not slow')")


@pytest.fixture(scope="session")
def cluster():
    server = cluster_module.Cluster()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="session")
def template(cluster):
    """A migrated database; tests get copies of it."""
    database = cluster.create_database("wac_template")
    cluster_module.migrate(database)
    return database


@pytest.fixture(scope="session")
def _database_numbers():
    return itertools.count(1)


@contextlib.contextmanager
def making_databases(cluster, name, numbers):
    """Gives a function that makes databases; drops them at the end."""
    made = []

    def make(template="template0"):
        unique = f"{cluster_module.database_name(name)}_{next(numbers)}"
        made.append(cluster.create_database(unique, template))
        return made[-1]

    make.made = made
    yield make
    for database in made:
        cluster.drop_database(database.name)


@pytest.fixture
def databases(cluster, request, _database_numbers):
    with making_databases(cluster, request.node.name,
                          _database_numbers) as make:
        yield make


@pytest.fixture
def database(databases, template):
    return databases(template.name)


@pytest.fixture
def empty_database(databases):
    return databases()


@pytest.fixture
def own_cluster():
    """Makes PostgreSQL servers: own_cluster() -> (cluster, database)."""
    made = []

    def make(purpose="pg2", migrated=True):
        server = cluster_module.Cluster(purpose)
        made.append(server)
        server.start()
        database = server.create_database("wac")
        if migrated:
            cluster_module.migrate(database)
        return server, database

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def proxy(database):
    """In front of the test's database; its conninfo is
    database.conninfo_by(proxy.conninfo)."""
    made = faults.Proxy(("127.0.0.1", database.cluster.port))
    yield made
    made.close()


class WacctlRun:
    def __init__(self, run):
        self.returncode = run.returncode
        self.stdout = run.stdout
        self.stderr = run.stderr

    @property
    def json(self):
        return json_module.loads(self.stdout)

    def __repr__(self):
        return f"exit {self.returncode}\n{self.stdout}\n{self.stderr}"


@pytest.fixture
def wacctl(request):
    """wacctl("device", "list", json=True).json. Runs against `database`, or
    against `empty_database` where the test asks for that one; `database=`
    names another (a Database or a conninfo), None passes none."""
    own = ("empty_database" if "empty_database" in request.fixturenames
           else "database")
    default = request.getfixturevalue(own)

    def run(*arguments, check=True, json=False, stdin=None, database=default,
            env=None, timeout=60):
        assert paths.WACCTL.exists(), f"no {paths.WACCTL}: build first"
        command = [str(paths.WACCTL), *map(str, arguments)]
        if json:
            command.append("--json")
        if database is not None:
            command += ["--database", getattr(database, "conninfo", database)]
        done = WacctlRun(subprocess.run(
            command, input=stdin, capture_output=True, text=True,
            timeout=timeout, env=env))
        assert not check or done.returncode == 0, done
        return done

    return run


@contextlib.contextmanager
def making_nginx(default, databases):
    """Gives a function that starts nginx; ends and checks them at the end."""
    started = []

    def make(conf, workers=1, database=None, start=True, **marks):
        conninfo = default if database is None else database
        server = Nginx(conf, getattr(conninfo, "conninfo", conninfo),
                       workers, **marks)
        started.append(server)
        return server.start() if start else server

    yield make

    try:
        for server in started:
            server.quit()
            print(server.all_logs())  # pytest shows it if the test failed
            server.check_ended()
            server.check_logs()
        for database in databases:
            wait_for(lambda: not database.sessions(), 15,
                     f"nginx's sessions on {database.name} to end")
    finally:
        for server in started:
            server.remove()


@pytest.fixture
def nginx(request, databases):
    """nginx(conf, workers=1, database=…, start=True, **marks) -> Nginx.

    %%DATABASE%% is the conninfo of the test's `database`, or of
    `empty_database`, unless `database` says otherwise. When the test is
    over, every nginx quits gracefully, and must leave no complaint in its
    log, no process, and no session in PostgreSQL.
    """
    default = ""
    for name in ("database", "empty_database"):
        if name in request.fixturenames:
            default = request.getfixturevalue(name)
    with making_nginx(default, databases.made) as make:
        yield make


@pytest.fixture
def pair(nginx, request):
    """pair(conf, database=…, marks={…}, **worker_options) -> Pair. The
    workers end before nginx does, and must end in order."""
    default = None
    if "database" in request.fixturenames:
        default = request.getfixturevalue("database")
    with making_pairs(nginx, default) as make:
        yield make


@pytest.fixture
def own(pair, databases, template, request):
    """own(**worker_options) -> Pair of the test's own, by its file's CONF."""
    def make(**options):
        return pair(request.module.CONF, database=databases(template.name),
                    **options)

    return make


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory):
    """A directory with npm's ws."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("no node or no npm here")
    folder = tmp_path_factory.mktemp("node")
    try:
        run = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent",
             "--prefix", folder, "ws@8"],
            capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer")
    if run.returncode != 0:
        pytest.skip(f"npm could not install ws: {run.stderr.strip()[-200:]}")
    return folder


# For files with many small cases: one nginx and one database for all of
# them. Such a file has its own `database`, which is emptied for each test:
#
#     @pytest.fixture(scope="module")
#     def server(module_nginx):
#         return module_nginx(CONF)
#
#     @pytest.fixture
#     def database(module_database):
#         return module_database.emptied()


@pytest.fixture(scope="module")
def module_databases(cluster, request, _database_numbers):
    with making_databases(cluster, request.module.__name__,
                          _database_numbers) as make:
        yield make


@pytest.fixture(scope="module")
def module_database(module_databases, template):
    return module_databases(template.name)


@pytest.fixture(scope="module")
def module_nginx(module_database, module_databases):
    with making_nginx(module_database, module_databases.made) as make:
        yield make


@pytest.fixture(scope="module")
def module_pair(module_nginx, module_database):
    with making_pairs(module_nginx, module_database) as make:
        yield make
