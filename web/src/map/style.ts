// The style of the live map: the declarations' looks and the page's own colours, as MapLibre style JSON.
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Base, LayerLook } from "../lib/city";

/** Colour of a token (`map-land`), as CSS gives it. */
export type Tone = (token: string) => string;

export const FONT = ["Be Vietnam Pro"];
const ARCHIPELAGO_ZOOM = 8;
const MANY = 100;
// What covers the land, from the bottom up: above the land, below the borders of units and all that stands on it.
const COVERS: readonly Base[] = ["green", "water", "buildings"];
/** Kinds of land cover that are painted green; the other kinds keep the colour of the land. */
const GREEN = ["forest", "mangrove", "park", "orchard", "wetland"];
const PALE = ["scrub", "grass", "sports", "cemetery", "farmland"];

export interface Words {
  readonly hoangSa: string;
  readonly truongSa: string;
}

/** Id of the layer on which `kind` of drawing of the city's layer `id` is done; `layerOf` reads it back. */
export function drawingId(id: string, drawing: string): string {
  return `${id}:${drawing}`;
}

export function layerOf(drawing: string): string {
  return drawing.slice(0, drawing.indexOf(":"));
}

export interface Drawing {
  readonly looks: readonly LayerLook[];
  readonly shown: ReadonlySet<string>;
  readonly units: readonly (readonly [string, number, number])[];
  readonly origin: string;
  readonly tone: Tone;
  readonly words: Words;
}

/** The whole style: land, what covers it, borders, then areas below lines below points, and names on top. */
export function cityStyle({ looks, shown, units, origin, tone, words }: Drawing): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {
    archipelagos: places([[words.hoangSa, 111.9, 16.5], [words.truongSa, 114, 10]]),
    "unit-names": places(units),
  };
  const land: LayerSpecification[] = [];
  const borders: LayerSpecification[] = [];
  const below: LayerSpecification[] = [];
  const above: LayerSpecification[] = [];
  const placeOf = (look: LayerLook, layer: LayerSpecification): LayerSpecification[] => {
    if (layer.type === "symbol" && (look.kind !== "point" || look.base)) return above;
    if (look.base === "units") return layer.type === "fill" ? land : borders;
    return COVERS.includes(look.base) ? land : below;
  };
  for (const look of inOrder(looks)) {
    sources[look.id] = { type: "vector", url: `${origin}/tiles/${look.id}.json` };
    for (const layer of drawings(look, tone)) {
      const visible = { ...layer, layout: { ...layer.layout, visibility: shown.has(look.id) ? "visible" : "none" } } as LayerSpecification;
      placeOf(look, layer).push(visible);
    }
  }
  const background: LayerSpecification = { id: "ground", type: "background", paint: { "background-color": tone("map-outside") } };
  return { version: 8, sources, layers: [background, ...land, ...borders, ...below, ...above, unitNames(tone), archipelagoNames(tone)] };
}

function inOrder(looks: readonly LayerLook[]): LayerLook[] {
  const rank = { area: 0, line: 1, point: 2 };
  const ground: readonly Base[] = ["units", ...COVERS];
  const height = ({ base }: LayerLook): number => ground.includes(base) ? ground.indexOf(base) : ground.length;
  return [...looks].sort((a, b) => height(a) - height(b) || rank[a.kind] - rank[b.kind]);
}

function drawings(look: LayerLook, tone: Tone): LayerSpecification[] {
  if (look.base === "units") return ground(look, tone);
  if (look.base === "green") return cover(look, tone, tone("map-green"), ["match", ["get", "kind"], GREEN, 1, PALE, 0.5, 0]);
  if (look.base === "water") return look.kind === "line" ? streams(look, tone) : waters(look, tone);
  if (look.base === "buildings") return cover(look, tone, tone("map-building"), 1, tone("map-border"));
  if (look.base === "names") return [placeNames(look, tone)];
  if (look.base === "roads") return [...roads(look, tone), ...cells(look)];
  const own = { area: areas, line: lines, point: points }[look.kind](look, tone);
  return [...cells(look), ...own];
}

const IS_CELL: ExpressionSpecification = ["has", "_cell"];
const NO_CELL: ExpressionSpecification = ["!", IS_CELL];
const SELECTED: ExpressionSpecification = ["boolean", ["feature-state", "selected"], false];

function common(look: LayerLook): { source: string; "source-layer": string } {
  return { source: look.id, "source-layer": look.id };
}

/** The colour of a feature: by its category where the layer has some. */
export function colourOf(look: LayerLook): string | ExpressionSpecification {
  if (!look.by || !look.categories.length) return look.colour;
  const pairs = look.categories.flatMap(([value, colour]) => [value, colour]);
  return ["match", ["to-string", ["get", look.by]], ...pairs, look.colour] as unknown as ExpressionSpecification;
}

/** Where a layer says that an outline is only approximate, it is dashed. */
function outlines(look: LayerLook, colour: string, width: number, selected: string): LayerSpecification[] {
  const paint = {
    "line-color": ["case", SELECTED, selected, colour] as ExpressionSpecification,
    "line-width": ["case", SELECTED, 3, width] as ExpressionSpecification,
  };
  const rough: ExpressionSpecification = ["to-boolean", ["get", "approximate"]];
  const sure: LayerSpecification = {
    ...common(look), id: drawingId(look.id, "outline"), type: "line", paint,
    filter: look.approximate ? ["all", NO_CELL, ["!", rough]] : NO_CELL,
  };
  if (!look.approximate) return [sure];
  return [sure, { ...sure, id: drawingId(look.id, "rough"), filter: ["all", NO_CELL, rough], paint: { ...paint, "line-dasharray": [3, 2] } }];
}

function ground(look: LayerLook, tone: Tone): LayerSpecification[] {
  return [
    { ...common(look), id: drawingId(look.id, "fill"), type: "fill", paint: { "fill-color": tone("map-land") } },
    ...outlines(look, tone("map-border"), 1, tone("brand")),
  ];
}

/** A cover of the land: a fill, and an outline where it is selected. */
function cover(look: LayerLook, tone: Tone, colour: string, opacity: number | ExpressionSpecification, edge = colour): LayerSpecification[] {
  return [
    { ...common(look), id: drawingId(look.id, "fill"), type: "fill", filter: NO_CELL, paint: { "fill-color": colour, "fill-opacity": opacity, "fill-outline-color": edge } },
    {
      ...common(look), id: drawingId(look.id, "chosen"), type: "line", filter: NO_CELL,
      paint: { "line-color": tone("brand"), "line-width": 3, "line-opacity": ["case", SELECTED, 1, 0] },
    },
  ];
}

function waters(look: LayerLook, tone: Tone): LayerSpecification[] {
  const standing: ExpressionSpecification = ["match", ["get", "kind"], ["river", "canal"], false, true];
  return [
    ...cover(look, tone, tone("map-water"), 1),
    { ...names(look, tone, 13), minzoom: 10, filter: ["all", NO_CELL, standing], paint: waterInk(tone) },
  ];
}

function streams(look: LayerLook, tone: Tone): LayerSpecification[] {
  const width: ExpressionSpecification = ["interpolate", ["exponential", 1.5], ["zoom"], 8, 1, 13, 2, 18, 8];
  const open: ExpressionSpecification = ["!", ["to-boolean", ["get", "covered"]]];
  return [
    {
      ...common(look), id: drawingId(look.id, "line"), type: "line", filter: ["all", NO_CELL, open], layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": ["case", SELECTED, tone("brand"), tone("map-water")], "line-width": width },
    },
    { ...names(look, tone, 13), minzoom: 11, layout: { ...nameLayout(look, 13), "symbol-placement": "line" }, paint: waterInk(tone) },
  ];
}

function waterInk(tone: Tone): { "text-color": string; "text-halo-color": string; "text-halo-width": number } {
  return { "text-color": tone("link"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 };
}

/** Names by rank: the closer, the more. Those of archipelagos are the style's own, since no map may lack them. */
function placeNames(look: LayerLook, tone: Tone): LayerSpecification {
  const rank: ExpressionSpecification = ["to-number", ["get", "rank"], 1];
  return {
    ...names(look, tone, 13), minzoom: 7,
    filter: ["all", ["!=", ["get", "kind"], "archipelago"], ["<=", rank, ["-", ["zoom"], 6]]],
    layout: { ...nameLayout(look, 13), "symbol-sort-key": rank },
  };
}

function roads(look: LayerLook, tone: Tone): LayerSpecification[] {
  const width = (extra: number): ExpressionSpecification =>
    ["interpolate", ["exponential", 1.5], ["zoom"], 8, 0.6 + extra / 3, 13, 1.6 + extra / 2, 18, 12 + extra];
  const casing: ExpressionSpecification = ["case", SELECTED, tone("brand"), tone("map-road-casing")];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    { ...common(look), id: drawingId(look.id, "casing"), type: "line", filter: NO_CELL, layout: round, paint: { "line-color": casing, "line-width": width(2) } },
    { ...common(look), id: drawingId(look.id, "road"), type: "line", filter: NO_CELL, minzoom: 10, layout: round, paint: { "line-color": tone("map-road"), "line-width": width(0) } },
    { ...names(look, tone, 13), minzoom: 13, layout: { ...nameLayout(look, 13), "symbol-placement": "line" } },
  ];
}

function areas(look: LayerLook, tone: Tone): LayerSpecification[] {
  const fill: LayerSpecification = {
    ...common(look), id: drawingId(look.id, "fill"), type: "fill", filter: NO_CELL,
    paint: { "fill-color": colourOf(look), "fill-opacity": look.opacity },
  };
  return [fill, ...outlines(look, look.outline, look.width, tone("brand")), { ...names(look, tone, 13), minzoom: 14 }];
}

function lines(look: LayerLook, tone: Tone): LayerSpecification[] {
  return [
    {
      ...common(look), id: drawingId(look.id, "line"), type: "line", filter: NO_CELL,
      paint: { "line-color": ["case", SELECTED, tone("brand"), colourOf(look)] as ExpressionSpecification, "line-width": ["case", SELECTED, look.width + 2, look.width] },
    },
    { ...names(look, tone, 13), minzoom: 14 },
  ];
}

function points(look: LayerLook, tone: Tone): LayerSpecification[] {
  const ring: LayerSpecification = {
    ...common(look), id: drawingId(look.id, "ring"), type: "circle", filter: NO_CELL,
    paint: {
      "circle-radius": 15, "circle-color": tone("map-halo"), "circle-opacity": ["case", SELECTED, 0.9, 0],
      "circle-stroke-color": tone("brand"), "circle-stroke-width": ["case", SELECTED, 3, 0],
    },
  };
  const symbol: LayerSpecification = {
    ...common(look), id: drawingId(look.id, "symbol"), type: "symbol", filter: NO_CELL,
    layout: { "icon-image": iconOf(look), "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, 1] },
  };
  return [ring, symbol, { ...names(look, tone, 13), minzoom: 15, layout: { ...nameLayout(look, 13), "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true } }];
}

/** Name of the picture of a symbol: `symbol|#rrggbb`, drawn when first asked for (icons.ts). */
export function iconOf(look: LayerLook): string | ExpressionSpecification {
  const colour = colourOf(look);
  return typeof colour === "string" ? `${look.symbol}|${colour}` : ["concat", `${look.symbol}|`, colour];
}

/** Low zooms hold cells that sum features up: the more in a cell, the stronger its colour or the larger its disc. */
function cells(look: LayerLook): LayerSpecification[] {
  const strength: ExpressionSpecification = ["interpolate", ["linear"], ["ln", ["max", 1, ["to-number", ["get", "n"], 1]]], 0, 0.25, Math.log(MANY), 0.8];
  const size: ExpressionSpecification = ["interpolate", ["linear"], ["ln", ["max", 1, ["to-number", ["get", "n"], 1]]], 0, 4, Math.log(MANY), 13];
  const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
  return [
    { ...common(look), id: drawingId(look.id, "cell"), type: "fill", filter: ["all", IS_CELL, ["!", isPoint]], paint: { "fill-color": colourOf(look), "fill-opacity": strength } },
    { ...common(look), id: drawingId(look.id, "cells"), type: "circle", filter: ["all", IS_CELL, isPoint], paint: { "circle-color": colourOf(look), "circle-radius": size, "circle-opacity": 0.8 } },
  ];
}

function nameLayout(look: LayerLook, size: number): Record<string, unknown> {
  const text: ExpressionSpecification | string = look.label ? ["to-string", ["get", look.label]] : "";
  return { "text-field": text, "text-font": FONT, "text-size": size, "text-max-width": 8, "text-padding": 4 };
}

function names(look: LayerLook, tone: Tone, size: number): LayerSpecification & { type: "symbol" } {
  return {
    ...common(look), id: drawingId(look.id, "name"), type: "symbol", filter: NO_CELL,
    layout: nameLayout(look, size),
    paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 },
  };
}

function places(named: readonly (readonly [string, number, number])[]): SourceSpecification {
  const features = named.map(([name, lon, lat]) =>
    ({ type: "Feature" as const, properties: { name }, geometry: { type: "Point" as const, coordinates: [lon, lat] } }));
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

function unitNames(tone: Tone): LayerSpecification {
  return {
    id: "unit-names", type: "symbol", source: "unit-names", minzoom: ARCHIPELAGO_ZOOM,
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 9, 13, 14, 15], "text-max-width": 8 },
    paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 },
  };
}

function archipelagoNames(tone: Tone): LayerSpecification {
  return {
    id: "archipelagos", type: "symbol", source: "archipelagos", maxzoom: ARCHIPELAGO_ZOOM,
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-max-width": 9, "text-allow-overlap": true },
    paint: { "text-color": tone("map-name"), "text-halo-color": tone("map-halo"), "text-halo-width": 1 },
  };
}
