// What lies around a place that is being drawn: the other features of its layer, as the reader may see them, and their
// corners to snap to. The drawing comes from the tiles; corners come from the server, exact, in the text of the form.
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { EngineMap } from "../map/engine";
import { tilesAt } from "../map/style";
import type { Corner, Position } from "./shape";

// From here on single corners are told apart.
const NEAR_ZOOM = 16;
const SNAP_PX = 10;

export interface Around {
  readonly layer: string;
  /** The attribute of a tile that names a feature; "" for none. */
  readonly label: string;
  /** The feature that is being changed; "" for a new one. */
  readonly fid: string;
  /** Where corners are asked for; "" for none. */
  readonly corners: string;
}

/** The other features of the layer, quietly: thin lines, small dots, their names. */
export function surroundings({ layer, label, fid }: Around, origin: string): { source: SourceSpecification; layers: LayerSpecification[] } {
  const tone = (token: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  const others: ExpressionSpecification = ["all", ["!", ["has", "_cell"]], ["!=", ["to-string", ["id"]], fid]];
  const point: ExpressionSpecification = ["all", ...others.slice(1) as ExpressionSpecification[], ["==", ["geometry-type"], "Point"]];
  const flat: ExpressionSpecification = ["all", ...others.slice(1) as ExpressionSpecification[], ["!=", ["geometry-type"], "Point"]];
  const common = { source: "neighbours", "source-layer": layer };
  const layers: LayerSpecification[] = [
    { ...common, id: "neighbours:line", type: "line", filter: flat, paint: { "line-color": tone("muted"), "line-width": 1.5 } },
    { ...common, id: "neighbours:point", type: "circle", filter: point, paint: { "circle-radius": 5, "circle-color": tone("muted"), "circle-stroke-color": tone("map-halo"), "circle-stroke-width": 1.5 } },
  ];
  if (label) {
    layers.push({
      ...common, id: "neighbours:name", type: "symbol", filter: others, minzoom: NEAR_ZOOM,
      layout: { "text-field": ["to-string", ["get", label]], "text-font": ["Be Vietnam Pro"], "text-size": 12, "text-padding": 4 },
      paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1.5 },
    });
  }
  return { source: { type: "vector", url: tilesAt(origin, layer) }, layers };
}

/** The corners around what is in view. */
export class Neighbours {
  private corners: readonly Corner[] = [];
  private asked = "";

  constructor(private readonly around: Around) {}

  async look(map: EngineMap): Promise<void> {
    if (!this.around.corners || map.getZoom() < NEAR_ZOOM) {
      this.corners = [];
      this.asked = "";
      return;
    }
    const bounds = map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((each) => each.toFixed(6)).join(",");
    if (box === this.asked) return;
    this.asked = box;
    try {
      const answer = await fetch(`${this.around.corners}?${String(new URLSearchParams({ box, but: this.around.fid }))}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const { corners } = await answer.json() as { corners: readonly (readonly [number, number, string])[] };
      if (box === this.asked) this.corners = corners.map(([lon, lat, text]) => ({ at: [lon, lat], text }));
    } catch (error) {
      console.warn(error);
      this.asked = "";
    }
  }

  /** The corner next to `hand`, if `apart` (pixels) says that it is under it. */
  near(hand: Position, apart: (at: Position) => number): Corner | undefined {
    let found: Corner | undefined;
    let least = SNAP_PX;
    for (const each of this.corners) {
      if (Math.abs(each.at[0] - hand[0]) > 0.001 || Math.abs(each.at[1] - hand[1]) > 0.001) continue;
      const pixels = apart(each.at);
      if (pixels < least) [found, least] = [each, pixels];
    }
    return found;
  }
}
