"""An answer without a body: whole where its head says so in whichever letters, cut off where it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Unknown
from connectors.wire import Wire


@pytest.mark.parametrize("head", [b"content-length: 0", b"Content-Length: 0", b"CONTENT-LENGTH:0"])
def test_a_length_of_nothing_is_read_however_it_is_written(
    serve_raw: Callable[..., Any], wire_to: Callable[..., Wire], head: bytes
) -> None:
    server = serve_raw(lambda write, n: write(b"HTTP/1.1 201 Created\r\n" + head + b"\r\n\r\n") is not None)
    answer = wire_to(server.url).send("PUT", "/rows", safe=False)
    assert (answer.status, answer.body) == (201, b"")


def test_a_head_that_says_no_length_is_an_answer_cut_short(
    serve_raw: Callable[..., Any], wire_to: Callable[..., Wire]
) -> None:
    server = serve_raw(lambda write, n: write(b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n") is not None)
    with pytest.raises(Unknown, match="C402 sent, and no whole answer: the answer was cut short"):
        wire_to(server.url).send("PUT", "/rows", safe=False)
