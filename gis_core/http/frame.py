"""The frame around every page: head, foot, and the ways that lead from it to everything, in whichever process.

A package with a page or a service of its own has a module ``ways`` with ``WAYS``; nobody keeps a list of all. Head and
foot are made here, as HTML, without a web framework: Django's templates take them by ``{% head %}`` and ``{% foot %}``
(gis_core/templatetags/frame.py), the tile server by `head` and `foot`. Their looks are ``static/frame.css``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from typing import Literal
from urllib.parse import quote

from gis_core.audiences import TITLES, Caller
from gis_core.config import ROOT
from gis_core.layer import Audience
from gis_core.words import LANGUAGES, Language, Text

NOTHING = Text("", "")
SITE = Text("Hương", "Hương")
CITY = Text("Thành phố Huế", "The city of Huế")
SKIP = Text("Đến nội dung chính", "Skip to the main content")
SEARCH = Text("Tra cứu", "Search")
SEARCH_LABEL = Text("Tìm nơi, đường, công trình, số thửa", "Find a place, a road, a facility, a parcel")
SEARCH_HINT = Text("Tìm nơi, đường, số thửa", "Place, road or parcel")  # as much as a phone shows
LANGUAGE = Text("Ngôn ngữ", "Language")
ACCOUNT = Text("Tài khoản", "Account")
SIGN_IN = Text("Đăng nhập", "Sign in")
SIGN_OUT = Text("Đăng xuất", "Sign out")
SEEN_AS = Text("Bạn đang xem với quyền", "You are looking as")
EVERYWHERE = Text("Mọi lối đi", "Everywhere else")
MENU = Text("Trang và dịch vụ", "Pages and services")
PAGES = Text("Các trang", "Pages")
PROGRAMS = Text("Cho phần mềm", "For programs")
NAMES: dict[Language, tuple[str, str]] = {"vi": ("VI", "Tiếng Việt"), "en": ("EN", "English")}

ICON = '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
STYLE = '<link rel="stylesheet" href="/static/frame.css">'
RIVER = (
    '<svg class="river" viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M2 8c4-4 7-4 10 0s6 4 10 0M2 16c4-4 7-4 10 0s6 4 10 0"/></svg>'
)
BARS = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16"/></svg>'


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way from every page. A ``program`` address is typed into a program, and ``note`` says into which and how.

    ``address`` begins with ``/``; a page that is ``translated`` has its English twin below ``/en``. What ``staff``
    alone may open is shown to staff alone; a ``file`` is opened as it is, not explained.
    """

    address: str
    title: Text
    kind: Literal["page", "program"]
    note: Text = NOTHING
    translated: bool = False
    staff: bool = False
    file: bool = False
    order: int = 100

    def to(self, language: str) -> str:
        """The address in a language."""
        return f"/en{self.address}" if self.translated and language == "en" else self.address

    @property
    def id(self) -> str:
        """What the page of help calls it: ``wms``."""
        return self.address.strip("/").split("/")[0]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads a page, as far as its frame tells: never a name, so that no cache can hand one on.

    ``here`` is the address as it was asked for, with its query; empty for an answer that no address brings back.
    ``translated`` pages have a twin below ``/en``; of others the reader's choice is kept (a cookie).
    """

    language: Language
    here: str = ""
    somebody: bool = False
    audience: Audience = "citizen"
    staff: bool = False
    translated: bool = False
    searched: str = ""

    @classmethod
    def of(cls, caller: Caller, language: Language, here: str) -> Reader:
        """The reader that ``caller`` is, of a page that has no twin in the other language."""
        acts = caller.audience != "citizen"
        return cls(
            language=language,
            here=here,
            somebody=caller.actor is not None,
            audience=caller.audience,
            staff=acts,
        )

    @property
    def path(self) -> str:
        return self.here.partition("?")[0]

    def sees(self, way: Way) -> bool:
        return self.staff or not way.staff


@cache
def ways() -> tuple[Way, ...]:
    """All ways of the house's packages, in their order."""
    found = [way for name in packages_with_ways() for way in import_module(f"{name}.ways").WAYS]
    return tuple(sorted(found, key=lambda way: (way.order, way.address)))


def packages_with_ways() -> Iterator[str]:
    for path in sorted((*ROOT.glob("*/ways.py"), *ROOT.glob("*/*/ways.py"))):
        folders = path.relative_to(ROOT).parts[:-1]
        if all((ROOT.joinpath(*folders[: n + 1]) / "__init__.py").exists() for n in range(len(folders))):
            yield ".".join(folders)


# The parts ----------------------------------------------------------------------------------------------------------


def head(reader: Reader, *, skip: bool = True) -> str:
    """The head of a page whose main part is ``#main``: house, search, account, languages, all ways; before it a link
    past it, unless the page has one."""
    say = reader.language
    home = "/en/" if say == "en" else "/"
    city = f" <small>{CITY.to(say)}</small>"
    first = f'<a class="skip" href="#main">{SKIP.to(say)}</a>\n' if skip else ""
    return (
        f'{first}<header class="top">'
        f'<a class="house" href="{home}">{RIVER}<span>{SITE.to(say)}</span>{city}</a>\n'
        f"{_search(reader)}\n"
        f'<nav class="account" aria-label="{ACCOUNT.to(say)}">{_account(reader)}</nav>\n'
        f"{_languages(reader)}\n{_menu(reader)}</header>\n{_audience(reader)}"
    )


def foot(reader: Reader, tag: str = "footer") -> str:
    """The foot of a page: the pages that every page leads to."""
    links = "\n".join(_link(reader, way) for way in _seen(reader, "page"))
    label = escape(EVERYWHERE.to(reader.language))
    return f'<{tag} class="foot"><nav aria-label="{label}">{links}</nav></{tag}>'


def _search(reader: Reader) -> str:
    say = reader.language
    address = "/en/search" if say == "en" else "/search"
    label = escape(SEARCH_LABEL.to(say))
    return (
        f'<form class="search" role="search" action="{address}" method="get">'
        f'<label for="q" class="unseen">{label}</label>'
        f'<input id="q" name="q" type="search" value="{escape(reader.searched)}" maxlength="200" autocomplete="off"'
        f' enterkeyhint="search" placeholder="{escape(SEARCH_HINT.to(say))}"><button>{SEARCH.to(say)}</button></form>'
    )


def _account(reader: Reader) -> str:
    say = reader.language
    if reader.somebody:
        return (
            f'<a href="/accounts/"{_current(reader, "/accounts/")}>{ACCOUNT.to(say)}</a>'
            f' <a href="/accounts/logout/">{SIGN_OUT.to(say)}</a>'
        )
    # Whoever signs in on a page of accounts goes on from there by its own rules.
    back = "" if reader.here.startswith("/accounts/") or not reader.here else f"?next={quote(reader.here)}"
    return f'<a href="/accounts/login/{back}"{_current(reader, "/accounts/login/")}>{SIGN_IN.to(say)}</a>'


def _languages(reader: Reader) -> str:
    label = f'class="languages" aria-label="{LANGUAGE.to(reader.language)}"'
    if reader.translated:
        bare = reader.here
        if reader.language == "en":
            bare = "/" + bare.removeprefix("/en").lstrip(
                "/"
            )  # two slashes would begin the name of another host
        links = (
            f'<a href="{escape(("/en" if code == "en" else "") + bare)}" hreflang="{code}" lang="{code}"'
            f"{_chosen(reader, code)}>{_named(code)}</a>"
            for code in LANGUAGES
        )
        return f"<nav {label}>{''.join(links)}</nav>"
    back = f'<input type="hidden" name="next" value="{escape(reader.here)}">' if reader.here else ""
    buttons = (
        f'<button name="language" value="{code}" lang="{code}"{_chosen(reader, code)}>{_named(code)}</button>'
        for code in LANGUAGES
    )
    return f'<form {label} method="post" action="/accounts/language/">{back}{"".join(buttons)}</form>'


def _menu(reader: Reader) -> str:
    """Every way, behind a button that needs no script; Escape and a press elsewhere close it."""
    say = reader.language
    groups = ""
    for title, kind in ((PAGES, "page"), (PROGRAMS, "program")):
        items = "".join(f"<li>{_link(reader, way)}</li>" for way in _seen(reader, kind))
        groups += f"<div><strong>{title.to(say)}</strong><ul>{items}</ul></div>"
    return (
        f'<button type="button" class="ways-button" popovertarget="ways">{BARS}<span class="unseen">'
        f"{MENU.to(say)}</span></button>"
        f'<nav id="ways" class="ways" popover aria-label="{MENU.to(say)}">{groups}'
        f'<p class="ways-account">{_account(reader)}</p></nav>'
    )


def _audience(reader: Reader) -> str:
    if reader.audience == "citizen":
        return ""
    say = reader.language
    return f'<p class="audience">{SEEN_AS.to(say)}: <strong>{TITLES[reader.audience].to(say)}</strong></p>\n'


def _seen(reader: Reader, kind: str) -> Iterator[Way]:
    """The ways of a kind that are shown to ``reader``; a program's own page of accounts is no second way there."""
    return (way for way in ways() if way.kind == kind and reader.sees(way))


def _link(reader: Reader, way: Way) -> str:
    say = reader.language
    address = way.to(say)
    if way.kind == "program" and not way.file:
        address = f"{'/en' if say == 'en' else ''}/help#{way.id}"
    return f'<a href="{escape(address)}"{_current(reader, address)}>{escape(way.title.to(say))}</a>'


def _current(reader: Reader, address: str) -> str:
    return ' aria-current="page"' if reader.path == address else ""


def _chosen(reader: Reader, code: str) -> str:
    return ' aria-current="true"' if code == reader.language else ""


def _named(code: Language) -> str:
    short, name = NAMES[code]
    return f'<span aria-hidden="true">{short}</span><span class="unseen">{name}</span>'
