"""A test suite that tells its secret in every way that tests have of telling something."""

SUITE = """
import base64, html, json, logging, os, shlex, subprocess, sys, urllib.parse, warnings
import pytest

KEY = os.environ["API_KEY"]
CONTENT = KEY.encode()


def test_prints(capsys):
    print(KEY, json.dumps(KEY), repr(KEY), repr(CONTENT), urllib.parse.quote(KEY, safe=""), html.escape(KEY))
    print(shlex.quote(KEY), CONTENT.hex(), CONTENT.hex().upper(), urllib.parse.quote_plus(KEY))
    for offset in range(3):
        around = b"x" * offset + CONTENT + b"yz"
        print(base64.b64encode(around).decode(), base64.urlsafe_b64encode(around).decode())
    with capsys.disabled():
        for character in KEY:
            sys.stdout.write(character)
            sys.stdout.flush()
    assert False, "look at the captured output"


def test_fails_with_it():
    assert {"token": KEY} == {"token": "another"}


def test_raises_it():
    raise RuntimeError(f"401 for {KEY}")


def test_logs_it():
    logging.getLogger("http").warning("Authorization: Bearer %s", KEY)
    pytest.fail("see the log")


def test_warns_of_it():
    warnings.warn(f"deprecated token {KEY}")


@pytest.mark.parametrize("token", [KEY, f"x{KEY}"])
def test_id(token):
    assert token.endswith("nothing")


def test_names_a_file_after_it(tmp_path):
    (tmp_path / f"{CONTENT.hex()}.txt").write_text(KEY)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_keeps_a_property(record_property):
    record_property("token", KEY)


def test_in_a_subprocess():
    subprocess.run([sys.executable, "-c", "import os; print(os.environ['API_KEY'])"], check=True)
    subprocess.run(["sh", "-c", "echo $API_KEY >&2; exit 1"], check=True)


def test_skips_with_it():
    pytest.skip(KEY)


@pytest.mark.xfail(reason=KEY, strict=False)
def test_expected():
    assert not KEY


def test_crashes_with_it():
    sys.stderr.write(f"Fatal: {KEY}\\n")
    sys.stderr.flush()
    os.abort()
"""
