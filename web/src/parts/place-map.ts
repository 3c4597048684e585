// <place-map>: draws a place over the city's ground and lets hands change it. What it holds is a Shape; others hear `drawn`.
import { LitElement, html } from "lit";
import type { TemplateResult } from "lit";
import type { GeoJSONSource, LayerSpecification, MapGeoJSONFeature, MapMouseEvent, MapTouchEvent, PointLike } from "maplibre-gl";
import { createMap } from "../map/engine";
import type { EngineMap } from "../map/engine";
import { fetchStyle, previewStyle } from "../map/style";
import "./locate";
import type { Position as Found } from "./locate";
import { Neighbours, surroundings } from "./neighbours";
import type { Around } from "./neighbours";
import { finished, inserted, isArea, isLine, isMulti, isPoint, least, middles, moved, nested, placeOf, removed, shifted, Steps, written } from "./shape";
import type { Index, Kind, Position, Shape, To } from "./shape";

const HOME = [107.35, 16.1, 107.95, 16.75] as const;
const CLOSE = 16;
const GRIP_PX = 12;
const HELD_PX = 4;
// More corners than a hand finds its way among are not offered: closer in, fewer are in view.
const MOST_CORNERS = 1500;
const SOURCES = ["shape", "corners", "middles"] as const;
type Source = (typeof SOURCES)[number];
interface Feature {
  type: "Feature";
  properties: Record<string, number | boolean>;
  geometry: { type: "Point"; coordinates: number[] } | { type: "LineString"; coordinates: number[][] } | { type: "Polygon"; coordinates: number[][][] };
}
type Mode = "look" | "draw" | "move";

export interface MapWords {
  readonly add: string;
  readonly addHole: string;
  readonly finish: string;
  readonly move: string;
  readonly remove: string;
  readonly undo: string;
  readonly redo: string;
  readonly fit: string;
  readonly hint: string;
  readonly hintDraw: string;
  readonly hintPoint: string;
  readonly hintMove: string;
  readonly credit: string;
  readonly snapped: string;
}

export class PlaceMap extends LitElement {
  static override properties = { mode: { state: true }, chosen: { state: true }, kind: { type: String }, count: { state: true }, snapped: { state: true } };
  declare mode: Mode;
  declare chosen: Index | null;
  declare kind: Kind;
  /** Changes with every step, so that the buttons know what there is to do. */
  declare count: number;
  /** Whether what was moved last stands on a neighbour's corner. */
  declare snapped: boolean;
  words: MapWords | undefined;
  around: Around | undefined;
  private neighbours: Neighbours | undefined;
  private steps = new Steps([]);
  private map: EngineMap | undefined;
  private held: { index: Index | null; from: Position; before: Shape } | null = null;
  /** How many parts there were before this one was begun: what comes after is being drawn. */
  private base = 0;
  private readonly night = matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    super();
    this.mode = "look";
    this.chosen = null;
    this.kind = "Point";
    this.count = 0;
    this.snapped = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const words = this.words;
    if (!words) return html``;
    const shape = this.steps.now;
    const drawing = this.mode === "draw";
    const another = isMulti(this.kind) || isArea(this.kind) || !shape.length;
    const hint = drawing ? words.hintDraw : this.mode === "move" ? words.hintMove : isPoint(this.kind) ? words.hintPoint : words.hint;
    return html`
      <div class="tools" role="toolbar" aria-label=${words.hint}>
        ${isPoint(this.kind) && !isMulti(this.kind) ? null : html`<button type="button" aria-pressed=${drawing} ?disabled=${!drawing && !another} @click=${() => { this.toggle("draw"); }}>${drawing ? words.finish : this.kind === "Polygon" && shape.length ? words.addHole : words.add}</button>`}
        <button type="button" aria-pressed=${this.mode === "move"} ?disabled=${!shape.length} @click=${() => { this.toggle("move"); }}>${words.move}</button>
        <button type="button" ?disabled=${!this.chosen} @click=${() => { this.removeChosen(); }}>${words.remove}</button>
        <button type="button" ?disabled=${!this.steps.canUndo} @click=${() => { this.step("undo"); }}>${words.undo}</button>
        <button type="button" ?disabled=${!this.steps.canRedo} @click=${() => { this.step("redo"); }}>${words.redo}</button>
        <button type="button" ?disabled=${!shape.length} @click=${() => { this.fit(); }}>${words.fit}</button>
        <huong-locate .within=${HOME} @located=${({ detail }: CustomEvent<Found>) => { this.map?.jumpTo({ center: [detail.lon, detail.lat], zoom: CLOSE + 2 }); }}></huong-locate>
      </div>
      <div class="canvas"></div>
      <p class="hint" role="status">${this.snapped ? words.snapped : hint}</p><p class="credit">${words.credit}</p>`;
  }

  /** Draw the ground and ``shape``; rejects where the device cannot. */
  async start(shape: Shape): Promise<void> {
    this.steps = new Steps(shape);
    const [served] = await Promise.all([fetchStyle(this.night.matches), this.updateComplete]);
    const container = this.querySelector<HTMLElement>(".canvas");
    if (!container) throw new Error("the map has no place");
    const style = previewStyle(served, [], "", location.origin);
    for (const source of SOURCES) style.sources[source] = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
    if (this.around?.layer) {
      const { source, layers } = surroundings(this.around, location.origin);
      style.sources["neighbours"] = source;
      style.layers.push(...layers);
      this.neighbours = new Neighbours(this.around);
    }
    style.layers.push(...looks());
    const map = await createMap({ container, style, place: null, home: HOME });
    this.map = map;
    const page = window as { __huongTest?: boolean; __map?: EngineMap };
    if (page.__huongTest) page.__map = map;
    this.listen(map);
    this.fit(false);
    if (!map.loaded()) await new Promise<void>((resolve) => { void map.once("load", () => { resolve(); }); });
    this.draw();
  }

  /** Show what was typed: a step like any other, that can be undone. */
  show(shape: Shape): void {
    this.steps.to(shape);
    this.chosen = null;
    this.mode = "look";
    this.count += 1;
    this.fit();
    this.draw();
  }

  /** The corners as they are kept, in one unit; what is drawn stays. Whether they were those of the shape. */
  retext(lines: readonly (readonly string[])[]): string | null {
    const shape = written(this.steps.now, lines);
    if (!shape) return null;
    this.steps.now = shape;
    return shape.filter((block) => block.length).map((block) => block.map(({ text }) => text).join("\n")).join("\n\n");
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.map?.remove();
    this.map = undefined;
  }

  // Acts -------------------------------------------------------------------------------------------------------------

  private change(next: Shape): void {
    this.steps.to(next);
    this.tell();
  }

  private tell(): void {
    this.count += 1;
    this.draw();
    const whole = this.mode === "draw" ? finished(this.steps.now, this.kind) : this.steps.now;
    this.dispatchEvent(new CustomEvent<Shape>("drawn", { detail: whole }));
  }

  private toggle(mode: Mode): void {
    if (this.mode === "draw") this.leave();
    else this.mode = this.mode === mode ? "look" : mode;
    this.base = this.steps.now.length;
    this.chosen = null;
    this.draw();
  }

  /** Drawing ends: a part with too few corners was none. */
  private leave(): void {
    this.mode = "look";
    const whole = finished(this.steps.now, this.kind);
    if (whole.length !== this.steps.now.length) this.change(whole);
    else this.tell();
  }

  private removeChosen(): void {
    if (!this.chosen) return;
    const index = this.chosen;
    this.chosen = null;
    this.change(removed(this.steps.now, index, this.kind));
  }

  private step(way: "undo" | "redo"): void {
    this.steps[way]();
    this.chosen = null;
    this.base = Math.min(this.base, this.steps.now.length);
    this.tell();
  }

  private put(hand: Position): void {
    const at = this.onto(hand);
    const shape = this.steps.now;
    if (isPoint(this.kind) && !isMulti(this.kind)) {
      this.change(shape.length ? moved(shape, { block: 0, corner: 0 }, at) : inserted(shape, { block: 0, corner: 0 }, at));
      return;
    }
    if (this.mode !== "draw") return;
    const block = isPoint(this.kind) ? 0 : this.base;
    const last = shape[block]?.at(-1);
    // The second click of a double one.
    if (last && this.apart(last.at, placeOf(at)) < HELD_PX) return;
    this.change(inserted(shape, { block, corner: shape[block]?.length ?? 0 }, at));
  }

  private fit(animate = true): void {
    const points = this.steps.now.flat().map(({ at }) => at);
    if (!points.length || !this.map) return;
    const lons = points.map(([lon]) => lon), lats = points.map(([, lat]) => lat);
    const bounds: [number, number, number, number] = [smallest(lons), smallest(lats), -smallest(lons.map((x) => -x)), -smallest(lats.map((y) => -y))];
    const calm = !animate || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.fitBounds(bounds, { padding: 48, maxZoom: points.length > 1 ? 19 : CLOSE, animate: !calm, duration: 200 });
  }

  // Hands ------------------------------------------------------------------------------------------------------------

  private listen(map: EngineMap): void {
    const at = ({ lngLat }: MapMouseEvent | MapTouchEvent): Position => [lngLat.lng, lngLat.lat];
    map.on("mousedown", (event) => { this.take(map, event); });
    map.on("touchstart", (event) => { if (event.points.length === 1) this.take(map, event); });
    map.on("mousemove", (event) => { this.drag(at(event)); if (!this.held) this.point(map, event.point); });
    map.on("touchmove", (event) => { this.drag(at(event)); });
    map.on("mouseup", () => { this.drop(); });
    map.on("touchend", () => { this.drop(); });
    map.on("click", (event) => { if (!event.defaultPrevented && this.mode !== "move" && !this.near(map, event.point)) this.put(at(event)); });
    map.on("dblclick", (event) => { if (this.mode === "draw") { event.preventDefault(); this.leave(); } });
    map.on("moveend", () => { this.draw(); void this.neighbours?.look(map); });
    void this.neighbours?.look(map);
    map.getCanvas().addEventListener("keydown", (event) => { this.press(map, event); });
  }

  private press(map: EngineMap, event: KeyboardEvent): void {
    const ctrl = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (key === "enter") {
      const { lng, lat } = map.getCenter();
      this.put([lng, lat]);
    } else if (key === "escape" && this.mode !== "look") this.toggle(this.mode);
    else if (key === "delete" || key === "backspace") this.removeChosen();
    else if (ctrl && key === "z") this.step(event.shiftKey ? "redo" : "undo");
    else if (ctrl && key === "y") this.step("redo");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The corner or the middle under a finger, corners first. */
  private near(map: EngineMap, { x, y }: { x: number; y: number }): MapGeoJSONFeature | undefined {
    const around: [PointLike, PointLike] = [[x - GRIP_PX, y - GRIP_PX], [x + GRIP_PX, y + GRIP_PX]];
    const found = map.queryRenderedFeatures(around, { layers: ["place:corners", "place:middles"] });
    return found.find(({ source }) => source === "corners") ?? found[0];
  }

  private take(map: EngineMap, event: MapMouseEvent | MapTouchEvent): void {
    const from: Position = [event.lngLat.lng, event.lngLat.lat];
    if (this.mode === "move") {
      event.preventDefault();
      this.held = { index: null, from, before: this.steps.now };
      return;
    }
    const found = this.near(map, event.point);
    if (!found) return;
    event.preventDefault();
    const index: Index = { block: Number(found.properties["block"]), corner: Number(found.properties["corner"]) };
    const before = this.steps.now;
    const isMiddle = found.source === "middles";
    if (isMiddle) this.change(inserted(before, index, from));
    this.chosen = index;
    this.held = { index, from, before: isMiddle ? this.steps.now : before };
    this.draw();
  }

  private drag(to: Position): void {
    if (!this.held) return;
    const { index, from, before } = this.held;
    // A finger that only chose a corner has not moved it.
    if (index && this.apart(from, to) < HELD_PX) return;
    this.steps.now = index ? moved(before, index, this.onto(to)) : shifted(before, [to[0] - from[0], to[1] - from[1]]);
    this.draw();
  }

  /** A neighbour's corner under the hand, which it is then to the digit; else where the hand is. */
  private onto(hand: Position): To {
    const found = this.neighbours?.near(hand, (at) => this.apart(hand, at));
    this.snapped = found !== undefined;
    return found ?? hand;
  }

  private apart(one: Position, other: Position): number {
    return this.map ? this.map.project([...one]).dist(this.map.project([...other])) : Infinity;
  }

  private drop(): void {
    if (!this.held) return;
    const { before } = this.held;
    const after = this.steps.now;
    this.held = null;
    if (after === before) return;
    this.steps.now = before;
    this.change(after);
  }

  private point(map: EngineMap, at: { x: number; y: number }): void {
    const grip = this.mode !== "move" && this.near(map, at);
    map.getCanvas().style.cursor = this.mode === "move" ? "move" : grip ? "grab" : this.mode === "draw" || isPoint(this.kind) ? "crosshair" : "";
  }

  // Drawn ------------------------------------------------------------------------------------------------------------

  private draw(): void {
    const map = this.map;
    if (!map) return;
    const shape = this.steps.now;
    const bounds = map.getBounds();
    const inView = (at: Position): boolean => bounds.contains([...at]);
    const grips = shape.flatMap((corners, block) => corners.flatMap(({ at }, index) => (inView(at) ? [mark(at, { block, corner: index }, this.chosen)] : [])));
    const between = this.mode === "look" ? middles(shape, this.kind).filter(({ at }) => inView(at)) : [];
    const set = (source: Source, features: Feature[]): void => {
      void map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
    };
    set("shape", outline(shape, this.kind));
    set("corners", grips.length > MOST_CORNERS ? [] : grips);
    set("middles", grips.length > MOST_CORNERS / 3 ? [] : between.map(({ at, index }) => mark(at, index, null)));
  }
}

function smallest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

function mark(at: Position, { block, corner }: Index, chosen: Index | null): Feature {
  const isChosen = chosen?.block === block && chosen.corner === corner;
  return { type: "Feature", properties: { block, corner, chosen: isChosen }, geometry: { type: "Point", coordinates: [...at] } };
}

/** What is filled and lined: areas with their holes, and what is not yet an area as the line that it is. */
function outline(shape: Shape, kind: Kind): Feature[] {
  const blocks = shape.map((block) => block.map(({ at }) => at));
  const line = (block: Position[]): Feature => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: block.map((at) => [...at]) } });
  if (isLine(kind)) return blocks.filter((block) => block.length > 1).map(line);
  if (!isArea(kind)) return [];
  const whole = blocks.filter((block) => block.length >= least(kind));
  const areas = nested(whole).map((rings): Feature => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: rings.map((ring) => ring.map((at) => [...at])) } }));
  return [...areas, ...blocks.filter((block) => block.length === 2).map(line)];
}

function looks(): LayerSpecification[] {
  const tone = (token: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  const [brand, halo, focus] = [tone("brand"), tone("map-halo"), tone("focus")];
  return [
    { id: "place:fill", type: "fill", source: "shape", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": brand, "fill-opacity": 0.18 } },
    { id: "place:halo", type: "line", source: "shape", layout: { "line-join": "round" }, paint: { "line-color": halo, "line-width": 5 } },
    { id: "place:line", type: "line", source: "shape", layout: { "line-join": "round" }, paint: { "line-color": brand, "line-width": 2.5 } },
    { id: "place:middles", type: "circle", source: "middles", paint: { "circle-radius": 5, "circle-color": halo, "circle-stroke-color": brand, "circle-stroke-width": 1.5, "circle-opacity": 0.9 } },
    {
      id: "place:corners", type: "circle", source: "corners",
      paint: {
        "circle-radius": ["case", ["get", "chosen"], 9, 7], "circle-color": ["case", ["get", "chosen"], focus, brand],
        "circle-stroke-color": halo, "circle-stroke-width": 2,
      },
    },
  ];
}

customElements.define("huong-place-map", PlaceMap);
