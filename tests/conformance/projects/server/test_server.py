import urllib.request

import pytest


@pytest.mark.parametrize("i", range(10))
def test_serves(httpserver, i):
    httpserver.expect_request("/x").respond_with_data(str(i))
    with urllib.request.urlopen(httpserver.url_for("/x")) as answer:
        assert answer.read() == str(i).encode()


def test_unexpected(httpserver):
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(httpserver.url_for("/nowhere"))
    httpserver.check()
