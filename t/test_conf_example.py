"""conf.example/nginx.conf passes nginx -t: as it stands, and with what it
offers in comments turned on."""

import os
import re
import subprocess

from wac import paths
from wac.nginx import sanitizer_environment

EXAMPLE = paths.REPOSITORY / "conf.example" / "nginx.conf"

TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


def check(conf, directory):
    """nginx -t, with the paths of a server turned into a test's."""
    conf = conf.replace("modules/ngx_http_wac_module.so", str(paths.MODULE))
    conf = conf.replace("/var/log/nginx/", f"{directory}/")
    conf = conf.replace("/run/nginx.pid", f"{directory}/nginx.pid")
    conf = conf.replace("/etc/nginx/wac.", f"{directory}/wac.")
    temporary = "".join(f"    {name}_temp_path {directory}/{name};\n"
                        for name in TEMPORARY)
    conf = conf.replace("http {\n", "http {\n" + temporary)
    file = directory / "nginx.conf"
    file.write_text(conf)
    return subprocess.run(
        [paths.NGINX, "-t", "-p", str(directory), "-e", "stderr",
         "-c", str(file)],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, **sanitizer_environment()})


def test_example_as_it_stands(tmp_path):
    run = check(EXAMPLE.read_text(), tmp_path)
    assert run.returncode == 0, run.stderr
    assert "test is successful" in run.stderr


def test_example_with_what_it_comments_out(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-subj", "/CN=wac", "-keyout", tmp_path / "wac.key",
         "-out", tmp_path / "wac.crt"], check=True, capture_output=True)
    conf = EXAMPLE.read_text()
    offered = conf[conf.index("#wac_database"):conf.index("# New terminals")]
    conf = conf.replace(offered, "")
    offered = re.sub(r"^ *#", "    ", offered, flags=re.M)
    conf = re.sub(r'^    wac_database "host=127[^;]*;\n', lambda _: offered,
                  conf, flags=re.M)
    conf = re.sub(r"^    #(server \{|    .*|\})$", r"    \1", conf, flags=re.M)
    conf = re.sub(r"^    #$", "", conf, flags=re.M)
    assert "db2.example.org" in conf and "#server" not in conf

    run = check(conf, tmp_path)
    assert run.returncode == 0, run.stderr
