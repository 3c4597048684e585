// Walking by keys through what stands on the map: to the next group or pin and back, from the middle outwards.
import type { MapGeoJSONFeature } from "maplibre-gl";
import type { EngineMap } from "./engine";

export type Stop = MapGeoJSONFeature & { readonly geometry: { readonly type: "Point"; readonly coordinates: number[] } };

export class Walk {
  private stops: readonly Stop[] = [];
  private at = -1;

  /** `isStop`: whether a drawing of the style is one of marks that can be opened. */
  constructor(private readonly map: EngineMap, private readonly isStop: (drawing: string) => boolean) {
    // Who moves the map looks somewhere else; our own steps have no event of the reader's.
    map.on("movestart", (event) => { if (event.originalEvent) this.forget(); });
    map.on("zoomend", () => { this.forget(); });
  }

  forget(): void {
    this.stops = [];
    this.at = -1;
  }

  /** Where the walk stands now. */
  get current(): Stop | undefined {
    return this.stops[this.at];
  }

  /** The next stop, or the one before; undefined where nothing stands on the map. */
  step(by: 1 | -1): Stop | undefined {
    if (!this.stops.length) this.stops = this.inView();
    const { length } = this.stops;
    if (!length) return undefined;
    this.at = this.at < 0 ? (by > 0 ? 0 : length - 1) : (this.at + by + length) % length;
    return this.current;
  }

  private inView(): Stop[] {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const away = ({ geometry: { coordinates: [lon = 0, lat = 0] } }: Stop): number => {
      const { x, y } = this.map.project([lon, lat]);
      return Math.hypot(x - clientWidth / 2, y - clientHeight / 2);
    };
    const found = new Map<string, Stop>();
    for (const each of this.map.queryRenderedFeatures()) {
      if (!this.isStop(each.layer.id) || each.geometry.type !== "Point") continue;
      const stop = each as Stop;
      // What lies in the buffer of a neighbouring tile comes twice, and a group has no number of its own.
      const key = each.id === undefined ? `${each.layer.id} ${stop.geometry.coordinates.map((part) => part.toFixed(6)).join()}` : `${each.source}/${String(each.id)}`;
      if (!found.has(key)) found.set(key, stop);
    }
    return [...found.values()].map((stop) => ({ stop, far: away(stop) })).sort((a, b) => a.far - b.far).map(({ stop }) => stop);
  }
}
