// The state of the map page lives in its address, read and written as the server does (web/state.py).

export interface Place {
  readonly zoom: number;
  readonly lat: number;
  readonly lon: number;
}

export interface MapState {
  readonly place: Place | null;
  /** Null: the page's own choice. */
  readonly layers: readonly string[] | null;
  /** False: somebody put out every layer of the ground. */
  readonly ground: boolean;
  /** The day that the map shows, as `2025-06-30`; "" for today. */
  readonly day: string;
  /** `layer/fid`, or `layer/fid/all` for the whole line of which it is a piece. */
  readonly feature: string;
  /** A place that is marked, as `lat,lon`. */
  readonly at: string;
  readonly q: string;
  /** The live map stands open (phones). */
  readonly open: boolean;
}

const SPOT = /^-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?$/;

export function parseState(search: string): MapState {
  const query = new URLSearchParams(search);
  const numbers = ["z", "lat", "lon"].map((name) => Number.parseFloat(query.get(name) ?? ""));
  const [zoom = NaN, lat = NaN, lon = NaN] = numbers;
  return {
    place: numbers.every(Number.isFinite) ? { zoom, lat, lon } : null,
    layers: query.has("layers") ? query.getAll("layers").join(",").split(",").filter(Boolean) : null,
    ground: query.get("ground") !== "0",
    day: /^\d{4}-\d{2}-\d{2}$/.test(query.get("t") ?? "") ? (query.get("t") ?? "") : "",
    feature: /^[a-z]\w*\/\d+(\/all)?$/.test(query.get("feature") ?? "") ? (query.get("feature") ?? "") : "",
    at: SPOT.test(query.get("at") ?? "") ? (query.get("at") ?? "") : "",
    q: query.get("q") ?? "",
    open: query.get("map") === "1",
  };
}

/** The address's query, `?` included; empty where nothing is chosen. */
export function formatState(state: MapState): string {
  const parts: string[] = [];
  if (state.place) {
    const { zoom, lat, lon } = state.place;
    parts.push(`z=${zoom.toFixed(2)}`, `lat=${lat.toFixed(5)}`, `lon=${lon.toFixed(5)}`);
  }
  if (state.layers) parts.push(`layers=${state.layers.join(",")}`);
  if (!state.ground) parts.push("ground=0");
  if (state.day) parts.push(`t=${state.day}`);
  if (state.feature) parts.push(`feature=${state.feature}`);
  if (state.at) parts.push(`at=${state.at}`);
  if (state.q) parts.push(`q=${encodeURIComponent(state.q)}`);
  if (state.open) parts.push("map=1");
  return parts.length ? `?${parts.join("&")}` : "";
}

/** The state now, with changes. */
export function changed(changes: Partial<MapState>): MapState {
  return { ...parseState(location.search), ...changes };
}

/** A step that the back button undoes. */
export function push(changes: Partial<MapState>): void {
  const query = formatState(changed(changes));
  if (query !== location.search) history.pushState(null, "", query || location.pathname);
}

/** A change that is no step of its own (the map moved). */
export function replace(changes: Partial<MapState>): void {
  history.replaceState(history.state, "", formatState(changed(changes)) || location.pathname);
}
