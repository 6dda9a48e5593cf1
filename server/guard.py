"""Owns what comes before the pages: which hosts, origins and tokens are answered, and what a browser may do with it.

An ASGI application around another one. What is refused is refused at once, and nothing is looked up for it: Streamlit
alone would ask the network for its own address each time a foreign page knocks.

- The host has to be an allowed one, for every path: otherwise a foreign page could make its own name lead here (DNS
  rebinding).
- Whatever is more than reading, a WebSocket first of all, has to come from a page of this very address.
- Whoever shows no token gets a page that says where it is; see `server.access`.
- Every answer tells the browser that no foreign page may frame it, and that nothing is fetched from elsewhere.
"""

from collections.abc import Iterable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.access import PARAMETER, Access
from server.refusals import no_token_page, reload_page

HEALTH = "/_stcore/health"  # says "ok" and nothing else: what waits for the start has no token
_YEAR = 365 * 24 * 3600  # seconds that a browser keeps the token
_FOREVER = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # Not "no-referrer": with that a browser says "null" as the origin of our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# As strict as Streamlit allows: it writes styles and scripts into its page, and starts parts of ours from blobs.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' {sockets}; frame-src 'self'; frame-ancestors 'self'; form-action 'self'; "
    "base-uri 'self'; object-src 'none'"
)


class Guard:
    """Lets through to ``app`` whoever may come in.

    Args:
        hosts: names under which the dashboard may be opened, without ports; ``*.`` stands for all names below one.
    """

    def __init__(self, app: ASGIApp, *, access: Access, hosts: Iterable[str]) -> None:
        self._app, self._access, self._hosts = app, access, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI asks."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(scope, headers)
        if problem:
            await _refuse(scope, send, HTTPStatus.FORBIDDEN, problem)
            return
        host = headers["host"]
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        token = _token(scope["query_string"]) if is_read else None
        role = self._access.role_of(token) or self._access.role(_cookies(headers))
        if token is not None and role is not None:
            await _send(scope, send, HTTPStatus.SEE_OTHER, self._keeping(scope, headers, token), host=host)
            return
        if role is None and not (is_read and scope["path"] == HEALTH):
            await self._turn_away(scope, headers, send)
            return
        await self._app(scope, receive, _with_headers(send, host))

    def _problem(self, scope: Scope, headers: Headers) -> str | None:
        """Why a request is refused whoever it comes from; None where it is not."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        name = _name_of(hosts[0]) if len(hosts) == 1 else None
        if name is None or not self._is_allowed(name):
            return (
                "Host: expected a name of this dashboard, such as localhost. Open it as http://localhost:PORT, or "
                "start it with the name: make run HOSTS=NAME"
            )
        changes = scope["type"] == "websocket" or scope["method"] != "GET"
        own = {f"{scheme}://{hosts[0].lower()}" for scheme in _schemes(scope, headers)}
        if changes and origins and (len(origins) > 1 or origins[0].lower() not in own):
            return "Origin: expected a page of this dashboard, got another one"
        return None

    def _is_allowed(self, name: str) -> bool:
        return name in self._hosts or any(f"*.{name[dot + 1 :]}" in self._hosts for dot in _dots(name))

    def _keeping(self, scope: Scope, headers: Headers, token: str) -> dict[str, str]:
        """The way to the same page without the token, which a cookie keeps from now on."""
        # A last part with a colon would be read as another address; behind a proxy only the browser knows the rest.
        there = "./" + quote(scope["path"].rpartition("/")[2])
        rest = _without_token(scope["query_string"])
        found = {"location": f"{there}?{rest}" if rest else there, "cache-control": "no-store"}
        if self._access.role_of(token) is not None:
            # No path: the browser takes that of the page, so that a proxy's other pages do not get the token.
            secure = "; Secure" if "https" in _schemes(scope, headers) else ""
            found["set-cookie"] = f"{self._access.cookie}={token}; HttpOnly; SameSite=Strict; Max-Age={_YEAR}{secure}"
        return found

    async def _turn_away(self, scope: Scope, headers: Headers, send: Send) -> None:
        destination, mode = headers.get("sec-fetch-dest", "document"), headers.get("sec-fetch-mode", "navigate")
        is_page = scope["type"] == "http" and scope["method"] == "GET" and mode == "navigate"
        if not is_page or destination != "document" or "text/html" not in headers.get("accept", "*/*,text/html"):
            words = "No token: open the link that make run has printed, or make link prints again"
            await _refuse(scope, send, HTTPStatus.FORBIDDEN, words)
            return
        # The browser keeps a strict cookie back where a page of another site leads here, a chat for example. From
        # our own page it sends it.
        is_led_here = headers.get("sec-fetch-site") == "cross-site"
        rest = _without_token(scope["query_string"])
        page = reload_page() if is_led_here else no_token_page(rest, wrong=_token(scope["query_string"]) is not None)
        await _send(
            scope,
            send,
            HTTPStatus.OK if is_led_here else HTTPStatus.FORBIDDEN,
            # What was pasted wrongly may be a token elsewhere: the address of this page is told nobody.
            {"content-type": "text/html; charset=utf-8", "cache-control": "no-store", "referrer-policy": "no-referrer"},
            page.encode(),
            host=headers["host"],
        )


def _with_headers(send: Send, host: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            MutableHeaders(scope=message).update(_protection(host))
        await send(message)

    return wrapped


def _protection(host: str) -> dict[str, str]:
    # Older browsers do not take WebSockets of the same address for 'self'. The host is an allowed one.
    return _FOREVER | {"content-security-policy": _POLICY.format(sockets=f"ws://{host} wss://{host}")}


async def _refuse(scope: Scope, send: Send, status: HTTPStatus, words: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the server answers 403
        return
    headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
    await _send(scope, send, status, headers, f"{words}\n".encode())


async def _send(
    scope: Scope, send: Send, status: HTTPStatus, headers: dict[str, str], body: bytes = b"", *, host: str = "localhost"
) -> None:
    given = _protection(host) | headers | {"content-length": str(len(body))}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _schemes(scope: Scope, headers: Headers) -> set[str]:
    """How the browser may have come here: as the proxy says, where there is one."""
    told = headers.get("x-forwarded-proto")
    if told is not None:
        return {told.partition(",")[0].strip().lower()}
    here = str(scope["scheme"]).replace("ws", "http")
    # Jupyter's proxy does not say how it was reached itself.
    return {here, "https"} if "x-forwarded-context" in headers or "x-proxycontextpath" in headers else {here}


def _name_of(host: str) -> str | None:
    """The name in a Host header, without its port; None where it is none."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not colon:
        name, port = host, ""
    if (colon and not (port.isascii() and port.isdigit())) or any(sign in name for sign in "/@?#\\ ,"):
        return None
    if name.startswith("[") != name.endswith("]"):
        return None
    return name.strip("[]").lower().rstrip(".") or None


def _dots(name: str) -> list[int]:
    return [place for place, sign in enumerate(name) if sign == "."]


def _cookies(headers: Headers) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    for header in headers.getlist("cookie"):
        for part in header.split(";"):  # one that cannot be read does not hide the others
            try:
                found.load(part.strip())
            except CookieError:
                continue
    return {name: morsel.value for name, morsel in found.items()}


def _pairs(query: bytes) -> list[tuple[str, str]]:
    """Name and what stands there, of each part of a query."""
    parts = [part for part in query.decode("latin-1").split("&") if part]
    return [(unquote_plus(part.partition("=")[0]), part) for part in parts]


def _token(query: bytes) -> str | None:
    found = [unquote_plus(part.partition("=")[2]) for name, part in _pairs(query) if name == PARAMETER]
    return found[-1] if found else None


def _without_token(query: bytes) -> str:
    return "&".join(part for name, part in _pairs(query) if name != PARAMETER)
