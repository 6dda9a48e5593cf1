"""Who may open the dashboard: where its tokens are kept, who can have put them there, and which role they give."""

import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mnistcore.errors import StoreWriteError
from server import access
from server.access import Access, Tokens
from tests.users import ordinary_user

TOKENS = Tokens("o" * 32, "v" * 32)


def tokens_file(artifacts: Path) -> Path:
    return artifacts.resolve() / "server" / f"tokens-{os.geteuid()}.json"


def kept() -> Tokens:
    tokens = access.access_here(is_open=False, read_only=False).tokens
    assert tokens is not None
    return tokens


def test_tokens_are_made_once_for_this_account_alone(artifacts: Path) -> None:
    before = os.umask(0)
    try:
        first = kept()
    finally:
        os.umask(before)
    assert stat.S_IMODE(tokens_file(artifacts).stat().st_mode) == 0o600
    assert kept() == first
    assert min(len(first.owner), len(first.viewer)) == 32 and first.owner != first.viewer
    assert [path.name for path in tokens_file(artifacts).parent.iterdir()] == [tokens_file(artifacts).name]


@pytest.mark.parametrize("has_links", [True, False])
def test_two_starts_at_once_agree(artifacts: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    if not has_links:

        def refuse(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "link", refuse)
        assert kept() == kept()
        return
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept(), range(8)))
    assert len(set(found)) == 1


def other_account(path: Path) -> None:
    if os.geteuid() != 0:
        path.chmod(0o644)  # an ordinary user cannot give a file away
    else:
        os.chown(path, 1, 1)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "readable by others": lambda path: path.chmod(0o640),
    "another account's": other_account,
    "a link": lambda path: path.rename(path.with_name("elsewhere")) and path.symlink_to("elsewhere"),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path, 0o600)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "empty": lambda path: path.write_bytes(b""),
    "no JSON": lambda path: path.write_bytes(b"\xff{"),
    "a list": lambda path: path.write_text("[]"),
    "short": lambda path: path.write_text(json.dumps({"owner": "1234", "viewer": "1234"})),
    "numbers": lambda path: path.write_text(json.dumps({"owner": 1, "viewer": 2})),
    "one missing": lambda path: path.write_text(json.dumps({"owner": "o" * 32})),
    "endless": lambda path: path.write_text(json.dumps({"owner": "o" * 9000, "viewer": "v" * 32})),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_tokens_that_somebody_else_could_know_are_refused_and_not_replaced(artifacts: Path, damage: str) -> None:
    kept()
    path = tokens_file(artifacts)
    DAMAGE[damage](path)
    before = os.lstat(path)
    with pytest.raises(StoreWriteError, match=f"{path}: .*Delete it"):
        kept()
    assert os.lstat(path).st_ino == before.st_ino


def test_a_folder_that_takes_no_tokens_is_named() -> None:
    with ordinary_user() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(folder))
        folder.chmod(0o500)
        with pytest.raises(StoreWriteError, match=f"cannot keep the token of the dashboard in {folder}/server"):
            kept()


def test_who_needs_no_token_makes_none(artifacts: Path) -> None:
    assert access.access_here(is_open=True, read_only=False) == access.OPEN
    assert not artifacts.exists()
    assert access.access_here(is_open=True, read_only=True).tokens is not None


ROLES = {  # (is open, read only) -> of the owner's token, the viewers', none, another one
    (False, False): ("owner", None, None, None),
    (False, True): ("owner", "viewer", None, None),
    (True, True): ("owner", "viewer", "viewer", "viewer"),
    (True, False): ("owner", "owner", "owner", "owner"),
}


@pytest.mark.parametrize(("is_open", "read_only"), ROLES)
def test_roles(is_open: bool, read_only: bool) -> None:
    found = Access(TOKENS, is_open=is_open, read_only=read_only)
    shown = ({found.cookie: token} for token in (TOKENS.owner, TOKENS.viewer))
    cookies = [*shown, {}, {found.cookie: "ö" * 32, "other": TOKENS.owner}]
    assert tuple(found.role(cookie) for cookie in cookies) == ROLES[is_open, read_only]
    assert access.OPEN.role({}) == "owner"


def test_dashboards_of_one_host_have_cookies_of_their_own() -> None:
    assert Access(TOKENS, False, False).cookie != Access(Tokens("p" * 32, "v" * 32), False, False).cookie
    assert TOKENS.owner not in Access(TOKENS, False, False).cookie
