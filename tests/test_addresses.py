"""PORT and HOSTS as people type them, against what Streamlit compares."""

import errno
import socket
import tomllib

import pytest
from streamlit.web.server.starlette import starlette_websocket

from scripts import addresses
from scripts.addresses import host_names, hosts_problem, port_problem
from scripts.project import ROOT


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that Streamlit lets in; those of the settings, to which a test adds."""
    names = list(
        tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]["allowedHosts"]
    )
    monkeypatch.setattr(starlette_websocket.config, "get_option", {"server.allowedHosts": names}.__getitem__)
    return names


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("hub.example.ac.jp", "hub.example.ac.jp"),
        ("https://hub.example.ac.jp/", "hub.example.ac.jp"),
        ("https://hub.example.ac.jp/user/taro/proxy/8501/?token=1#top", "hub.example.ac.jp"),
        ("http://taro:secret@Hub.Example.AC.JP.:8443", "hub.example.ac.jp:8443"),
        ("hub.example.ac.jp:8000", "hub.example.ac.jp"),
        ("//hub.example.ac.jp", "hub.example.ac.jp"),
        ("https:/hub.example.ac.jp", "hub.example.ac.jp"),
        ("  gpu01  ", "gpu01:8501"),
        ("my_hub", "my_hub"),
        ("one.example,two.example", "two.example"),
        ("one.example, https://two.example/ three.example", "two.example"),
        ("one.example、two.example", "two.example"),
        ("*.example.ac.jp", "hub.example.ac.jp"),
        ("https://*.example.ac.jp/", "hub.example.ac.jp:443"),
        ("192.168.1.5:8501", "192.168.1.5:8501"),
        ("[2001:DB8:0::1]:8501", "[2001:db8::1]:8501"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("2001:db8::1", "[2001:db8::1]:8501"),
        ("https://大学.例え.jp/", "xn--pss25c.xn--r8jz45g.jp"),
        ("日本語。ＪＰ", "xn--wgv71a119e.jp"),
        ("ジョン・スミス.jp", "xn--yckca5mnb7duc.jp"),
        ("ｈｔｔｐｓ：／／ｈｕｂ．ｅｘａｍｐｌｅ／", "hub.example"),
        ("STRASSE.example", "strasse.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--pss25c.jp", "xn--pss25c.jp"),
    ],
)
def test_a_name_as_typed_lets_in_what_the_browser_sends(typed: str, sent: str, allowed: list[str]) -> None:
    assert not starlette_websocket.is_host_allowed(sent)
    assert hosts_problem(typed) is None
    allowed.extend(host_names(typed))
    assert starlette_websocket.is_host_allowed(sent), allowed
    for foreign in ("evil.example", "https", "http", "taro", "ac.jp", f"{sent.partition(':')[0]}.evil.example"):
        assert not starlette_websocket.is_host_allowed(foreign), foreign


@pytest.mark.parametrize(
    "typed",
    ["hub!", "a..b", ".", "-a.example", "a-.example", "a.*.example", "*.", "hub:port", "hub:0", "hub:65536", "300.1.1.1",
     "1.2.3", "[::1", "[::1]x", "[::1]:x", "[hub]", "fe80::1%eth0", "1:2:3", "https://", "https:///path", "a'b", 'a"b', "a$b",
     "hub%2eexample", "x" * 64, ".".join(["x" * 60] * 5), "日" * 60, "\U0001f600.example"],
)  # fmt: skip
def test_what_is_no_host_name_is_refused_by_name(typed: str) -> None:
    told = hosts_problem(f"good.example, {typed}") or ""
    assert f"HOSTS: {typed} is not a host name" in told
    assert "Expected the part of the browser's URL" in told
    assert "make run HOSTS=hub.example.ac.jp" in told
    assert "good.example" not in told


def test_every_name_at_once_is_refused_with_its_reason() -> None:
    assert "would accept every name" in (hosts_problem("*") or "")


@pytest.mark.parametrize("typed", ["", "  ", ",, "])
def test_no_names_are_no_mistake(typed: str) -> None:
    assert hosts_problem(typed) is None
    assert host_names(typed) == []


def test_each_name_is_passed_on_once() -> None:
    assert host_names("a.example https://A.example/ b.example a.example.") == ["a.example", "b.example"]


@pytest.mark.parametrize("port", ["", " ", "0", "00", "65536", "9" * 5000, "-1", "+1", "80.0", "8 0", "1e3", "http", "８５０１", "²"])  # fmt: skip
def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert "expected a number from 1 to 65535" in (port_problem(port) or "")


def test_a_port_in_use_is_named_with_one_that_is_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        message = port_problem(port) or ""
        assert f"Port {port} on 127.0.0.1 is not available" in message
        offered = message.rpartition("PORT=")[2]
        assert offered != port
        assert port_problem(offered) is None
    assert port_problem(port) is None


def test_a_port_of_the_administrators_is_no_dashboard_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = addresses._bind
    refused = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(addresses, "_bind", lambda port: refused if port < 1024 else bind(port))
    message = port_problem("80") or ""
    assert "this user may only listen from port 1024 upwards" in message
    assert int(message.rpartition("PORT=")[2]) >= 1024
    assert "perhaps a dashboard" not in message
