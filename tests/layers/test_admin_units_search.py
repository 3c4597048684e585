"""Finding units by old and new names. If this fails, a letter to "Phường Thuỷ Vân" reaches nobody."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import IntegrityError

from gis_core import places
from gis_core.problems import Problem
from layers.admin_units import services
from layers.admin_units.boundaries import load_register
from layers.admin_units.models import AdminSuccession, AdminUnit
from layers.admin_units.names import exact_key, plain_key, read_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def register() -> None:
    load_register()


def labels(text: str, on: date | None = None) -> list[str]:
    return [match.label.vi for match in services.find_units(text, on)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Thuỷ", "Thủy"), ("Hoà", "Hòa"), ("Hoá Châu", "Hóa  CHÂU"), ("Mỹ", "Mĩ"), ("Hue\u0302\u0301", "Huế")],
)
def test_spellings_of_one_name_are_one_key(one: str, other: str) -> None:
    assert exact_key(one) == exact_key(other)


def test_names_that_differ_in_more_than_tone_placement_stay_apart() -> None:
    assert exact_key("Hòa") != exact_key("Hóa")
    assert plain_key("Thủy") != plain_key("Thủi")
    assert plain_key("Đường") == "duong"


def test_kind_is_read_from_the_front() -> None:
    assert read_name("P. Thuỷ Vân").kind == "phuong"
    assert read_name("thị xã Hương Trà")[1:] == ("huong tra", "thi_xa")
    assert read_name("Xuân Phú").kind is None


@pytest.mark.usefixtures("register")
def test_register_has_all_units_of_both_times() -> None:
    count = AdminUnit.objects.filter
    assert count(level="commune", valid_to=None).count() == 40
    assert count(level="commune", valid_to=date(2025, 7, 1)).count() == 133
    assert count(level="district", valid_to=date(2025, 7, 1)).count() == 9
    assert AdminSuccession.objects.count() == 133
    assert not AdminUnit.objects.filter(approximate=False).exists()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("text", ["duong no", "Phường Dương Nỗ", "DƯƠNG NỖ", "p duong no"])
def test_unchanged_unit_is_found_once(text: str) -> None:
    assert labels(text) == ["Phường Dương Nỗ"]


@pytest.mark.usefixtures("register")
def test_old_name_says_what_it_is_now() -> None:
    match = services.find_units("Phường Thuỷ Vân")[0]
    assert match.label.vi == "Phường Thủy Vân, Quận Thuận Hóa (nay là Phường Vỹ Dạ)"
    assert match.label.en == "Phường Thủy Vân, Quận Thuận Hóa (now Phường Vỹ Dạ)"
    assert [s.code for s in services.succession(match.code)] == ["19777"]


@pytest.mark.usefixtures("register")
def test_diacritics_decide_where_they_are_typed() -> None:
    assert {m.code for m in services.find_units("thuan hoa")} == {"19789", "19762", "474"}
    assert [m.code for m in services.find_units("Thuận Hòa")] == ["19762"]


@pytest.mark.usefixtures("register")
def test_exactly_the_four_ambiguous_names_ask_back() -> None:
    names = AdminUnit.objects.filter(level="commune").values_list("name", flat=True).distinct()
    asking = {name for name in names if services.needs_asking(services.find_units(name))}
    assert asking == {"Hương Phong", "Hương Xuân", "Phú Vinh", "Phú Xuân"}


@pytest.mark.usefixtures("register")
def test_kind_settles_an_ambiguous_name() -> None:
    assert [m.code for m in services.find_units("xã Hương Phong")] == ["20080"]
    assert {s.full_name for s in services.find_units("phường Hương Phong")[0].successors} == {
        "Phường Hóa Châu"
    }


@pytest.mark.usefixtures("register")
def test_a_day_keeps_the_units_of_that_day() -> None:
    assert labels("Phong Thái", date(2025, 6, 30)) == []
    assert labels("Phong Thái", date(2025, 7, 1)) == ["Phường Phong Thái"]
    assert [m.code for m in services.find_units("Thủy Vân", date(2025, 6, 30))] == ["19963"]
    assert services.find_units("Thủy Vân", date(2025, 7, 1)) == []


@pytest.mark.usefixtures("register")
def test_names_from_before_2025_and_parts_of_names() -> None:
    assert [m.code for m in services.find_units("Hương Thọ")] == ["20029"]
    assert [m.code for m in services.find_units("chan may")] == ["20137"]


@pytest.mark.usefixtures("register")
def test_nonsense_finds_nothing_and_endless_text_is_refused() -> None:
    assert services.find_units("") == services.find_units("?!") == services.find_units("xyz qwerty") == []
    with pytest.raises(Problem) as refused:
        services.find_units("a" * 201)
    assert refused.value.status == 400


@pytest.mark.usefixtures("register")
def test_place_belongs_to_a_unit_of_today() -> None:
    assert places.unit_at(Point(107.584, 16.4556, srid=4326)) == "19789"
    assert places.unit_at(LineString((107.583, 16.4556), (107.585, 16.4556), srid=4326)) == "19789"
    assert places.unit_at(Point(0, 0, srid=4326)) is None


@pytest.mark.usefixtures("register")
def test_a_code_has_one_unit_at_a_time() -> None:
    unit = AdminUnit.objects.get(code="19789", level="commune", valid_to=None)
    unit.pk, unit.valid_from = None, date(2026, 1, 1)
    unit._state.adding = True
    with pytest.raises(IntegrityError):
        unit.save()
