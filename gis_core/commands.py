"""Commands of the ground floor that need Django."""

from __future__ import annotations

import click


@click.command()
@click.option("--write", is_flag=True, help="Ghi vào docs/reference/ · Write the files.")
def reference(write: bool) -> None:
    """Bảng tra các lớp, khai báo và kiểu hiển thị · The reference of layers, declarations and styles, from the code."""
    from gis_core.config import ROOT
    from gis_core.declaration_reference import declaration_reference
    from gis_core.publish import declared_layers
    from gis_core.reference import reference as layers
    from gis_core.styles.reference import style_reference

    pages = {
        "layers.md": layers(declared_layers()),
        "declaration.md": declaration_reference(),
        "styles.md": style_reference(),
    }
    for name, text in pages.items():
        if write:
            (ROOT / "docs" / "reference" / name).write_text(text)
        else:
            click.echo(text, nl=False)


COMMANDS: list[click.Command] = [reference]
