// The style of the live map: drawings come from the server (web/map_style.py); what is added here is interaction.
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { LayerFacts } from "../lib/city";

/** Colour of a token (`map-halo`), as CSS gives it. */
export type Tone = (token: string) => string;

/** The basemap, and each layer of the page's list, as MapLibre layers; a source is named as its collection. */
export interface ServedStyle {
  readonly ground: readonly LayerSpecification[];
  readonly layers: Readonly<Record<string, readonly LayerSpecification[]>>;
}

const FONT = "Be Vietnam Pro";
const ARCHIPELAGO_ZOOM = 8;
const GROUP_PX = 27;
// A name that a count stands upon moves aside before it gives way.
const DODGING = { "text-variable-anchor": ["center", "top", "bottom", "left", "right"] as ("center" | "top" | "bottom" | "left" | "right")[], "text-radial-offset": 1 };
const EMPTY: SourceSpecification = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
// Cut by tiles, a unit would be named in every one of them; and no map may lack the archipelagos, whatever its data.
const NAMED_HERE = new Set(["admin_units:unit", "admin_units:unit:names", "islands:archipelago"]);
// Parts of a tile beside its features (gis_core/styles/parts.py).
const GROUP = ":group";
const SELECTED: ExpressionSpecification = ["boolean", ["feature-state", "selected"], false];
const NO_CELL: ExpressionSpecification = ["!", ["has", "_cell"]];

export interface Words {
  readonly hoangSa: string;
  readonly truongSa: string;
}

/** The layer that a drawing belongs to: drawings of the ground, which nobody chooses, belong to none of the page's. */
export function layerOf(drawing: string): string {
  return drawing.slice(0, drawing.indexOf(":"));
}

export async function fetchStyle(night: boolean): Promise<ServedStyle> {
  const answer = await fetch(`/map-style.json?mode=${night ? "night" : "day"}`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`the map's style: ${String(answer.status)}`);
  return await answer.json() as ServedStyle;
}

export interface Drawing {
  readonly served: ServedStyle;
  readonly facts: readonly LayerFacts[];
  readonly shown: ReadonlySet<string>;
  /** The day of features with intervals; `standsIn`: it is another than today, and layers through time stand in. */
  readonly day: string;
  readonly standsIn: boolean;
  readonly units: readonly (readonly [string, number, number])[];
  readonly origin: string;
  readonly tone: Tone;
  readonly words: Words;
}

/** The whole style: the ground, then areas below lines below points, and names on top, those of data over all. */
export function cityStyle({ served, facts, shown, day, standsIn, units, origin, tone, words }: Drawing): StyleSpecification {
  const visible = (layer: LayerSpecification): LayerSpecification => {
    const on = isVisible(layer, facts, shown, standsIn);
    return { ...layer, layout: { ...layer.layout, visibility: on ? "visible" : "none" } };
  };
  const ground = served.ground.filter((layer) => !NAMED_HERE.has(layer.id)).map(dressed);
  // What stands in for units is named once for each, as they are.
  const isNamedOnce = (each: LayerFacts, layer: LayerSpecification): boolean => each.ofNow !== "" && isName(layer);
  const data = inOrder(facts).flatMap((each) => (served.layers[each.id] ?? [])
    .filter((layer) => !isNamedOnce(each, layer)).map(dressed));
  const groups = sideBySide(data.filter((layer) => layer.id.endsWith(GROUP)), shown).map(visible);
  const chosen = facts.flatMap((each) => selection(each, tone("brand"), tone("map-halo")));
  // What covers the land would hide the borders that are drawn on it.
  const isBorder = (layer: LayerSpecification): boolean => layer.type === "line" && baseOf(facts, layer) === "units";
  const layers = [
    ...ground.filter((layer) => !isName(layer) && !isBorder(layer)),
    ...ground.filter(isBorder),
    ...chosen.filter((layer) => layer.type === "circle"),
    ...data.filter((layer) => !isName(layer) && !layer.id.endsWith(GROUP)),
    ...chosen.filter((layer) => layer.type === "line"),
    ...ground.filter(isName),
    ...data.filter(isName),
  ].map(visible);
  const days = new Map(facts.filter((each) => each.intervals).map((each) => [each.id, day]));
  const sources = { ...sourcesOf([...layers, ...groups], units, origin, words, days), chosen: EMPTY, here: EMPTY, spot: EMPTY };
  const above = [unitNames(tone), archipelagoNames(tone), ...groups, ...here(tone), ...spot(tone), ...chosenName(tone)];
  return { version: 8, sprite: sprite(origin), sources, layers: [...layers, ...above] };
}

/** Whether a drawing is to be seen: those of the ground that no layer of the page has always are, and of a layer that
 * another stands in for, the land. */
export function isVisible(
  drawing: { readonly id: string; readonly type: string }, facts: readonly LayerFacts[], shown: ReadonlySet<string>, standsIn: boolean,
): boolean {
  const id = layerOf(drawing.id);
  if (!facts.some((each) => each.id === id) || shown.has(id)) return true;
  return standsIn && drawing.type === "fill" && facts.some((each) => each.ofNow === id && shown.has(each.id));
}

/** The address of a layer's tiles, those of features with intervals of one day. */
export function tilesAt(origin: string, layer: string, day = ""): string {
  return `${origin}/tiles/${layer}.json${day ? `?t=${day}` : ""}`;
}

/** Counts of several layers, which stand about the same squares, beside each other. A count is words: names give way to it. */
export function sideBySide(groups: readonly LayerSpecification[], shown: ReadonlySet<string>): LayerSpecification[] {
  const seen = groups.map(({ id }) => layerOf(id)).filter((id) => shown.has(id));
  return groups.map((layer) => {
    if (layer.type !== "symbol") return layer;
    const at = Math.max(seen.indexOf(layerOf(layer.id)), 0);
    const move: [number, number] = [(at - (Math.max(seen.length, 1) - 1) / 2) * GROUP_PX, 0];
    return { ...layer, paint: { ...layer.paint, "icon-translate": move, "text-translate": move } };
  });
}

/** One layer alone over the ground, as the editor of styles shows it; its source, of whole features, is the editor's. */
export function previewStyle(
  served: ServedStyle, drawings: readonly LayerSpecification[], own: string, origin: string,
): StyleSpecification {
  const ground = served.ground.filter((layer) => !("source" in layer && layer.source === own)).map(dressed);
  const data = drawings.map((layer) => {
    const parts = Object.entries(dressed(layer)).filter(([name]) => name !== "source-layer");
    return Object.fromEntries(parts) as unknown as LayerSpecification;
  });
  const layers = [...ground.filter((layer) => !isName(layer)), ...ground.filter(isName)];
  const sources = sourcesOf(layers, [], origin, { hoangSa: "", truongSa: "" });
  return { version: 8, sprite: sprite(origin), sources, layers: [...layers, ...data] };
}

function isName(layer: LayerSpecification): boolean {
  return layer.type === "symbol" && !layer.layout?.["icon-image"];
}

/** A drawing in the page's own font: without glyphs in the style, names are drawn from what the browser has. */
function dressed(layer: LayerSpecification): LayerSpecification {
  return layer.type === "symbol" ? { ...layer, layout: { ...layer.layout, "text-font": [FONT] } } : layer;
}

function sprite(origin: string): string {
  return `${origin}/sprites/huong`;
}

function sourcesOf(
  layers: readonly LayerSpecification[], units: Drawing["units"], origin: string, words: Words,
  days: ReadonlyMap<string, string> = new Map(),
): Record<string, SourceSpecification> {
  const sources: Record<string, SourceSpecification> = {
    archipelagos: places([[words.hoangSa, 111.9, 16.5], [words.truongSa, 114, 10]]),
    "unit-names": places(units),
  };
  for (const layer of layers) {
    if (!("source" in layer) || typeof layer.source !== "string") continue;
    const type = layer.type === "hillshade" ? "raster-dem" : "vector";
    sources[layer.source] ??= { type, url: tilesAt(origin, layer.source, days.get(layer.source)) };
  }
  return sources;
}

function baseOf(facts: readonly LayerFacts[], layer: LayerSpecification): string {
  return facts.find((each) => each.id === layerOf(layer.id))?.base ?? "";
}

function inOrder(facts: readonly LayerFacts[]): LayerFacts[] {
  const rank = { area: 0, line: 1, point: 2 };
  return [...facts].sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** The mark of what is selected: a ring around a point, a line of the house's colour along the rest. */
function selection(facts: LayerFacts, brand: string, halo: string): LayerSpecification[] {
  const common = { source: facts.id, "source-layer": facts.id, filter: NO_CELL };
  if (facts.kind === "point") {
    const paint = {
      "circle-radius": 15, "circle-color": halo, "circle-opacity": ["case", SELECTED, 0.9, 0] as ExpressionSpecification,
      "circle-stroke-color": brand, "circle-stroke-width": ["case", SELECTED, 3, 0] as ExpressionSpecification,
    };
    return [{ ...common, id: `${facts.id}:selected`, type: "circle", paint }];
  }
  const paint = { "line-color": brand, "line-width": facts.kind === "line" ? 5 : 3, "line-opacity": ["case", SELECTED, 1, 0] as ExpressionSpecification };
  return [{ ...common, id: `${facts.id}:selected`, type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint }];
}

/** Names at their places, as a source has them. */
export function named(names: readonly (readonly [string, number, number])[]): FeatureCollection {
  const features = names.map(([name, lon, lat]) =>
    ({ type: "Feature" as const, properties: { name }, geometry: { type: "Point" as const, coordinates: [lon, lat] } }));
  return { type: "FeatureCollection", features };
}

function places(names: readonly (readonly [string, number, number])[]): SourceSpecification {
  return { type: "geojson", data: named(names) };
}

/** The name of what is chosen, whatever else is there: a point's below its ring. */
function chosenName(tone: Tone): LayerSpecification[] {
  const common = { source: "chosen", type: "symbol" as const, paint: { "text-color": tone("brand"), "text-halo-color": tone("map-halo"), "text-halo-width": 2 } };
  const layout = { "text-field": ["get", "name"] as ExpressionSpecification, "text-font": [FONT], "text-size": 15, "text-max-width": 10, "text-allow-overlap": true };
  return [
    { ...common, id: "chosen", filter: ["!", ["get", "point"]], layout },
    { ...common, id: "chosen-point", filter: ["get", "point"], layout: { ...layout, "text-offset": [0, 1.4], "text-anchor": "top" } },
  ];
}

/** The mark of a place that was looked for, with its coordinates. */
function spot(tone: Tone): LayerSpecification[] {
  return [
    { id: "spot", type: "circle", source: "spot", paint: { "circle-radius": 9, "circle-color": tone("map-halo"), "circle-opacity": 0.6, "circle-stroke-color": tone("brand"), "circle-stroke-width": 4 } },
    { id: "spot-name", type: "symbol", source: "spot",
      layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": 14, "text-offset": [0, 1.2], "text-anchor": "top", "text-allow-overlap": true },
      paint: { "text-color": tone("brand"), "text-halo-color": tone("map-halo"), "text-halo-width": 2 } },
  ];
}

/** Where the reader is, with the circle in which that is certain. */
function here(tone: Tone): LayerSpecification[] {
  return [
    { id: "here-around", type: "fill", source: "here", filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": tone("link"), "fill-opacity": 0.15 } },
    { id: "here", type: "circle", source: "here", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 7, "circle-color": tone("link"), "circle-stroke-color": tone("map-halo"), "circle-stroke-width": 2.5 } },
  ];
}

const METRES_A_DEGREE = 111_195;

/** A place and the circle of `accuracy` metres around it. */
export function around(lon: number, lat: number, accuracy: number): FeatureCollection {
  const east = accuracy / METRES_A_DEGREE / Math.cos(lat * Math.PI / 180);
  const north = accuracy / METRES_A_DEGREE;
  const ring = Array.from({ length: 49 }, (_, at) => {
    const angle = at % 48 / 24 * Math.PI;
    return [lon + east * Math.cos(angle), lat + north * Math.sin(angle)];
  });
  return { type: "FeatureCollection", features: [
    { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } },
    { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } },
  ] };
}

function unitNames(tone: Tone): LayerSpecification {
  return {
    id: "unit-names", type: "symbol", source: "unit-names", minzoom: ARCHIPELAGO_ZOOM,
    layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": ["interpolate", ["linear"], ["zoom"], 9, 13, 14, 15], "text-max-width": 8, ...DODGING },
    paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 },
  };
}

function archipelagoNames(tone: Tone): LayerSpecification {
  return {
    id: "archipelagos", type: "symbol", source: "archipelagos", maxzoom: ARCHIPELAGO_ZOOM,
    layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": 13, "text-max-width": 9, "text-allow-overlap": true },
    paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 },
  };
}
