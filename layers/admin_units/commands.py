from __future__ import annotations

import click


@click.command(name="load-units")
def load_units() -> None:
    """Load the register of Huế's units, with approximate boundaries, into an empty layer (a city without demo data)."""
    from layers.admin_units.boundaries import load_register
    from layers.admin_units.models import AdminUnit

    if AdminUnit.objects.exists():
        raise click.ClickException("the layer holds units already; nothing was changed")
    click.echo(f"admin_units: {load_register():,}")


COMMANDS: list[click.Command] = [load_units]
