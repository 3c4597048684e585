// How a feature is shown on the map: among which layers, on which day. The server does the same (web/showing.py).
import type { City } from "./city";
import type { MapState } from "./state";

/** What the page says of a feature (`_feature.html`): degrees, days of the city. */
export interface Shown {
  readonly key: string;
  /** What the map writes beside it. */
  readonly name: string;
  /** West, south, east, north. */
  readonly extent: readonly [number, number, number, number];
  /** Longitude and latitude of a point on it. */
  readonly point: readonly [number, number];
  /** First and last day of its validity; empty where open. */
  readonly from: string;
  readonly last: string;
  /** The pieces of a whole line; the feature alone otherwise. */
  readonly fids: readonly number[];
}

/** The feature that an article of the page is about, or null for other parts. */
export function shownIn(article: HTMLElement | null): Shown | null {
  const { key, name = "", extent, point, from = "", last = "", fids = "" } = article?.dataset ?? {};
  if (!key || !extent || !point) return null;
  const [west = NaN, south = NaN, east = NaN, north = NaN] = extent.split(",").map(Number);
  const [lon = NaN, lat = NaN] = point.split(",").map(Number);
  if (![west, south, east, north, lon, lat].every(Number.isFinite)) return null;
  return { key, name, extent: [west, south, east, north], point: [lon, lat], from, last, fids: fids.split(",").map(Number) };
}

export function layerIn(key: string): string {
  return key.split("/")[0] ?? "";
}

/** The layers that the state chooses: the page's own where it names none, with that of the feature that is shown; named
 * alone they stand on the ground, unless that was put out. */
export function ticked(city: City, state: MapState): string[] {
  const names = new Set(state.layers ?? city.shown);
  const ground = city.layers.filter((layer) => layer.base).map(({ id }) => id);
  if (state.layers?.length && state.ground && !ground.some((id) => names.has(id))) for (const id of ground) names.add(id);
  if (state.feature) names.add(layerIn(state.feature));
  return city.layers.map(({ id }) => id).filter((id) => names.has(id));
}

/** What the map of `day` draws for the chosen layers: of another day than today, those through time for those of now. */
export function drawn(city: City, chosen: readonly string[], day: string): Set<string> {
  if (!day) return new Set(chosen);
  const throughTime = new Map(city.layers.filter((layer) => layer.ofNow).map((layer) => [layer.ofNow, layer.id]));
  return new Set(chosen.map((id) => throughTime.get(id) ?? id));
}

/** The day in the city, as `2025-06-30`. */
export function today(city: City): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: city.zone }).format(new Date());
}

/** The day of a map that shows the feature: `asked` if it is valid then, else its last day, or its first; "" is today. */
export function dayFor({ from, last }: Pick<Shown, "from" | "last">, asked: string, now: string): string {
  const day = asked || now;
  const fitting = last && last < day ? last : from && day < from ? from : day;
  return fitting === now ? "" : fitting;
}
