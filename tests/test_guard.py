"""What comes before the pages: hosts, origins, tokens and headers; an ASGI application that would tell stands behind it."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import pytest

from server import guard
from server.access import OPEN, Access, Tokens
from server.guard import HEALTH, Guard

TOKENS = Tokens("o" * 32, "v" * 32)
CLOSED = Access(TOKENS, is_open=False, read_only=False)
CLASS = Access(TOKENS, is_open=False, read_only=True)
HOSTS = ("localhost", "127.0.0.1", "::1", "hub.example.ac.jp", "*.uni.example")
HOST = "localhost:8501"


class Answer:
    """What a browser would have got, and whether the pages were asked at all."""

    def __init__(self, messages: list[dict[str, Any]], *, passed: bool) -> None:
        start = messages[0]
        self.passed = passed
        self.status = start.get("status", 403 if start["type"] == "websocket.close" else 101)
        pairs = [(name.decode(), value.decode("latin-1")) for name, value in start.get("headers", [])]
        self.headers = dict(pairs)
        assert len(self.headers) == len(pairs), "no header twice"
        self.text = b"".join(message.get("body", b"") for message in messages).decode()


def ask(
    path: str = "/",
    *,
    headers: Iterable[tuple[str, str]] = (),
    method: str = "GET",
    access: Access = OPEN,
    host: str | None = HOST,
    kind: str = "http",
    scheme: str = "http",
) -> Answer:
    """Send a request to a guard; a web socket's is of ``kind`` "websocket"."""
    passed: list[bool] = []
    sent: list[dict[str, Any]] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        passed.append(True)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": []})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b"1")]})
            await send({"type": "http.response.body", "body": b"the page"})

    async def send(message: Any) -> None:
        sent.append(message)

    there, _, query = path.partition("?")
    given = [*([("host", host)] if host is not None else []), *headers]
    scope = {
        "type": kind,
        "path": there,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given],
        "scheme": scheme.replace("http", "ws") if kind == "websocket" else scheme,
    }
    if kind == "http":
        scope["method"] = method
    asyncio.run(Guard(pages, access=access, hosts=HOSTS)(scope, None, send))  # type: ignore[arg-type]
    return Answer(sent, passed=bool(passed))


def cookie(access: Access, token: str, before: str = "") -> tuple[str, str]:
    return "cookie", f"{before}{access.cookie}={token}"


# --- hosts ------------------------------------------------------------------------------------------------------------

ALLOWED = [
    "localhost", "LOCALHOST:1", "127.0.0.1:9000", "[::1]:8501", "[::1]", "hub.example.ac.jp", "hub.example.ac.jp:443",
    "a.uni.example", "a.b.uni.example:8501", "localhost.:80",
]  # fmt: skip
REFUSED = [
    None, "", "evil.example", "evil.example:8501", "localhost.evil.example", "evil-localhost", "localhost@evil.example",
    "evil.example/localhost", "localhost:", "localhost:x", "localhost:8501:1", "127.0.0.2", "0.0.0.0:8501", "[::2]:1",
    "::1", "[::1", "uni.example", "xuni.example", "*.uni.example.evil", "localhost,evil.example", "localhost evil", "[localhost",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/", HEALTH, "/static/x.js", "/media/1.png", "/_stcore/upload_file/1/2"])
@pytest.mark.parametrize("host", ALLOWED)
def test_the_names_of_the_dashboard_are_answered(host: str, path: str) -> None:
    assert ask(path, host=host).passed
    assert ask(path, host=host, kind="websocket").passed


@pytest.mark.parametrize("path", ["/", HEALTH, "/static/x.js", "/?token=" + TOKENS.owner])
@pytest.mark.parametrize("host", REFUSED)
def test_other_names_are_refused_on_every_path(host: str | None, path: str) -> None:
    answer = ask(path, host=host, access=CLOSED, headers=[cookie(CLOSED, TOKENS.owner)])
    assert (answer.passed, answer.status) == (False, 403)
    assert "set-cookie" not in answer.headers
    assert "make run HOSTS=NAME" in answer.text
    assert not ask(path, host=host, kind="websocket").passed


def test_two_hosts_are_none() -> None:
    assert not ask(headers=[("host", "evil.example")]).passed


# --- origins ----------------------------------------------------------------------------------------------------------

FOREIGN = [
    "http://evil.example", "https://localhost:8501", "http://localhost", "http://localhost:9000", "http://127.0.0.1:8501",
    "null", "", "localhost:8501", "http://localhost:8501.evil.example", "http://localhost:8501/", "file://", "ws://localhost:8501",
    "http://localhost:8501, http://evil.example",
]  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_changes_nothing(origin: str, method: str) -> None:
    assert not ask(method=method, headers=[("origin", origin)]).passed
    assert not ask("/_stcore/stream", kind="websocket", headers=[("origin", origin)]).passed


def test_origins_of_its_own() -> None:
    for host, origin, more, scheme in [
        (HOST, "http://localhost:8501", [], "http"),
        (HOST, "HTTP://LOCALHOST:8501", [], "http"),
        ("localhost:9000", "http://localhost:9000", [], "http"),  # another port of ssh -L
        ("[::1]:8501", "http://[::1]:8501", [], "http"),
        ("hub.example.ac.jp", "https://hub.example.ac.jp", [], "https"),
        ("hub.example.ac.jp", "https://hub.example.ac.jp", [("x-forwarded-proto", "https")], "http"),
        ("hub.example.ac.jp", "https://hub.example.ac.jp", [("x-forwarded-proto", "https, http")], "http"),
        ("hub.example.ac.jp", "https://hub.example.ac.jp", [("x-forwarded-context", "/proxy/8501")], "http"),
        ("hub.example.ac.jp", "http://hub.example.ac.jp", [("x-forwarded-context", "/proxy/8501")], "http"),
    ]:
        for kind in ("http", "websocket"):
            asked = [("origin", origin), *more]
            assert ask(host=host, headers=asked, method="POST", kind=kind, scheme=scheme).passed, (host, origin)
    assert ask(method="POST").passed  # no browser: curl, a script
    assert not ask(method="POST", headers=[("origin", f"http://{HOST}")] * 2).passed
    assert ask(headers=[("origin", "http://evil.example")]).passed  # reading; what is read stays with the browser
    secure = [("x-forwarded-proto", "https"), ("origin", "http://hub.example.ac.jp")]
    assert not ask(host="hub.example.ac.jp", method="POST", headers=secure).passed


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_link_with_the_token_leads_to_the_page_without_it() -> None:
    answer = ask(f"/class_by_class?cell=4-9&token={TOKENS.owner}&class=%E7%8C%AB", access=CLOSED)
    assert (answer.passed, answer.status) == (False, 303)
    assert answer.headers["location"] == "./class_by_class?cell=4-9&class=%E7%8C%AB"
    assert TOKENS.owner not in answer.headers["location"]
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{CLOSED.cookie}={TOKENS.owner}; HttpOnly; SameSite=Strict; Max-Age=")
    assert "Path" not in kept and "Secure" not in kept  # the path of the page: a proxy's other pages do not get it
    assert answer.headers["cache-control"] == "no-store"
    assert ask(f"/?token={TOKENS.owner}", access=CLOSED).headers["location"] == "./"
    proxied = ask(f"/?token={TOKENS.owner}", access=CLOSED, headers=[("x-forwarded-proto", "https")])
    assert proxied.headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    "path", ["//evil.example/?token=", "/https:evil?token=", "/javascript:x?token=", "/a\r\nb?token="]
)
def test_the_way_on_stays_here(path: str) -> None:
    location = ask(path + TOKENS.owner, access=CLOSED).headers["location"]
    assert location.startswith("./") and not re.search(r"[\r\n]", location)


def test_the_cookie_opens_everything_and_nothing_else_does() -> None:
    for kind, path in (
        ("http", "/"),
        ("http", "/static/x.js"),
        ("http", "/media/1.png"),
        ("websocket", "/_stcore/stream"),
    ):
        good = [cookie(CLOSED, TOKENS.owner, before='a="1; b={}; \x01=2; ')]
        assert ask(path, access=CLOSED, kind=kind, headers=good).passed, path
        for headers in (
            [], [("cookie", f"other={TOKENS.owner}")], [cookie(CLOSED, TOKENS.viewer)], [cookie(CLOSED, "x" * 32)],
            [cookie(CLOSED, "")], [("authorization", f"token {TOKENS.owner}")],
        ):  # fmt: skip
            answer = ask(path, access=CLOSED, kind=kind, headers=headers)
            assert (answer.passed, answer.status) == (False, 403), (path, headers)
    assert ask("/_stcore/stream?token=" + TOKENS.owner, access=CLOSED, kind="websocket").status == 403
    assert ask(method="POST", access=CLOSED).status == 403
    assert ask(f"/?token={TOKENS.owner}", method="POST", access=CLOSED).status == 403


def test_health_is_told_to_everybody() -> None:
    assert ask(HEALTH, access=CLOSED).passed
    assert not ask(HEALTH, access=CLOSED, method="POST").passed


def test_who_has_no_token_is_told_where_it_is_in_both_languages() -> None:
    page = [("accept", "text/html,*/*"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
    answer = ask('/quiz?seed=7&x="><script>&y=1', access=CLOSED, headers=[*page, ("sec-fetch-site", "none")])
    assert answer.status == 403 and answer.headers["content-type"].startswith("text/html")
    assert "make link" in answer.text and "トークン" in answer.text and "frame-ancestors" in str(answer.headers)
    assert '<input type="hidden" name="seed" value="7">' in answer.text  # the view is still there after the token
    assert "<script" not in answer.text
    assert "not a token of this dashboard" not in answer.text
    wrong = ask("/?token=wrong", access=CLOSED, headers=page)
    assert wrong.status == 403 and "not a token of this dashboard" in wrong.text
    assert "make link" in ask(access=CLOSED, headers=[("accept", "*/*")]).text  # curl
    assert ask(access=CLOSED, headers=[("sec-fetch-mode", "cors")]).headers["content-type"].startswith("text/plain")


def test_a_link_in_a_chat_opens_once_the_browser_sends_the_cookie() -> None:
    """The browser keeps a strict cookie back on the way from another site, and sends it from a page of our own."""
    page = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "cross-site")]
    answer = ask("/overview", access=CLOSED, headers=[*page, ("sec-fetch-dest", "document")])
    assert 'http-equiv="refresh"' in answer.text and not answer.passed
    framed = ask("/overview", access=CLOSED, headers=[*page, ("sec-fetch-dest", "iframe")])
    assert framed.status == 403 and "refresh" not in framed.text


def test_an_old_token_in_the_address_of_somebody_who_is_in_is_taken_out() -> None:
    for access, headers in ((OPEN, []), (CLOSED, [cookie(CLOSED, TOKENS.owner)])):
        answer = ask("/?token=jupyters&run=a", access=access, headers=headers)
        assert answer.headers["location"] == "./?run=a" and "set-cookie" not in answer.headers


def test_the_class_has_a_token_where_it_may_only_look() -> None:
    assert CLASS.cookie in ask(f"/?token={TOKENS.viewer}", access=CLASS).headers["set-cookie"]
    assert ask(access=CLASS, headers=[cookie(CLASS, TOKENS.viewer)]).passed
    assert ask(f"/?token={TOKENS.viewer}", access=CLOSED).status == 403


# --- headers ----------------------------------------------------------------------------------------------------------


def test_every_answer_says_what_the_browser_may_do_with_it() -> None:
    for answer in (
        ask(), ask(host="evil.example"), ask(method="POST", headers=[("origin", "null")]), ask(access=CLOSED),
        ask(f"/?token={TOKENS.owner}", access=CLOSED),
    ):  # fmt: skip
        policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'self'"
        assert policy["object-src"] == "'none'" and "'unsafe-eval'" not in policy["script-src"]
        sources = " ".join(value for name, value in policy.items())
        assert "*" not in sources and not re.search(r"https?:", sources)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    assert ask().headers["etag"] == "1"
    assert "ws://localhost:8501 " in ask().headers["content-security-policy"]


def test_what_is_neither_a_page_nor_a_socket_passes() -> None:
    seen = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(pages, access=CLOSED, hosts=())({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
    assert guard.HEALTH.startswith("/")
