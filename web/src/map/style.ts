// The style of the live map: drawings come from the server (web/map_style.py); what is added here is interaction.
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
// Cut by tiles, a unit would be named in every one of them; and no map may lack the archipelagos, whatever its data.
const NAMED_HERE = new Set(["admin_units:unit", "islands:archipelago"]);
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
  readonly units: readonly (readonly [string, number, number])[];
  readonly origin: string;
  readonly tone: Tone;
  readonly words: Words;
}

/** The whole style: the ground, then areas below lines below points, and names on top, those of data over all. */
export function cityStyle({ served, facts, shown, units, origin, tone, words }: Drawing): StyleSpecification {
  const visible = (layer: LayerSpecification): LayerSpecification => {
    const off = facts.some((each) => each.id === layerOf(layer.id)) && !shown.has(layerOf(layer.id));
    return { ...layer, layout: { ...layer.layout, visibility: off ? "none" : "visible" } };
  };
  const ground = served.ground.filter((layer) => !NAMED_HERE.has(layer.id)).map(dressed);
  const data = inOrder(facts).flatMap((each) => (served.layers[each.id] ?? []).map(dressed));
  const chosen = facts.flatMap((each) => selection(each, tone("brand"), tone("map-halo")));
  // What covers the land would hide the borders that are drawn on it.
  const isBorder = (layer: LayerSpecification): boolean => layer.type === "line" && baseOf(facts, layer) === "units";
  const layers = [
    ...ground.filter((layer) => !isName(layer) && !isBorder(layer)),
    ...ground.filter(isBorder),
    ...chosen.filter((layer) => layer.type === "circle"),
    ...data.filter((layer) => !isName(layer)),
    ...chosen.filter((layer) => layer.type === "line"),
    ...ground.filter(isName),
    ...data.filter(isName),
  ].map(visible);
  const sources = sourcesOf(layers, units, origin, words);
  return { version: 8, sprite: sprite(origin), sources, layers: [...layers, unitNames(tone), archipelagoNames(tone)] };
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
): Record<string, SourceSpecification> {
  const sources: Record<string, SourceSpecification> = {
    archipelagos: places([[words.hoangSa, 111.9, 16.5], [words.truongSa, 114, 10]]),
    "unit-names": places(units),
  };
  for (const layer of layers) {
    if (!("source" in layer) || typeof layer.source !== "string") continue;
    const type = layer.type === "hillshade" ? "raster-dem" : "vector";
    sources[layer.source] ??= { type, url: `${origin}/tiles/${layer.source}.json` };
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

function places(named: readonly (readonly [string, number, number])[]): SourceSpecification {
  const features = named.map(([name, lon, lat]) =>
    ({ type: "Feature" as const, properties: { name }, geometry: { type: "Point" as const, coordinates: [lon, lat] } }));
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

function unitNames(tone: Tone): LayerSpecification {
  return {
    id: "unit-names", type: "symbol", source: "unit-names", minzoom: ARCHIPELAGO_ZOOM,
    layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": ["interpolate", ["linear"], ["zoom"], 9, 13, 14, 15], "text-max-width": 8 },
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
