"""The pages around printing: the form of a sheet, and the check of a printed one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gis_core.accounts.resolving import current_caller
from gis_core.audiences import TITLES, Caller
from gis_core.reading import config
from gis_core.words import Language
from tilesrv.printing.asked import GRIDS
from tilesrv.printing.graticule import written
from tilesrv.printing.paper import ORIENTATIONS, PAPERS_MM
from tilesrv.printing.proof import Facts, code_of, facts_of_code, facts_of_text
from tilesrv.styles.book import BASEMAP, BASEMAP_TITLE
from web import city, format, legend
from web.coordinates import written as written_place
from web.pages import page, show
from web.printing import preview, scales, words
from web.printing.form import Draft, Fields, offered, read_form
from web.state import MapState
from web.style_words import Said
from web.symbols import symbols

LONGEST_CODE = 200


@page
def print_page(request: HttpRequest, language: Language) -> HttpResponse:
    """The form with its preview; with ``do=print`` and no fault the way to the PDF."""
    caller = current_caller(request)
    draft = read_form(request.GET, caller, language)
    if draft.asked is not None and request.GET.get("do") == "print":
        return HttpResponseRedirect(draft.address)
    groups = layer_groups(draft, caller, language)
    context = {
        "t": Said(words.FORM, language),
        "state": MapState(),
        "fields": draft.fields,
        "errors": {name: text.to(language) for name, text in draft.errors.items()},
        "faults": [(name, text.to(language)) for name, text in words.FORM.items() if name in draft.errors],
        "choices": [{"choice": each, "address": choosing(draft, each.key)} for each in draft.choices],
        **options(language),
        "timed": timed(caller, language),
        "groups": groups,
        "symbols": symbols(row["look"].symbol for group in groups for row in group["rows"] if row["look"]),
        **sheet(draft, caller, language),
    }
    return show(request, language, "print/form.html", context, status=400 if draft.errors else 200)


def choosing(draft: Draft, key: str) -> str:
    """The query of the form in which the feature ``key`` is the middle."""
    return draft.fields.query(place="", pick=key)


def options(language: Language) -> dict[str, Any]:
    """What the form's lists offer: values and their words."""
    return {
        "scales": [(str(scale), f"1:{written(scale, language)}") for scale in scales.OFFERED],
        "papers": [(name, f"{name} ({short} × {long} mm)") for name, (short, long) in PAPERS_MM.items()],
        "orientations": [(each, words.PAPER[each].to(language)) for each in ORIENTATIONS],
        "grids": [(str(srid), f"{name} (EPSG:{srid})") for srid, name in GRIDS.items()],
        "langs": [(code, text.to(language)) for code, text in words.LANGUAGE.items()],
        "modes": [(mode, text.to(language)) for mode, text in words.MODE.items()],
    }


def timed(caller: Caller, language: Language) -> str:
    """What says that some of the map is of a day, and what; empty where nothing is."""
    titles = [layer.title.to(language) for layer in city.layers(caller) if layer.has_intervals]
    return words.FORM["t_hint"].to(language).format(titles=", ".join(titles)) if titles else ""


def layer_groups(draft: Draft, caller: Caller, language: Language) -> list[dict[str, Any]]:
    """The layers that can be printed, in the groups of the map's legend, the basemap first."""
    names, chosen = set(offered(caller)), set(draft.fields.layers)
    basemap = {"id": BASEMAP, "title": BASEMAP_TITLE.to(language), "on": BASEMAP in chosen, "look": None}
    grouped: dict[str, list[dict[str, Any]]] = {"": [basemap]}
    for layer in city.layers(caller):
        if layer.id in names:
            look = legend.look(layer, caller, language)
            row = {"id": layer.id, "title": look.title, "on": layer.id in chosen, "look": look}
            grouped.setdefault(look.group, []).append(row)
    return [{"title": title, "rows": rows} for title, rows in grouped.items()]


def sheet(draft: Draft, caller: Caller, language: Language) -> dict[str, Any]:
    """What is shown of the sheet beside the form; nothing while something is wrong."""
    asked = draft.asked
    if asked is None:
        return {"picture": None}
    context: dict[str, Any] = {
        "picture": preview.framed(asked.layers, asked.box, asked.srid, asked.mode, day=draft.fields.t),
        "summary": preview.summary(asked, language),
        "middle": preview.middle(draft, language),
        "notices": [text.to(language) for text in preview.notices(asked, caller)],
        "pdf": draft.address,
    }
    if (scale := preview.fitting_scale(draft, asked)) is not None and draft.place is not None:
        context["fit"] = {
            "notice": words.TOO_LARGE.to(language).format(title=draft.place.name(language)),
            "address": draft.fields.query(fit="1"),
            "words": words.FIT.to(language).format(scale=written(scale, language)),
        }
    return context


@page
def check_page(request: HttpRequest, language: Language) -> HttpResponse:
    """Whether a sheet is ours, by the text of its QR code (``d``) or the letters below it (``code``)."""
    caller = current_caller(request)
    text, code = request.GET.get("d", ""), request.GET.get("code", "").strip()[:LONGEST_CODE]
    found = facts_of_text(config(), text) if text else facts_of_code(config(), code) if code else None
    other: Language = "en" if language == "vi" else "vi"
    verdict = words.GENUINE if found is not None else words.NOT_OURS
    context = {
        "t": Said(words.CHECK, language),
        "state": MapState(),
        "code": code,
        "asked": bool(text or code),
        "genuine": found is not None,
        "verdict": verdict.to(language),
        "other": {"language": other, "verdict": verdict.to(other)},
        "typed": not text,
    }
    if found is not None:
        context["facts"] = facts_shown(found, caller, language)
        context["picture"] = preview.of_facts(found, caller)
        context["again"] = again(found, language)
    status = 404 if found is None and (text or code) else 200
    return show(request, language, "print/check.html", context, status=status)


def facts_shown(facts: Facts, caller: Caller, language: Language) -> list[tuple[str, str]]:
    """What a seal vouches for, as labels and words."""
    titles = {layer.id: layer.title.to(language) for layer in city.layers(caller)}
    titles[BASEMAP] = BASEMAP_TITLE.to(language)
    minx, miny, maxx, maxy = (written(round(each), language) for each in facts.box)
    values = {
        "title": facts.title,
        "printed": format.moment(facts.printed),
        "scale": f"1:{written(facts.scale, language)}",
        "paper": f"{facts.paper}, {words.PAPER[facts.orientation].to(language).lower()}",
        "grid": f"{GRIDS[facts.srid]} (EPSG:{facts.srid})",
        "center": written_place(*facts.center, language),
        "box": f"{miny}; {minx} – {maxy}; {maxx}",
        "layers": ", ".join(titles.get(name, name) for name in facts.layers),
        "day": day_said(facts.day),
        "seen_as": {**TITLES, "citizen": words.CITIZEN}[facts.audience].to(language),
        "code": code_of(config(), facts),
    }
    return [(words.FACTS[name].to(language), value) for name, value in values.items() if value]


def day_said(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}" if day else ""


def again(facts: Facts, language: Language) -> str:
    """The query of the form that prints the same sheet from the data of today."""
    fields = Fields(
        place=written_place(*facts.center, language),
        scale=str(facts.scale),
        paper=facts.paper,
        orientation=facts.orientation,
        crs=str(facts.srid),
        layers=facts.layers or (BASEMAP,),
        title=facts.title,
        lang=language,
        t=facts.day,
    )
    return fields.query()
