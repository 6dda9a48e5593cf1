"""Owns the port and the host names of the page: reads PORT and HOSTS as typed, or says what is wrong.

Used before anything is installed: it imports the standard library only, and an older Python has to be able to read it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata

ADDRESS = "127.0.0.1"  # never the network: users come through SSH or Jupyter's proxy
FIRST_FREE_PORT = 1024  # those below belong to the administrator on most machines
LAST_PORT = 65535

_MARKS = "-_\u30fb"  # the middle dot stands between Japanese words
_LONGEST_LABEL, _LONGEST_NAME = 63, 253


def port_problem(port: str) -> str | None:
    """Say what is wrong with a port, as a message to the user; None if the dashboard can use it."""
    problem = port_number_problem(port)
    if problem:
        return problem
    error = _bind(int(port))
    if error is None:
        return None
    free = next((other for other in range(max(int(port), FIRST_FREE_PORT), LAST_PORT) if _bind(other) is None), 8502)
    if isinstance(error, PermissionError):
        return (
            f"Port {port} on {ADDRESS} is not available ({error.strerror}): this user may only listen from port "
            f"{FIRST_FREE_PORT} upwards. Choose another one: make run PORT={free}"
        )
    return (
        f"Port {port} on {ADDRESS} is not available ({error.strerror}): perhaps a dashboard is already running there. "
        f"Choose another one: make run PORT={free}"
    )


def port_number_problem(port: str) -> str | None:
    """Say what is wrong with the number of a port; None if it is valid, in use or not."""
    if _is_port(port):
        return None
    return f"PORT={port} is not a port: expected a number from 1 to {LAST_PORT}, for example make run PORT=8502"


def _is_port(port: str) -> bool:
    return port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= LAST_PORT


def _bind(port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one just left is free again
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            return error
    return None


def hosts_problem(typed: str) -> str | None:
    """Say what is wrong with the names in HOSTS, as a message to the user; None if all are valid."""
    wrong = [name for name in _split(typed) if _host_name(name) is None]
    if not wrong:
        return None
    if "*" in wrong:
        reason = "would accept every name, also one that a foreign page uses"
    else:
        reason = "is not a host name" if len(wrong) == 1 else "are not host names"
    return (
        f"HOSTS: {', '.join(wrong)} {reason}. Expected the part of the browser's URL between https:// and the "
        "next slash; several are separated by commas, and *. stands for all names below one. "
        "For example: make run HOSTS=hub.example.ac.jp"
    )


def host_names(typed: str) -> list[str]:
    """The names in HOSTS as a browser sends them and Streamlit compares them, each once.

    Schemes, user names, ports, paths and final dots are taken off; an address pasted from the browser is a name too.
    """
    return list(dict.fromkeys(name for name in map(_host_name, _split(typed)) if name is not None))


def _split(typed: str) -> list[str]:
    return [name for name in re.split(r"[\s,;、]+", unicodedata.normalize("NFKC", typed)) if name]


def _host_name(typed: str) -> str | None:
    """The name in one address, or None where there is none: lower case, in the letters that travel (punycode)."""
    place = re.sub(r"^(?:[a-z][a-z0-9+.-]*://|https?:/*|//)", "", typed, flags=re.IGNORECASE)
    place = re.split(r"[/?#\\]", place, maxsplit=1)[0].rpartition("@")[2]
    if place.startswith("["):
        name, closed, port = place[1:].partition("]")
        if not closed or (port and not (port[0] == ":" and _is_port(port[1:]))):
            return None
        return _ip_address(name)
    if place.count(":") > 1:
        return _ip_address(place)
    name, colon, port = place.partition(":")
    if colon and port and not _is_port(port):
        return None
    star = name.startswith("*.")
    labels = name[2 * star :].replace("。", ".").lower()
    labels = labels[:-1] if labels.endswith(".") else labels
    if labels.rpartition(".")[2].isdigit():  # a browser takes this for an address in numbers
        return None if star else _ip_address(labels)
    encoded = [_label(label) for label in labels.split(".")]
    if None in encoded:
        return None
    found = ".".join(label for label in encoded if label is not None)
    return None if len(found) > _LONGEST_NAME else "*." * star + found


def _label(label: str) -> str | None:
    """One part of a name between dots; letters beyond ASCII become punycode, as every browser writes them."""
    if not label or label[0] == "-" or label[-1] == "-":
        return None
    if not all(char in _MARKS or unicodedata.category(char)[0] in "LMN" for char in label):
        return None
    encoded = label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
    return encoded if len(encoded) <= _LONGEST_LABEL else None


def _ip_address(text: str) -> str | None:
    try:
        return None if "%" in text else ipaddress.ip_address(text).compressed
    except ValueError:
        return None
