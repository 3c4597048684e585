"""The page on which staff edit a dataset's style: who may, what its buttons do, how faults are said."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from gis_core.accounts.models import User
from gis_core.config import Config
from gis_core.layer import Layer
from gis_core.reading import registry
from gis_core.styles.editing import history
from gis_core.styles.standard import styles_of
from tests.acceptance import places
from tests.gis_core.accounts.conftest import new_user, signed_in
from web.style_words import DONE, EDITOR, ISLAND

CITY = "demo"
GOOD = [
    {
        "id": "dot",
        "type": "circle",
        "paint": {"circle-color": ["match", ["get", "state"], "good", "#123456", "#654321"]},
    }
]
FAULTY = [{"id": "dot", "type": "circle", "paint": {"circle-color": ["get", "nope"]}}]
Browser = Callable[..., Client]


def page_of(layer: str) -> str:
    return f"/admin/web/layerstyles/{layer.replace('_', '_5F')}/change/"


@pytest.fixture
def trees(city: Config, request: pytest.FixtureRequest) -> Layer:
    layer = places.dataset("trees" + str(abs(hash(request.node.name)) % 10**8))
    row = f"insert into {layer.table} (species, state, geom) values ('Sấu', 'good', st_point(107.6, 16.4, 4326))"
    places.publish(city, layer, row)
    registry().current(fresh=True)
    return layer


@pytest.fixture
def browser(city: Config) -> Browser:
    """A signed-in user with the audience ``roles`` and Django's permission ``may`` (change, view or none)."""

    def made(may: str = "change", roles: str = "operations") -> Client:
        user = User.objects.filter(username=f"styles-{may}-{roles}").first()
        if user is None:
            user = new_user(f"styles-{may}-{roles}", roles={roles: []}, second_factor=True, is_staff=True)
            wanted = Permission.objects.filter(
                codename__in=[f"{may}_layerstyles", "view_layerstyles" if may else ""]
            )
            user.user_permissions.add(*wanted)
        return signed_in(user, second_step_at=time.time())

    return made


def sent(does: str, layers: object = GOOD, **more: str) -> dict[str, str]:
    text = layers if isinstance(layers, str) else json.dumps(layers)
    form = {"do": does, "was": "", "id": "dots", "title_vi": "Chấm", "title_en": "Dots", "text": text}
    return {**form, **more}


def standing(layer: Layer) -> list[str]:
    return [style.id for style in styles_of(registry().current(fresh=True).layers[layer.id].layer)]


class TestButtons:
    def test_a_style_is_added_made_first_and_taken_away(self, browser: Browser, trees: Layer) -> None:
        client, page = browser(), page_of(trees.id)
        assert client.post(page, sent("save", seen="0")).status_code == 302
        assert standing(trees) == ["default", "dots"]
        client.post(page, sent("first", was="dots"))
        assert standing(trees) == ["dots", "default"]
        client.post(page, sent("save", was="dots", id="points"))
        assert standing(trees) == ["points", "default"]
        client.post(page, sent("delete", was="points"))
        assert standing(trees) == ["default"]
        oldest = history(trees.id)[-2]
        client.post(page, {"do": "restore", "edit": str(oldest.id)})
        assert standing(trees) == ["default", "dots"]
        said = client.get(page).content.decode()
        assert said.count("styles-change-operations") >= 5
        assert LogEntry.objects.filter(object_id=trees.id).count() == 5

    def test_a_fault_keeps_what_was_typed_and_names_its_place(self, browser: Browser, trees: Layer) -> None:
        answer = browser().post(page_of(trees.id), sent("save", FAULTY))
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "<code>layers[0].paint.circle-color[1]</code>" in text and "lớp không có trường “nope”" in text
        assert "&quot;nope&quot;" in text
        assert standing(trees) == ["default"]

    def test_faults_are_said_in_the_users_language(self, browser: Browser, trees: Layer) -> None:
        answer = browser().post(page_of(trees.id), sent("save", FAULTY), headers={"Accept-Language": "en"})
        assert "the layer has no field &quot;nope&quot;" in answer.content.decode()

    @pytest.mark.parametrize("text", ["", "[", "[" * 50_000, '"\\ud800"', "null", "x" * 300_000])
    def test_what_is_no_style_is_refused_and_no_failure(
        self, browser: Browser, trees: Layer, text: str
    ) -> None:
        assert browser().post(page_of(trees.id), sent("save", text)).status_code == 422

    def test_without_script_the_preview_is_a_picture_and_saves_nothing(
        self, browser: Browser, trees: Layer
    ) -> None:
        text = browser().post(page_of(trees.id), sent("preview")).content.decode()
        assert re.search(r'<use href="#s-circle"[^>]* fill="#123456"', text)
        assert standing(trees) == ["default"]

    def test_the_second_of_two_editors_is_told(self, browser: Browser, trees: Layer) -> None:
        client = browser()
        client.post(page_of(trees.id), sent("save", seen="0"))
        late = client.post(page_of(trees.id), sent("save", id="other", seen="0"))
        assert "Có người khác vừa sửa" in late.content.decode()
        assert standing(trees) == ["default", "dots"]

    def test_an_id_is_used_once(self, browser: Browser, trees: Layer) -> None:
        answer = browser().post(page_of(trees.id), sent("save", id="default"))
        assert answer.status_code == 422 and "<code>id</code>" in answer.content.decode()

    def test_markup_in_a_title_stays_text(self, browser: Browser, trees: Layer) -> None:
        client = browser()
        client.post(page_of(trees.id), sent("save", title_vi="<script>alert(1)</script>"))
        assert "<script>alert" not in client.get(page_of(trees.id)).content.decode()


class TestChecking:
    def test_a_valid_style_comes_back_by_day_and_by_night(self, browser: Browser, trees: Layer) -> None:
        halo = [{**GOOD[0], "paint": {"circle-color": "@map-halo"}}]
        answer = browser().post(page_of(trees.id).replace("change/", "check/"), sent("", halo)).json()
        assert answer["ok"]
        colours = {mode: answer[mode][0]["paint"]["circle-color"] for mode in ("day", "night")}
        assert colours == {"day": "#ffffff", "night": "#0a0e12"}

    def test_the_preview_says_nothing_of_fields_that_the_editor_may_not_see(
        self, browser: Browser, trees: Layer
    ) -> None:
        secret = [{**GOOD[0], "filter": ["==", ["get", "owner_name"], "An"]}]
        answer = browser().post(page_of(trees.id).replace("change/", "check/"), sent("", secret)).json()
        assert answer["ok"] and "An" not in json.dumps(answer)

    def test_a_fault_is_an_answer(self, browser: Browser, trees: Layer) -> None:
        answer = browser().post(page_of(trees.id).replace("change/", "check/"), sent("", FAULTY))
        assert answer.status_code == 200
        assert answer.json()["path"] == "layers[0].paint.circle-color[1]"


class TestWho:
    def test_a_layer_of_the_code_is_only_shown(self, browser: Browser) -> None:
        client = browser()
        page = client.get(page_of("reports")).content.decode()
        assert EDITOR["in_code"].vi in page and 'value="save"' not in page
        assert client.post(page_of("reports"), sent("save")).status_code == 403

    def test_who_may_only_look_cannot_change(self, browser: Browser, trees: Layer) -> None:
        client = browser("view")
        assert 'value="save"' not in client.get(page_of(trees.id)).content.decode()
        assert client.post(page_of(trees.id), sent("save")).status_code == 403
        assert client.post(page_of(trees.id).replace("change/", "check/"), sent("")).status_code == 403

    def test_without_permission_there_is_nothing(self, browser: Browser, trees: Layer) -> None:
        assert browser("").get(page_of(trees.id)).status_code == 403

    def test_strangers_are_led_to_the_door(self, city: Config, trees: Layer) -> None:
        for address in (page_of(trees.id), page_of(trees.id).replace("change/", "check/")):
            assert "/login/" in Client().get(address)["Location"]

    def test_a_change_without_the_pages_token_is_refused(self, browser: Browser, trees: Layer) -> None:
        client = browser()
        client.handler.enforce_csrf_checks = True
        for address in (page_of(trees.id), page_of(trees.id).replace("change/", "check/")):
            assert client.post(address, sent("save")).status_code == 403
        assert standing(trees) == ["default"]

    def test_a_layer_of_another_audience_is_not_there(self, browser: Browser, city: Config) -> None:
        hidden = places.dataset("hidden_trees", audiences=frozenset({"land"}), write=None)
        places.publish(city, hidden)
        client = browser()
        assert client.get(page_of("hidden_trees")).status_code == 404
        assert "hidden_trees" not in client.get("/admin/web/layerstyles/").content.decode()


def test_templates_and_island_say_only_words_that_there_are() -> None:
    from tests.web.test_words_and_colours import WEB

    said = set(re.findall(r"\bt\.(\w+)", (WEB / "templates" / "web" / "styles" / "edit.html").read_text()))
    assert said <= set(EDITOR)
    assert set(EDITOR) - said == set(), "words that nobody says"
    island = (WEB / "src" / "style-editor.ts").read_text()
    declared = re.search(r"type Word = (.*);", island)
    assert declared and set(re.findall(r'"(\w+)"', declared[1])) == set(ISLAND)
    assert set(DONE) == {"save", "first", "delete", "restore"}
