"""Owns who may open the dashboard and what they may do there: the tokens, where they are kept, and the role they give.

A token is kept in a file that its account alone can read, so that a browser that was given it once still has it after
the next start. `ui` asks here, too, whether somebody may start or end something. Imports no Streamlit.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mnistcore.errors import StoreWriteError
from mnistcore.runs import accounts, atomic, plain_files
from mnistcore.runs.disk_advice import disk_advice, reason
from mnistcore.workspace import Workspace

Role = Literal["owner", "viewer"]
PARAMETER = "token"  # of a link
_BYTES = 24  # of chance in a token: 192 bits, which nobody guesses
_LONGEST_FILE = 1000


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two that a dashboard knows."""

    owner: str  # may do everything
    viewer: str  # for a class: may look at everything


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a dashboard, and as what."""

    tokens: Tokens | None  # None where nobody needs one and everybody may do everything
    is_open: bool  # whoever has no token may come in, too
    read_only: bool  # those may only look, and so may whoever has the viewers' token

    @property
    def cookie(self) -> str:
        """What the cookie is called that keeps a token: browsers tell hosts apart, but not ports."""
        tokens = self.tokens or Tokens("", "")
        return f"dashboard-{hashlib.sha256(tokens.owner.encode()).hexdigest()[:8]}"

    def role_of(self, token: str | None) -> Role | None:
        """What a token lets somebody do; None for one that is not of this dashboard."""
        if self.tokens is not None and token is not None:
            if _same(token, self.tokens.owner):
                return "owner"
            if self.read_only and _same(token, self.tokens.viewer):
                return "viewer"
        return None

    def role(self, cookies: Mapping[str, str]) -> Role | None:
        """What somebody may do whose browser sends these cookies; None where they may not come in."""
        role = self.role_of(cookies.get(self.cookie))
        if role is None and self.is_open:
            return "viewer" if self.read_only else "owner"
        return role


OPEN = Access(tokens=None, is_open=True, read_only=False)
_current = OPEN  # a dashboard that was started by other means than this package asks for no token


def current() -> Access:
    """That of the dashboard which this process serves."""
    return _current


def serve_with(access: Access) -> None:
    """From now on this process serves with it."""
    global _current
    _current = access


def access_here(*, is_open: bool, read_only: bool) -> Access:
    """That of a dashboard of this account over the folder for results that the environment names.

    Raises:
        StoreWriteError: its tokens cannot be kept there, or somebody else could have put them there.
    """
    if is_open and not read_only:
        return OPEN
    folder = Workspace.from_environment().artifacts.resolve() / "server"
    return Access(_kept_tokens(folder), is_open=is_open, read_only=read_only)


def _kept_tokens(folder: Path) -> Tokens:
    """This account's; made where there are none yet."""
    path = folder / f"tokens-{os.geteuid()}.json"
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        found = reason(error) if isinstance(error, OSError) else error
        raise StoreWriteError(f"{path}: {found}. Delete it: the next start makes new tokens") from error
    try:
        return _make(path)
    except OSError as error:
        raise StoreWriteError(f"cannot keep the token of the dashboard in {folder}: {disk_advice(error)}") from error


def _read(path: Path) -> Tokens:
    with plain_files.open_file(path) as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise ValueError("expected a file that this account alone can read (mode 0600), got one that others can")
        kept = json.loads(file.read(_LONGEST_FILE))
    owner, viewer = (kept.get(name) if isinstance(kept, dict) else None for name in ("owner", "viewer"))
    if isinstance(owner, str) and isinstance(viewer, str) and min(len(owner), len(viewer)) >= _BYTES:
        return Tokens(owner, viewer)
    raise ValueError("expected two tokens, got something else")


def _make(path: Path) -> Tokens:
    tokens = Tokens(secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES))
    accounts.make_folder(path.parent, closed=True)
    new = path.with_name(f"{atomic.PREFIX}{path.name}-{secrets.token_hex(4)}")
    atomic.write_file(new, json.dumps(asdict(tokens)).encode(), mode=0o600)
    try:
        os.link(new, path)  # unlike a renaming it does not replace those that another start has just made
    except FileExistsError:
        return _read(path)
    except OSError:  # a file system without links
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return tokens


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
