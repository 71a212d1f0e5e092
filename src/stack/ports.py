"""Looks at ports before anything is started."""

import socket
from collections.abc import Iterable

import psutil

from src.core.errors import Misconfigured
from src.stack.service import Service


def check_ports(services: Iterable[Service]) -> None:
    """Raise Misconfigured with one line for each taken port: which service, which setting, who holds it."""
    problems, claimed = [], dict[int, str]()
    for service in services:
        if service.port is None or service.external:
            continue
        change = f"set {service.port_setting} to a free one" if service.port_setting else "free it"
        other = claimed.setdefault(service.port, service.name)
        if other != service.name:
            problems.append(f"port {service.port} is meant for {other} and {service.name}: {change}")
        elif not is_free(service.host, service.port):
            holder = _holder(service.port)
            problems.append(f"port {service.port} for {service.name} is taken{holder}: {change}")
    if problems:
        raise Misconfigured("\n".join(problems))


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a connection in TIME_WAIT is no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _holder(port: int) -> str:
    """Name the process that listens on `port`, where the system lets us see it."""
    try:
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and tuple(link.laddr)[1:2] == (port,) and link.pid:
                return f" by {psutil.Process(link.pid).name()} (pid {link.pid})"
    except psutil.Error:
        pass  # other people's sockets are not ours to see on every system
    return ""
