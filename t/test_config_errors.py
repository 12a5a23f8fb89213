"""Directives: where they may stand, how they are inherited, and what
`nginx -t` refuses, in nginx's own words."""

import pytest

from wac import cloud_http
from wac.terminal import Terminal

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    %%HTTP%%
    server {
        listen 127.0.0.1:%%PORT%%;
        %%SERVER%%
        location / { %%LOCATION%% }
    }
}
"""

DATABASE = "wac_database 'host=/nowhere dbname=x';"


@pytest.fixture
def check(nginx):
    """nginx -t of a configuration with these lines."""
    def run(http="", server="", location=""):
        return nginx(CONF, start=False, HTTP=http, SERVER=server,
                     LOCATION=location).test()
    return run


@pytest.mark.parametrize("http, server, location", [
    ("", "", ""),
    (DATABASE, "", ""),
    (DATABASE, "", "wac_fk on;"),
    (DATABASE, "wac_fk on;", ""),
    (DATABASE, "wac_fk on;", "wac_fk off;"),
    ("", "", "wac_fk off;"),
    (DATABASE, "", "wac_cloud on;"),
    (DATABASE, "", "wac_cloud on; wac_fk on;"),
    (DATABASE, "", "wac_cloud on; location /in { wac_cloud off; }"),
    ("", "", "wac_cloud off;"),
    (DATABASE + "wac_enrolment open;", "wac_enrolment closed;",
     "wac_enrolment approve; wac_fk on;"),
    (DATABASE + "wac_time_zone UTC;", "wac_time_zone Europe/Berlin;",
     "wac_time_zone America/Argentina/Buenos_Aires; wac_fk on;"),
    (DATABASE + "wac_timeout 1s;", "wac_timeout 500ms;",
     "wac_timeout 1m; wac_fk on;"),
    ("wac_database postgresql://u:p@h1:5432,h2:5433/d?connect_timeout=3;",
     "", "wac_fk on;"),
    ("wac_database 'host=a,b,c port=1,2,3 target_session_attrs=any';",
     "", "wac_fk on;"),
    ("wac_database 'host=no.such.host.invalid';", "", "wac_fk on;"),
])
def test_good(check, http, server, location):
    run = check(http, server, location)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("http, server, location, message", [
    # wac_database
    ("wac_database;", "", "", 'invalid number of arguments in "wac_database"'),
    ("wac_database 'host=/x' 'host=/y';", "", "",
     'invalid number of arguments in "wac_database"'),
    (DATABASE + DATABASE, "", "", '"wac_database" directive is duplicate'),
    ("", DATABASE, "", '"wac_database" directive is not allowed here'),
    ("", "", DATABASE, '"wac_database" directive is not allowed here'),
    ("wac_database 'nonsense=1';", "", "", "nonsense"),
    ("wac_database 'host';", "", "", "wac_database"),
    ("wac_database \"host=x port='\";", "", "", "wac_database"),
    ("wac_database 'host=a,b port=1,2,3';", "", "", "wac_database"),
    ("wac_database 'host=a port=99999';", "", "", "wac_database"),
    ("wac_database 'host=a port=x';", "", "", "wac_database"),
    ("wac_database 'hostaddr=not.an.address';", "", "", "wac_database"),
    ("wac_database 'host=a target_session_attrs=maybe';", "", "",
     "wac_database"),
    ("wac_database 'host=a sslmode=maybe';", "", "", "wac_database"),
    ("wac_database 'host=a connect_timeout=x';", "", "", "wac_database"),
    ("wac_database http://example.org/;", "", "", "wac_database"),
    # wac_fk
    ("", "", "wac_fk on;", '"wac_fk" requires "wac_database"'),
    ("", "wac_fk on;", "", '"wac_fk" requires "wac_database"'),
    (DATABASE + "wac_fk on;", "", "",
     '"wac_fk" directive is not allowed here'),
    (DATABASE, "", "wac_fk maybe;", 'invalid value "maybe"'),
    (DATABASE, "", "wac_fk;", 'invalid number of arguments in "wac_fk"'),
    (DATABASE, "", "wac_fk on; wac_fk on;",
     '"wac_fk" directive is duplicate'),
    # wac_cloud
    ("", "", "wac_cloud on;", '"wac_cloud" requires "wac_database"'),
    ("", "location /in { wac_cloud on; }", "wac_fk off;",
     '"wac_cloud" requires "wac_database"'),
    (DATABASE + "wac_cloud on;", "", "",
     '"wac_cloud" directive is not allowed here'),
    (DATABASE, "wac_cloud on;", "",
     '"wac_cloud" directive is not allowed here'),
    (DATABASE, "", "if ($uri) { wac_cloud on; }",
     '"wac_cloud" directive is not allowed here'),
    (DATABASE, "", "wac_cloud maybe;", 'invalid value "maybe"'),
    (DATABASE, "", "wac_cloud;",
     'invalid number of arguments in "wac_cloud"'),
    (DATABASE, "", "wac_cloud on; wac_cloud on;",
     '"wac_cloud" directive is duplicate'),
    # wac_enrolment
    (DATABASE + "wac_enrolment maybe;", "", "", 'invalid value "maybe"'),
    (DATABASE + "wac_enrolment;", "", "",
     'invalid number of arguments in "wac_enrolment"'),
    (DATABASE + "wac_enrolment open; wac_enrolment open;", "", "",
     '"wac_enrolment" directive is duplicate'),
    # wac_time_zone
    (DATABASE + "wac_time_zone Mars/Olympus;", "", "", "Mars/Olympus"),
    (DATABASE + "wac_time_zone '';", "", "", 'invalid value ""'),
    (DATABASE + "wac_time_zone ../../../etc/passwd;", "", "",
     "../../../etc/passwd"),
    (DATABASE + "wac_time_zone;", "", "",
     'invalid number of arguments in "wac_time_zone"'),
    (DATABASE + "wac_time_zone UTC; wac_time_zone UTC;", "", "",
     '"wac_time_zone" directive is duplicate'),
    # wac_timeout
    (DATABASE + "wac_timeout soon;", "", "", "invalid value"),
    (DATABASE + "wac_timeout -1s;", "", "", "invalid value"),
    (DATABASE + "wac_timeout 0;", "", "", "wac_timeout"),
    (DATABASE + "wac_timeout;", "", "",
     'invalid number of arguments in "wac_timeout"'),
    (DATABASE + "wac_timeout 1s; wac_timeout 1s;", "", "",
     '"wac_timeout" directive is duplicate'),
    # all of them
    (DATABASE, "", "if ($uri) { wac_fk on; }",
     '"wac_fk" directive is not allowed here'),
    (DATABASE, "", "wac_nonsense on;", 'unknown directive "wac_nonsense"'),
])
def test_bad(check, http, server, location, message):
    run = check(http, server, location)
    assert run.returncode == 1, run.stderr
    assert message in run.stderr
    if "unknown directive" not in message:
        assert "nginx.conf:" in run.stderr, "which line is it?"


def test_main_context(nginx):
    conf = "%%TEST_GLOBALS%% wac_timeout 5s; events { }"
    run = nginx(conf, start=False).test()
    assert run.returncode == 1
    assert "is not allowed here" in run.stderr


def test_passwords_are_not_shown(check):
    """Not even of a connection string that is wrong."""
    for conninfo in ("host=a password=geheim nonsense=1",
                     "postgresql://u:geheim@h:port/d",
                     "password=geheim host=a port=x"):
        run = check(f"wac_database '{conninfo}';", "", "wac_fk on;")
        assert run.returncode == 1
        assert "geheim" not in run.stderr


def test_no_http_block(nginx):
    """The module is loaded, and there is nothing for it to do."""
    server = nginx("%%TEST_GLOBALS%% events { }")
    server.reload(wait_for_old=True)


def test_loaded_and_not_used(nginx):
    server = nginx(CONF, HTTP="", SERVER="", LOCATION="return 200 hello;")
    assert Terminal(server.port, "D1").poll().body == b"hello"
    server.reload(wait_for_old=True)


def test_server_level_reaches_locations(nginx, database):
    server = nginx(CONF, HTTP='wac_database "%%DATABASE%%";',
        SERVER="wac_fk on; wac_enrolment open; location /off "
               "{ wac_fk off; return 200 off; } "
               "location /deep { location /deep/er { } }",
        LOCATION="")
    for target in ("/", "/deep", "/deep/er"):
        assert Terminal(server.port, "D1", target=target).punch() \
            .response_code == "OK"
    assert Terminal(server.port, "D1", target="/off").punch().body == b"off"


def test_cloud_reaches_locations_inside(nginx, database):
    server = nginx(CONF, HTTP='wac_database "%%DATABASE%%";',
                   SERVER="wac_enrolment open;",
                   LOCATION="wac_cloud on; location /in { } location /off "
                            "{ wac_cloud off; return 200 off; }")
    for path in ("/", "/in"):
        assert cloud_http.ask(server, cloud_http.checklive(), path)["result"]
    assert cloud_http.post(server, {}, "/off").body == b"off"


def test_cloud_alone_leaves_headers_with_underscores_alone(check):
    run = check(DATABASE, "", "wac_cloud on;")
    assert "underscores_in_headers" not in run.stderr


def test_bad_conf_at_reload_keeps_the_old_one(nginx, database):
    server = nginx(CONF, HTTP='wac_database "%%DATABASE%%";',
                   SERVER="wac_enrolment open;", LOCATION="wac_fk on;")
    workers = server.worker_pids()
    server.allow_log(r'\[emerg\].*invalid value "maybe"')
    server.write_conf(CONF.replace("%%SERVER%%", "wac_enrolment maybe;"))
    server.reload_refused()
    assert server.worker_pids() == workers
    assert Terminal(server.port, "D1").punch().response_code == "OK"
