"""No private column may reach an audience that it is not meant for: a slip in one declaration would publish it to
every protocol at once. Each column of each table is classified here by hand, apart from the declarations, so that a
new column fails until somebody has decided who may see it."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from gis_core.layer import Layer

PACKAGES = ("layers.reports", "layers.parcels", "layers.planning", "layers.dams", "sensors", "cameras")

# table -> columns that citizens must never get; what is not listed here must be public
PRIVATE: dict[str, set[str]] = {
    "public.reports_report": {
        *("address", "captured_at", "channel", "created_at", "due_at", "published"),
        *("rating", "resolved_at", "staff_note", "unit_code"),
    },
    "public.parcels_parcel": {"certificate_no", "created_at", "disputed", "mortgaged", "use_origin"},
    "public.planning_planningzone": {"created_at", "internal_note"},
    "public.dams_dam": {"created_at", "operator_contact"},
    "public.sensors_station": {"contact_phone", "created_at", "network_address"},
    "public.cameras_camera": {
        *(
            "created_at",
            "device_model",
            "direction_deg",
            "fov_deg",
            "must_connect",
            "name",
            "owner_type",
            "range_m",
        ),
        *("retention_days", "security_checked", "source", "state", "unit_code"),
    },
}
# Tables that no layer may be made from, whoever asks.
VAULTS = {
    "public.reports_reportreporter",
    "public.parcels_parcelholder",
    "public.cameras_cameraaccess",
    "public.sensors_alarmlevel",
}
IDENTITY = {"fid", "geom", "geom3857"}
EXACT_PLACE_HIDDEN = {"reports": {"citizen", "land"}, "cameras": {"citizen", "land"}}


def declared() -> list[Layer]:
    return [layer for name in PACKAGES for layer in import_module(f"{name}.declaration").LAYERS]


def places(layer: Layer) -> set[str]:
    columns = {
        layer.geometry.column,
        *layer.geometry.coarse.values(),
        *filter(None, [layer.geometry.original]),
    }
    return columns | {f"{column}3857" for column in columns}


@pytest.mark.parametrize("layer", declared(), ids=lambda layer: layer.id)
def test_no_private_column_is_a_field_of_the_citizens(layer: Layer) -> None:
    columns = (
        {field.sql_column for field in layer.fields_for("citizen")} if "citizen" in layer.audiences else set()
    )
    assert not columns & PRIVATE[layer.table]


@pytest.mark.parametrize("table", sorted(PRIVATE))
def test_every_column_is_private_public_or_a_place(table: str) -> None:
    layers = [layer for layer in declared() if layer.table == table]
    columns = {field.column for field in layers[0].model._meta.concrete_fields}
    public = {
        field.sql_column
        for layer in layers
        if "citizen" in layer.audiences
        for field in layer.fields_for("citizen")
    }
    known = PRIVATE[table] | public | IDENTITY | set().union(*(places(layer) for layer in layers))
    assert columns <= known, "say of these columns who may see them"
    assert PRIVATE[table] <= columns, "these private columns are gone: take them off the list"


def test_vaults_are_in_no_layer_and_in_no_relation_of_one() -> None:
    tables = {f"public.{model._meta.db_table}" for name in PACKAGES for model in app_models(name)}
    assert tables == set(PRIVATE) | VAULTS, "a new table: layer or vault?"
    assert not {layer.table for layer in declared()} & VAULTS


def app_models(package: str) -> list[type]:
    return list(apps.get_app_config(package.rpartition(".")[2]).get_models())


@pytest.mark.parametrize("layer_id", sorted(EXACT_PLACE_HIDDEN))
def test_exact_places_are_not_for_everybody(layer_id: str) -> None:
    layer = next(layer for layer in declared() if layer.id == layer_id)
    hidden = EXACT_PLACE_HIDDEN[layer_id]
    assert {a for a in layer.audiences if layer.geometry.column_for(a) != "geom"} == hidden
    assert set(layer.rows) == hidden


def test_fields_of_view_are_for_the_operations_centre_alone() -> None:
    layer = next(layer for layer in declared() if layer.id == "camera_views")
    assert layer.audiences == {"operations"} and layer.write is None


def test_layers_with_hidden_rows_have_identities_that_do_not_count_on() -> None:
    """With 1, 2, 4 in the public view everybody knows that a 3 is hidden, and later that it was published."""
    for layer in declared():
        if layer.rows.get("citizen"):
            assert layer.model._meta.pk.has_db_default(), layer.id
