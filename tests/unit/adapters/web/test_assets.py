"""The page's files: all there, none from elsewhere, nothing inline."""

import re

import pytest

from adapters.platforms.web.assets import CONTENT_SECURITY_POLICY, load_assets

ASSETS = load_assets()
OURS = [name for name in ASSETS if not name.startswith("vendor/")]


def text_of(name: str) -> str:
    return ASSETS[name].data.decode()


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_the_page_has_no_inline_script_or_style():
    page = text_of("index.html")
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("name", OURS)
def test_nothing_is_loaded_from_another_host(name):
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", text_of(name)))
    assert addresses <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", [name for name in OURS if name.endswith((".js", ".html"))])
def test_everything_that_is_asked_for_is_there(name):
    text = text_of(name)
    asked = set(re.findall(r'(?:src|href)="/static/([^"]+)"', text))
    asked |= set(re.findall(r'(?:from |import\()"\./([^"]+)"', text))
    assert asked <= set(ASSETS)


@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(".js")])
def test_modules_are_short_and_never_write_html(name):
    text = text_of(name)
    assert len(text.splitlines()) <= 300
    assert not re.search(r"\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|\beval\(", text)


def test_every_icon_that_is_used_is_drawn():
    page = text_of("index.html")
    drawn = set(re.findall(r'<symbol id="i-(\w+)"', page))
    used = set(re.findall(r'href="#i-(\w+)"', page))
    for name in OURS:
        used |= set(re.findall(r'(?:\bicon\(|\biconButton\(|\bicon: )"(\w+)"', text_of(name)))
    assert len(used) > 15
    assert used <= drawn


def test_both_languages_have_the_same_words():
    english, chinese = text_of("i18n.js").partition("const WORDS")[2].split("\n  zh: {")
    keys = [
        set(re.findall(r"(?:^|[{,]\s)\s*(\w+): (?=[\"(\[])", part, re.MULTILINE))
        for part in (english, chinese)
    ]
    assert len(keys[1]) > 50
    assert keys[0] == keys[1]


@pytest.mark.parametrize("library", ["marked", "dompurify", "highlightjs"])
def test_a_shipped_library_brings_its_licence_and_version(library):
    assert len(text_of(f"vendor/{library}.LICENSE.txt")) > 500
    assert re.search(rf"{library}.*\| \d+\.\d+\.\d+ \|", text_of("vendor/README.md"))
