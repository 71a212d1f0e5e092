import pytest

from src.collectors.transport.origins import Origins, is_public_name, origin
from src.core.errors import SourceChanged

ORIGINS = Origins(["https://www.fotmob.com", "http://127.0.0.1:8900/fbref", "http://gateway:8080"])


@pytest.mark.parametrize(
    "url",
    [
        "https://www.fotmob.com/a", "https://WWW.fotmob.com:443/a?b=c", "http://127.0.0.1:8900/anything",
        "http://gateway:8080/x", "https://anybody@www.fotmob.com/a",
    ],
)  # fmt: skip
def test_configured_origins_may_be_asked(url: str) -> None:
    ORIGINS.check(url, "it")


@pytest.mark.parametrize(
    "url",
    [
        "http://www.fotmob.com/a", "https://www.fotmob.com:8443/", "https://fotmob.com/", "https://www.fotmob.com.evil/",
        "https://www.fotmob.com@evil.example/", "http://127.0.0.1/", "http://127.1:8900/", "http://[::1]:8900/",
        "http://169.254.169.254/latest", "ftp://www.fotmob.com/", "//www.fotmob.com/", "/a", "https:///a", "",
        "https://www.fotmob.com:port/", "https://[half",
    ],
)  # fmt: skip
def test_nothing_else_may(url: str) -> None:
    with pytest.raises(SourceChanged, match=r"^it leads"):
        ORIGINS.check(url, "it")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1",
        "0.0.0.0", "100.64.0.1",
    ],
)  # fmt: skip
def test_public_name_must_not_be_a_private_address(address: str) -> None:
    with pytest.raises(SourceChanged, match="private network"):
        ORIGINS.check_peer("www.fotmob.com", address)
    ORIGINS.check_peer("gateway", address)
    ORIGINS.check_peer("127.0.0.1", address)


def test_public_name_may_be_a_public_address() -> None:
    for address in ("13.107.42.14", "2606:4700::6810:84e5", "::ffff:13.107.42.14"):
        ORIGINS.check_peer("www.fotmob.com", address)


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("fbref.com", True), ("fbref.com.", True), ("8.8.8.8", True), ("internal.com", True),
        ("10.0.0.1", False), ("localhost", False), ("gateway", False), ("gw.internal", False),
        ("gateway.prod.svc.cluster.local", False),
    ],
)  # fmt: skip
def test_names_without_a_dot_and_of_inner_domains_are_private(host: str, public: bool) -> None:
    assert is_public_name(host) is public


def test_origin_has_the_port_of_its_scheme() -> None:
    assert origin("https://A.example/x") == ("https", "a.example", 443)
