from __future__ import annotations

import click


@click.command()
@click.option("--seed", type=int, default=None, help="Another city on the same ground.")
def demo(seed: int | None) -> None:
    """Fill empty layers with the demo city. Layers that hold features are left as they are."""
    from gis_core.tasks import measure_extents
    from layers.demo.filling import fill

    written = fill(seed)
    measure_extents(0)
    for label, count in written.items():
        click.echo(f"{label}: {count:,}" if count is not None else f"{label}: already filled, left as it is")
    if all(count is None for count in written.values()):
        click.echo("The city is filled already; nothing was changed.")


COMMANDS: list[click.Command] = [demo]
