"""The module's two ways of being built, and what it shows to the world."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from wac import paths

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "host=/nowhere";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

NGINX_SOURCE = pathlib.Path("/usr/share/nginx/src")
EXPORTS = ["ngx_module_names", "ngx_module_order", "ngx_modules"]


def exported_symbols(module):
    listing = subprocess.run(["nm", "-D", "--defined-only", module],
                             check=True, capture_output=True, text=True)
    return sorted(line.split()[-1] for line in listing.stdout.splitlines())


def test_exported_symbols():
    assert exported_symbols(paths.MODULE) == EXPORTS


def test_loads_in_the_stock_nginx(nginx):
    run = nginx(CONF, start=False).test()
    assert run.returncode == 0, run.stderr
    assert "test is successful" in run.stderr


def test_needs_no_library_of_its_own():
    """Everything that it links to comes from distribution packages."""
    listing = subprocess.run(["ldd", paths.MODULE], check=True,
                             capture_output=True, text=True).stdout
    assert "not found" not in listing
    assert not re.search(r"=> (?!/(usr/)?lib)", listing), listing


@pytest.fixture
def nginx_source():
    """nginx-dev's tree in a place where its configure may write. nginx-dev
    has no .c files: only `modules` can be made."""
    if not (NGINX_SOURCE / "configure").exists():
        pytest.skip("needs the package nginx-dev")
    directory = paths.make_temp_dir("build")
    source = directory / "nginx"
    source.mkdir()
    for entry in NGINX_SOURCE.iterdir():
        (source / entry.name).symlink_to(entry)
    yield source
    shutil.rmtree(directory, ignore_errors=True)


def configure(source, *arguments):
    """Without optimisation: only the way is tested here."""
    return subprocess.run(["./configure", *arguments], cwd=source,
                          env={**os.environ, "CMAKE_BUILD_TYPE": "Debug"},
                          capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("objs", ["objs", "absolute"])
def test_nginx_own_configure(nginx_source, nginx, objs):
    """--add-dynamic-module, with nginx's build directory given relative to
    its source, and absolute."""
    builddir = (nginx_source.parent / "out" if objs == "absolute"
                else nginx_source / "objs")
    argument = str(builddir) if objs == "absolute" else "objs"
    done = configure(nginx_source, "--with-compat",
                     f"--add-dynamic-module={paths.REPOSITORY}",
                     f"--builddir={argument}")
    assert done.returncode == 0, done.stdout + done.stderr
    make = subprocess.run(
        ["make", "-j2", "-f", f"{argument}/Makefile", "modules"], cwd=nginx_source,
        capture_output=True, text=True, timeout=900)
    assert make.returncode == 0, make.stdout[-3000:] + make.stderr[-3000:]
    module = builddir / "ngx_http_wac_module.so"
    assert module.exists()
    assert exported_symbols(module) == EXPORTS
    run = nginx(CONF, start=False, MODULE=module).test()
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
def test_static_linking_is_refused(nginx_source):
    done = configure(nginx_source, "--with-compat",
                     f"--add-module={paths.REPOSITORY}")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "--add-dynamic-module" in said, said[-2000:]
