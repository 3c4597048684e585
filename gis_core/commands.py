"""Commands of the ground floor that need Django."""

from __future__ import annotations

import click


@click.command()
@click.option("--write", is_flag=True, help="Ghi vào docs/reference/ · Write the files.")
def reference(write: bool) -> None:
    """Bảng tra các lớp và kiểu hiển thị · The reference of layers and styles, from what declares them."""
    from gis_core.config import ROOT
    from gis_core.publish import declared_layers
    from gis_core.reference import reference as layers
    from gis_core.styles.reference import style_reference

    for name, text in (("layers.md", layers(declared_layers())), ("styles.md", style_reference())):
        if write:
            (ROOT / "docs" / "reference" / name).write_text(text)
        else:
            click.echo(text, nl=False)


COMMANDS: list[click.Command] = [reference]
