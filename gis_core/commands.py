"""Commands of the ground floor that need Django."""

from __future__ import annotations

import click


@click.command()
@click.option("--write", is_flag=True, help="Ghi vào docs/reference/layers.md · Write the file.")
def reference(write: bool) -> None:
    """Bảng tra các lớp, lập từ khai báo · The reference of layers, from their declarations."""
    from gis_core.config import ROOT
    from gis_core.publish import declared_layers
    from gis_core.reference import reference as text_of

    text = text_of(declared_layers())
    if write:
        (ROOT / "docs" / "reference" / "layers.md").write_text(text)
    else:
        click.echo(text, nl=False)


COMMANDS: list[click.Command] = [reference]
