"""Which addresses may be published: the whole table, its edges, and what holds for any text at all."""

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from typing import get_args
from urllib.parse import urlsplit

import can_ada
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from popote_config.address import Address, normalise
from popote_config.reach import Kind, Policy
from popote_config.remarks import Caution, Refusal, Refused

LAN = "http://192.168.11.101:11434"


def refusal_of(text: str, policy: Policy | None = None) -> Refusal:
    with pytest.raises(Refused) as caught:
        normalise(text, policy or Policy())
    return caught.value.refusal


@pytest.mark.parametrize(
    ("text", "url", "cautions"),
    [
        (LAN, LAN, []),
        (f"{LAN}/", LAN, []),
        (f"{LAN}//", LAN, []),
        (f"{LAN}////", LAN, []),
        (" HTTP://192.168.11.101:11434\n", LAN, []),
        ("\t\r\n\f http://192.168.11.101:11434 \t", LAN, []),
        ("192.168.11.101", LAN, []),
        ("192.168.11.101/", LAN, []),
        ("192.168.11.101/api", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/api", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/api/", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/api/chat", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}//api/chat", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/API/Chat", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/v1", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/v1/chat/completions", LAN, [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/ollama/api/generate", f"{LAN}/ollama", [Caution.OLLAMA_PATH_DROPPED]),
        (f"{LAN}/api-proxy/x", f"{LAN}/api-proxy/x", []),
        (f"{LAN}/v10", f"{LAN}/v10", []),
        (f"{LAN}/Ollama", f"{LAN}/ollama", [Caution.PATH_LOWERED]),
        (f"{LAN}/ollama/V1", f"{LAN}/ollama", [Caution.OLLAMA_PATH_DROPPED]),
        ("192.168.11.101:8080", "http://192.168.11.101:8080", []),
        ("http://192.168.11.101", "http://192.168.11.101", [Caution.PORT_80]),
        ("http://192.168.11.101:80", "http://192.168.11.101", [Caution.PORT_80]),
        ("https://192.168.11.101", "https://192.168.11.101", []),
        ("https://192.168.11.101:443/", "https://192.168.11.101", []),
        ("https://192.168.11.101:80", "https://192.168.11.101:80", []),
        ("http://192.168.11.101:443", "http://192.168.11.101:443", []),
        ("http://GPU-Box.local.:11434", "http://gpu-box.local:11434", []),
        ("gpu-box.local", "http://gpu-box.local:11434", []),
        ("gpu-box", "http://gpu-box:11434", [Caution.SINGLE_LABEL]),
        ("gpu-box:11434", "http://gpu-box:11434", [Caution.SINGLE_LABEL]),
        ("https://gpu-box", "https://gpu-box", [Caution.SINGLE_LABEL]),
        ("http://http:11434", "http://http:11434", [Caution.SINGLE_LABEL]),
        ("http://[FD12:3456:0:0::1]:11434", "http://[fd12:3456::1]:11434", []),
        ("[fd12:3456::1]", "http://[fd12:3456::1]:11434", []),
        ("http://[fd00:0:0:1:0:0:0:1]:11434", "http://[fd00:0:0:1::1]:11434", []),
        ("http://[fd00:1:2:3:4:5:6::]:11434", "http://[fd00:1:2:3:4:5:6:0]:11434", []),
        ("https://gpu.tail1234.ts.net/", "https://gpu.tail1234.ts.net", []),
        ("https://ai.example.com/ollama/", "https://ai.example.com/ollama", []),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", []),
        ("https://8.8.8.8", "https://8.8.8.8", []),
        ("https://[2606:4700::1111]", "https://[2606:4700::1111]", []),
        (f"{LAN}/a.b/c~d_e-f", f"{LAN}/a.b/c~d_e-f", []),
        ("http://a--b.lan:11434", "http://a--b.lan:11434", []),
    ],
)
def test_an_address_that_is_taken(text: str, url: str, cautions: list[Caution]) -> None:
    address = normalise(text)
    assert (address.url, list(address.cautions)) == (url, cautions)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://0.0.0.0:11434", "unspecified_address"),
        ("0.0.0.0", "unspecified_address"),  # noqa: S104 - an input, nothing is bound
        ("http://0.1.2.3:11434", "unspecified_address"),
        ("http://[::]:11434", "unspecified_address"),
        ("http://localhost:11434", "loopback_is_the_phone"),
        ("localhost", "loopback_is_the_phone"),
        ("LOCALHOST.", "loopback_is_the_phone"),
        ("http://gpu.localhost:11434", "loopback_is_the_phone"),
        ("http://localhost.localdomain:11434", "loopback_is_the_phone"),
        ("127.0.0.1", "loopback_is_the_phone"),
        ("http://127.8.9.10", "loopback_is_the_phone"),
        ("[::1]", "loopback_is_the_phone"),
        ("https://[0:0:0:0:0:0:0:1]", "loopback_is_the_phone"),
        ("http://8.8.8.8:11434", "cleartext_public"),
        ("8.8.8.8", "cleartext_public"),
        ("http://ai.example.com:11434", "cleartext_public"),
        ("ai.example.com", "cleartext_public"),
        ("http://[2606:4700::1111]:11434", "cleartext_public"),
        ("http://home.arpa:11434", "cleartext_public"),
        ("http://evil-local.com:11434", "cleartext_public"),
        ("http://gpu.notlocal:11434", "cleartext_public"),
        ("http://172.15.0.1:11434", "cleartext_public"),
        ("http://172.32.0.1:11434", "cleartext_public"),
        ("http://100.63.0.1:11434", "cleartext_public"),
        ("http://100.128.0.1:11434", "cleartext_public"),
        ("http://192.169.0.1:11434", "cleartext_public"),
        ("http://169.254.169.254", "link_local"),
        ("https://169.254.169.254", "link_local"),
        ("http://[fe80::1]:11434", "link_local"),
        ("http://224.0.0.251:11434", "multicast"),
        ("http://[ff02::fb]:11434", "multicast"),
        ("http://255.255.255.255:11434", "broadcast"),
        ("http://192.0.2.7:11434", "documentation_address"),
        ("https://198.51.100.7", "documentation_address"),
        ("https://203.0.113.7", "documentation_address"),
        ("https://[2001:db8::7]", "documentation_address"),
        ("https://[3fff::7]", "documentation_address"),
        ("http://240.0.0.1:11434", "reserved_address"),
        ("https://192.0.0.8", "reserved_address"),
        ("https://192.88.99.1", "reserved_address"),
        ("https://198.18.0.1", "reserved_address"),
        ("https://[100::1]", "reserved_address"),
        ("https://[fec0::1]", "reserved_address"),
        ("https://[2001:2::1]", "reserved_address"),
        ("http://me@192.168.11.101:11434", "user_info"),
        ("http://me:secret@192.168.11.101:11434", "user_info"),
        ("http://192.168.11.101:11434\\@evil.com/", "backslash"),
        ("http:\\\\192.168.11.101", "backslash"),
        (f"{LAN}?x=1", "query"),
        (f"{LAN}/?", "query"),
        (f"{LAN}#x", "fragment"),
        ("http://gpü.local:11434", "non_ascii"),
        ("http://\uff11\uff19\uff12.168.11.101:11434", "non_ascii"),
        ("http://192。168。11。101:11434", "non_ascii"),
        ("http://gpu\ud800.local", "non_ascii"),
        ("\u00a0http://192.168.11.101:11434", "non_ascii"),
        ("http://[fe80::1%eth0]:11434", "zone_id"),
        ("http://[fe80::1%25eth0]:11434", "zone_id"),
        ("fe80::1%eth0", "zone_id"),
        ("http://192.168.11.101%2e:11434", "percent_encoding"),
        (f"{LAN}/%61pi", "percent_encoding"),
        ("http://[::ffff:192.168.11.101]:11434", "mapped_ipv6"),
        ("http://[::ffff:c0a8:b65]:11434", "mapped_ipv6"),
        ("http://[::192.168.11.101]:11434", "mapped_ipv6"),
        ("https://[64:ff9b::127.0.0.1]", "mapped_ipv6"),
        ("https://[2002:7f00:1::]", "mapped_ipv6"),
        ("https://[2001:0:53aa:64c::1]", "mapped_ipv6"),
        ("ftp:", "unsupported_scheme"),
        ("ftp://192.168.11.101", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("javascript:alert(1)", "unsupported_scheme"),
        ("ws://192.168.11.101:11434", "unsupported_scheme"),
        ("httpx://192.168.11.101", "unsupported_scheme"),
        ("gpu.local://x", "unsupported_scheme"),
        ("http:192.168.11.101", "missing_slashes"),
        ("http:/192.168.11.101", "missing_slashes"),
        ("HTTPS:gpu.local", "missing_slashes"),
        ("http:", "missing_slashes"),
        ("http:///192.168.11.101", "empty_host"),
        ("http://", "empty_host"),
        ("http://:11434", "empty_host"),
        (":11434", "empty_host"),
        ("/api/chat", "empty_host"),
        ("//192.168.11.101", "missing_scheme"),
        ("192.168.011.101", "ambiguous_ipv4"),
        ("3232238437", "ambiguous_ipv4"),
        ("0300.0250.013.0145", "ambiguous_ipv4"),
        ("192.168.2917", "ambiguous_ipv4"),
        ("http://0xc0a80b65:11434", "ambiguous_ipv4"),
        ("http://0xc0.0xa8.0x0b.0x65:11434", "ambiguous_ipv4"),
        ("http://192.168.11.0x65:11434", "ambiguous_ipv4"),
        ("http://gpu.0x:11434", "ambiguous_ipv4"),
        ("http://192.168.11.256:11434", "ambiguous_ipv4"),
        ("http://192.168.11.101.5:11434", "ambiguous_ipv4"),
        ("http://192.168.11.101.:11434", "ambiguous_ipv4"),
        ("http://192.168..101:11434", "ambiguous_ipv4"),
        ("http://gpu.1:11434", "ambiguous_ipv4"),
        ("192.168.11.101:0", "bad_port"),
        ("192.168.11.101:70000", "bad_port"),
        ("192.168.11.101:65536", "bad_port"),
        ("192.168.11.101:abc", "bad_port"),
        ("gpu-box:abc", "bad_port"),
        ("192.168.11.101:", "bad_port"),
        ("192.168.11.101:011434", "bad_port"),
        ("192.168.11.101:+80", "bad_port"),
        ("192.168.11.101:-1", "bad_port"),
        ("192.168.11.101:80:80", "bad_port"),
        ("192.168.11.101:" + "9" * 200, "bad_port"),
        ("192.168.11.101:22", "blocked_port"),
        ("192.168.11.101:6000", "blocked_port"),
        ("https://ai.example.com:6667", "blocked_port"),
        ("", "empty_address"),
        (" \t\r\n", "empty_address"),
        ("http://192.168.11.101:11434\x00", "control_character"),
        ("http://192.168.\n11.101", "control_character"),
        ("\x0bhttp://192.168.11.101", "control_character"),
        ("http://192.168.11.101\x7f", "control_character"),
        ("http://192.168.11.101 :11434", "inner_blank"),
        ("http: //192.168.11.101", "inner_blank"),
        ("http://gpu_box.local:11434", "bad_host"),
        ("http://-gpu.local:11434", "bad_host"),
        ("http://gpu-.local:11434", "bad_host"),
        ("http://gpu..local:11434", "bad_host"),
        ("http://gpu.local..:11434", "bad_host"),
        ("http://.:11434", "bad_host"),
        ("http://gpu,box:11434", "bad_host"),
        ("http://gpu;box:11434", "bad_host"),
        ("http://xn--a.local:11434", "bad_host"),
        ("http://1a.xn--4dbrk0ce.local:11434", "bad_host"),
        ("http://xn--55qx5d-.local:11434", "bad_host"),
        (f"http://{'a' * 64}.local:11434", "bad_host"),
        ("http://[]:11434", "bad_ipv6"),
        ("http://[fd12::1::2]:11434", "bad_ipv6"),
        ("http://[192.168.11.101]:11434", "bad_ipv6"),
        ("http://[fd12::1:11434", "bad_ipv6"),
        ("http://fd12::1]:11434", "bad_ipv6"),
        ("http://[fd12::1]x:11434", "bad_ipv6"),
        ("http://[v1.fe80]:11434", "bad_ipv6"),
        ("::1", "bare_ipv6"),
        ("fd12::1", "bare_ipv6"),
        ("http://fd12::1:11434/api", "bare_ipv6"),
        (f"{LAN}/a//b", "double_slash"),
        (f"{LAN}//ollama", "double_slash"),
        (f"{LAN}/../x", "dots_in_path"),
        (f"{LAN}/./x", "dots_in_path"),
        (f"{LAN}/a..b", "dots_in_path"),
        (f"{LAN}/api/../x", "dots_in_path"),
        (f"{LAN}/a;b", "bad_path"),
        (f"{LAN}/a<b>", "bad_path"),
        (f"{LAN}/a|b", "bad_path"),
        (f"{LAN}/" + "a" * 240, "too_long"),
        ("é" * 128, "too_long"),
        (f"https://{'.'.join(['a' * 60] * 4)}.example", "too_long"),
        ("gpu.local/" + "a" * 240, "too_long"),
        (" " * 256, "too_long"),
    ],
)
def test_an_address_that_is_refused(text: str, code: str) -> None:
    assert refusal_of(text).code == code


def test_every_refusal_and_caution_has_its_own_code_and_both_sentences() -> None:
    remarks = [*Refusal, *Caution]
    assert len({remark.code for remark in remarks}) == len(remarks)
    for remark in remarks:
        assert remark.sentence("en") != remark.sentence("fr")
        assert remark.sentence("en").endswith(".") or "http" in remark.sentence("en")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10.1.2.3", "lan"),
        ("172.16.0.1", "lan"),
        ("172.31.255.254", "lan"),
        ("[fc00::1]", "lan"),
        ("gpu.lan", "lan"),
        ("gpu.home.arpa", "lan"),
        ("gpu.internal", "lan"),
        ("gpu", "lan"),
        ("gpu.local", "mdns"),
        ("100.64.0.1", "vpn"),
        ("100.127.255.254", "vpn"),
        ("https://ai.example.com", "public"),
        ("https://1.1.1.1", "public"),
    ],
)
def test_an_address_knows_where_it_is_reached_from(text: str, kind: Kind) -> None:
    assert normalise(text).kind == kind


@pytest.mark.parametrize("text", ["http://localhost:11434", "http://127.0.0.1:11434", "http://[::1]:11434"])
def test_loopback_is_taken_where_the_operator_allows_it(text: str) -> None:
    assert normalise(text, Policy(allow_loopback=True)).url == text


def test_allowing_loopback_allows_nothing_else() -> None:
    policy = Policy(allow_loopback=True)
    assert refusal_of("http://0.0.0.0:11434", policy) is Refusal.UNSPECIFIED
    assert refusal_of("http://[::ffff:127.0.0.1]:11434", policy) is Refusal.EMBEDDED_IPV4


OWN = Policy(own_hosts=frozenset({"popote.example.com", "2606:4700::5", "192.168.1.5", "popote.local"}))


@pytest.mark.parametrize(
    "text", ["https://popote.example.com", "https://POPOTE.example.com.:8443/x", "https://[2606:4700:0::5]"]
)
def test_the_backends_own_public_hosts_are_refused(text: str) -> None:
    assert refusal_of(text, OWN) is Refusal.OWN_HOST


@pytest.mark.parametrize("text", ["http://192.168.1.5:11434", "http://popote.local:11434"])
def test_at_home_ollama_may_share_the_backends_machine(text: str) -> None:
    assert normalise(text, OWN).url == text


# What holds for any text. The texts are made from pieces that matter, so that many are taken.

octets = st.integers(0, 299).map(str)
quads = st.lists(octets, min_size=4, max_size=4).map(".".join)
private_quads = st.one_of(
    st.integers(0, 2**24 - 1).map(lambda n: str(IPv4Address(0x0A000000 + n))),
    st.integers(0, 2**16 - 1).map(lambda n: str(IPv4Address(0xC0A80000 + n))),
    st.integers(0, 2**22 - 1).map(lambda n: str(IPv4Address(0x64400000 + n))),
)
ipv6 = st.ip_addresses(v=6).map(lambda ip: f"[{ip}]")
local_ipv6 = st.one_of(
    st.integers(0, 2**121 - 1).map(lambda n: f"[{IPv6Address((0xFC << 120) + n).exploded.upper()}]"),
    st.lists(st.sampled_from(["0", "00", "1", "Ab"]), min_size=7, max_size=7).map(
        lambda groups: f"[fd00:{':'.join(groups)}]"
    ),
)
labels = st.one_of(
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?", fullmatch=True),
    st.sampled_from(
        ["gpu-box", "local", "lan", "com", "xn--bcher-kva", "xn--4dbrk0ce", "XN--A", "0x1f", "1", "\u0661"]
    ),
    st.text("abü0", min_size=1, max_size=5).map(lambda text: "xn--" + text.encode("punycode").decode()),
)
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
suffixed = st.tuples(names, st.sampled_from(["", ".", ".local", ".lan.", ".home.arpa", ".internal"])).map("".join)
hosts = st.one_of(private_quads, quads, ipv6, local_ipv6, names, suffixed)
ports = st.one_of(
    st.just(""), st.integers(0, 70000).map(lambda port: f":{port}"), st.sampled_from([":80", ":443", ":"])
)
segments = st.one_of(
    st.sampled_from(["", "api", "chat", "v1", "Ollama", "..", ".", "a.b", "~", "a b", "%41"]),
    st.text("abcXYZ019._~-!$&'()*+,;=:", max_size=8),
)
paths = st.lists(segments, max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts))
schemes = st.sampled_from(["", "http://", "https://", "HTTPS://", "http:", "//", "ftp://"])
pieces = st.lists(
    st.sampled_from(
        ["http", "https", ":", "/", "\\", "@", "[", "]", "::", "%", ".", "192.168.1.1", "evil.com", "\t", "80"]
    )
).map("".join)
blanks = st.sampled_from(["", " ", "\n", "\t\r"])
odd = st.tuples(blanks, schemes, hosts, ports, paths, blanks).map("".join)
local_names = st.from_regex(r"[A-Za-z]([a-z0-9-]{0,9}[a-z0-9])?\.(local|LAN)\.?", fullmatch=True)
good = st.tuples(
    blanks,
    st.sampled_from(["", "http://", "https://", "HTTPS://"]),
    st.one_of(
        private_quads, local_ipv6, st.from_regex(r"[A-Za-z]([a-z0-9-]{0,9}[a-z0-9])?\.(local|LAN)\.?", fullmatch=True)
    ),
    st.one_of(st.just(""), st.integers(7000, 10000).map(lambda port: f":{port}"), st.sampled_from([":80", ":443"])),
    st.lists(st.sampled_from(["", "api", "chat", "v1", "Ollama", "a.b", "~"]), max_size=2).map(
        lambda parts: "".join(f"/{part}" for part in parts)
    ),
    blanks,
).map("".join)
likely = st.one_of(good, good, odd)
anything = st.one_of(good, odd, pieces, st.text())
loose = Policy(allow_loopback=True)


def taken(text: str) -> Address:
    """Return the address that `text` means; give the example up where it means none."""
    try:
        return normalise(text, loose)
    except Refused:
        assume(condition=False)
        raise


@given(anything)
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with suppress(Refused):
        assert normalise(text).kind in get_args(Kind)


@given(likely)
def test_a_second_pass_changes_nothing(text: str) -> None:
    address = taken(text)
    again = normalise(address.url, loose)
    assert (again.url, again.kind) == (address.url, address.kind)
    assert Caution.OLLAMA_PATH_DROPPED not in again.cautions


@given(likely)
@example("http://[fd00::1:0:0:1]:11434/x")
@example("https://xn--4dbrk0ce.local:443/a.b/~c")
def test_urlsplit_and_a_browsers_parser_read_the_same(text: str) -> None:
    url = taken(text).url
    python, browser = urlsplit(url), can_ada.parse(url)
    assert browser.href == (url if python.path else f"{url}/")
    assert browser.protocol == f"{python.scheme}:"
    assert browser.hostname.strip("[]") == python.hostname
    assert browser.port == ("" if python.port is None else str(python.port))
    assert browser.pathname == (python.path or "/")
    assert "@" not in python.netloc
    assert not python.query + python.fragment


@given(likely)
def test_what_a_client_appends_never_makes_two_slashes(text: str) -> None:
    url = taken(text).url
    assert "//" not in f"{url}/api/chat".partition("://")[2]


@given(likely)
def test_the_output_is_lower_case_short_and_has_no_slash_at_its_end(text: str) -> None:
    url = taken(text).url
    assert url == url.lower()
    assert not url.endswith("/")
    assert len(url) <= 255
    assert re.fullmatch(r"https?://[a-z0-9.:\[\]-]+(/[a-z0-9._~-]+)*", url)
