"""Languages, other sites, names of files: what is decided before anything is stored."""

import re
from string import Formatter

import pytest
from starlette.requests import HTTPConnection

from adapters.platforms.web.refusals import RequestRefused, require_same_site
from adapters.platforms.web.sentences import SENTENCES, preferred_locale, sentence
from adapters.platforms.web.uploads import capped, claimed_type, clean_name


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("en;q=0.3, zh-TW;q=0.8", "zh-TW"),
        ("*", None),
        ("", None),
        ("en;q=nonsense, de", "de"),
        ("fr;q=0", None),
    ],
)
def test_the_browsers_favourite_language_is_taken(header, locale):
    assert preferred_locale(header) == locale


@pytest.mark.parametrize("name", SENTENCES)
def test_every_sentence_is_said_in_both_languages(name):
    english, chinese = sentence(name, "en", limit=12), sentence(name, "zh", limit=12)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)
    places = [[field for _, field, _, _ in Formatter().parse(text) if field] for text in SENTENCES[name]]
    assert places[0] == places[1]


def connection(**headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "chat.example", "origin": "https://evil.example"},
        {"host": "chat.example", "origin": "null"},
        {"host": "chat.example:8080", "origin": "http://chat.example:9090"},
        {"host": "chat.example", "sec_fetch_site": "cross-site"},
    ],
)
def test_what_another_site_sends_is_refused(headers):
    with pytest.raises(RequestRefused) as caught:
        require_same_site(connection(**headers))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "chat.example"},
        {"host": "Chat.example:8080", "origin": "http://chat.example:8080", "sec_fetch_site": "same-origin"},
        {"host": "chat.example", "origin": "https://chat.example"},
    ],
)
def test_the_page_and_scripts_are_let_in(headers):
    require_same_site(connection(**headers))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\cat.png", "cat.png"),
        ('a"b\r\nX-Evil: 1.png', 'a"bX-Evil: 1.png'),
        ("", "file"),
        ("报告.pdf", "报告.pdf"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_a_files_name_is_fit_to_show(name, clean):
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        ("image/PNG", "image/png"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: 1", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_a_claimed_type_is_well_formed_or_some_bytes(claimed, taken):
    assert claimed_type(claimed) == taken


async def test_a_body_is_not_read_further_once_it_is_too_large():
    read = 0

    async def receive():
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 600, "more_body": True}

    limited = capped(receive, 1024)
    await limited()
    with pytest.raises(RequestRefused) as caught:
        await limited()
    assert (caught.value.status, read) == (413, 2)
