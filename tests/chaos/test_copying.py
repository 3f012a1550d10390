"""Processes that copy rows are found by their connections."""

import subprocess
import sys

from tests.chaos.copying import CopyWatch

PYTHON = (sys.executable, "-c")
LOADER = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE rows (id text)")
    with cursor.copy("COPY rows FROM STDIN") as copy:
        copy.write("a\\n" * 1_000_000)
        print(flush=True)
        sys.stdin.read()
"""


def test_process_within_a_copy_is_found(dsn: str) -> None:
    """Others are not, nor is one whose COPY has ended."""
    copies = CopyWatch(dsn)
    with (
        subprocess.Popen([*PYTHON, LOADER, dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as loader,  # noqa: S603
        subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other,  # noqa: S607 - any program
    ):
        assert loader.stdout is not None
        loader.stdout.readline()
        assert [loader] == copies.copying([loader, other])
        loader.communicate()
        assert [] == copies.copying([loader, other])
        other.communicate()
    assert 0 == loader.returncode
    copies.close()
