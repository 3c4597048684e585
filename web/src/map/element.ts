// <huong-map>: the live map. It draws what it is given, tells where it stands and what was picked, and keeps itself fresh.
import { LitElement, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { ExpressionSpecification, GeoJSONSource, MapGeoJSONFeature, MapMouseEvent, VectorTileSource } from "maplibre-gl";
import type { City } from "../lib/city";
import { Feed } from "../lib/feed";
import type { Change, FeedState } from "../lib/feed";
import { Pace } from "../lib/pace";
import { layerIn } from "../lib/showing";
import type { Shown } from "../lib/showing";
import type { Place } from "../lib/state";
import { tilesOf } from "../lib/tiles";
import { announce, say } from "../lib/words";
import type { Position } from "../parts/locate";
import { createMap } from "./engine";
import type { EngineMap } from "./engine";
import { around, cityStyle, fetchStyle, isVisible, layerOf, named, sideBySide, tilesAt } from "./style";
import type { ServedStyle } from "./style";
import { Walk } from "./walk";
import type { Stop } from "./walk";

const REFRESH_EVERY_MS = 200;
const PICK_PX = 6;
// Styles were edited (and with them what tiles carry), a layer was published anew, or nobody knows what came meanwhile.
const RESTYLING = new Set(["S", "P", "reset"]);
const MOST_PICKED = 12;
const AROUND_PX = 48;
const NEAR_ZOOM = 16;
const GROUP = ":group";
// How far from the middle of the map a key still reaches a group.
const REACH_PX = 120;
const FLASH_MS = 1600;

/** What the map draws: layers, and the day of those with intervals ("" where none of them looks at another than today). */
export interface View {
  readonly shown: ReadonlySet<string>;
  readonly day: string;
  readonly today: string;
}

export interface Picked {
  readonly key: string;
  readonly title: string;
}

/** Events: `place` (Place), `pick` (Picked[]), `cell` (number), `changes` (Set of layer ids). */
export class HuongMap extends LitElement {
  static override properties = { feedState: { state: true }, heardAt: { state: true } };
  declare feedState: FeedState;
  declare heardAt: Date | null;

  private map: EngineMap | undefined;
  private city: City | undefined;
  private served: ServedStyle | undefined;
  private units: City["units"] = [];
  private shown = new Set<string>();
  private day = "";
  private standsIn = false;
  private selected = "";
  private chosen: Shown | null = null;
  /** Other pieces of what is chosen, marked with it. */
  private pieces: { layer: string; fids: readonly number[] } | null = null;
  private spotAt = "";
  private position: Position | null = null;
  private readonly silenced = new Map<string, ExpressionSpecification>();
  private readonly feed: Feed;
  private readonly startedAt = new Date();
  private readonly refreshes = new Pace<Change>(REFRESH_EVERY_MS, (changes) => { this.refresh(changes); });
  private readonly night = matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    super();
    this.feedState = "connecting";
    this.heardAt = null;
    this.feed = new Feed({
      change: (change) => { this.refreshes.add(change); },
      reset: () => { this.shown.forEach((layer) => { this.refreshes.add({ layer, op: "reset" }); }); },
      state: (state, heard) => { this.heard(state, heard); },
    });
  }

  // The engine's style sheet is the page's, so the map lives in the page and not in a shadow.
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const word = this.feedState === "live" ? say("live")
      : this.feedState === "connecting" ? say("connecting")
      : say("stale", { time: this.dataTime });
    return html`<div class="canvas"></div><p class="feed ${this.feedState}"><span class="dot" aria-hidden="true"></span>${word || nothing}</p>`;
  }

  /** Draw the city at `place`, else around what is chosen; resolves when all is drawn, rejects where the device cannot. */
  async start(city: City, view: View, place: Place | null, chosen: Shown | null): Promise<void> {
    this.city = city;
    this.units = city.units;
    this.take(view);
    [this.served] = await Promise.all([fetchStyle(this.night.matches), this.updateComplete]);
    const container = this.querySelector<HTMLElement>(".canvas");
    if (!container) throw new Error("the map has no place");
    const map = await createMap({ container, style: this.look(this.served), place, home: city.home });
    this.map = map;
    // Browser tests ask the map itself what it draws: a blank canvas looks like any other to the DOM.
    const page = window as { __huongTest?: boolean; __map?: EngineMap };
    if (page.__huongTest) page.__map = map;
    if (chosen && !place) this.fit(chosen, false);
    this.listen(map);
    await new Promise<void>((resolve) => { void map.once("idle", () => { resolve(); }); });
    this.resume();
  }

  show(view: View): void {
    const before = { day: this.day, shown: [...this.shown].join() };
    this.take(view);
    const { map, city } = this;
    if (!map || !city) return;
    for (const layer of map.getStyle().layers) {
      if (!city.layers.some((look) => look.id === layerOf(layer.id))) continue;
      map.setLayoutProperty(layer.id, "visibility", isVisible(layer, city.layers, this.shown, this.standsIn) ? "visible" : "none");
    }
    for (const layer of sideBySide(map.getStyle().layers.filter(({ id }) => id.endsWith(GROUP)), this.shown)) {
      if (layer.type !== "symbol") continue;
      map.setPaintProperty(layer.id, "icon-translate", layer.paint?.["icon-translate"]);
      map.setPaintProperty(layer.id, "text-translate", layer.paint?.["text-translate"]);
    }
    if (this.day !== before.day) {
      for (const { id, intervals } of city.layers) {
        if (intervals) map.getSource<VectorTileSource>(id)?.setUrl(tilesAt(location.origin, id, this.day));
      }
    }
    if ([...this.shown].join() !== before.shown) this.resume();
  }

  /** Names of units, each once: those of the day that is shown. */
  nameUnits(units: City["units"]): void {
    this.units = units;
    void this.map?.getSource<GeoJSONSource>("unit-names")?.setData(named(units));
  }

  /** Hear of changes again, from where we left. */
  resume(): void {
    this.feed.open([...this.shown]);
  }

  /** While nobody looks at the map nothing is heard. */
  pause(): void {
    this.feed.close();
  }

  private take({ shown, day, today }: View): void {
    this.shown = this.known(shown);
    this.day = day || today;
    this.standsIn = day !== "";
  }

  /** Those of the layers in an address that there are for whoever looks. */
  private known(shown: ReadonlySet<string>): Set<string> {
    return new Set(this.city?.layers.map(({ id }) => id).filter((id) => shown.has(id)));
  }

  /** Mark the feature `layer/fid`, and no other. */
  select(key: string): void {
    const mark = (which: string, selected: boolean): void => {
      const [layer = "", fid = ""] = which.split("/");
      if (this.map?.getSource(layer)) this.map.setFeatureState({ source: layer, sourceLayer: layer, id: Number(fid) }, { selected });
    };
    if (this.selected) mark(this.selected, false);
    this.selected = key;
    if (key) mark(key, true);
    if (this.chosen && this.chosen.key !== key) this.name(null);
  }

  /** Write the name of what is chosen on the map. */
  name(chosen: Shown | null): void {
    this.chosen = chosen;
    const names = named(chosen ? [[chosen.name, ...chosen.point]] : []);
    const isPoint = this.city?.layers.find(({ id }) => id === layerIn(chosen?.key ?? ""))?.kind === "point";
    for (const each of names.features) each.properties = { ...each.properties, point: isPoint };
    void this.map?.getSource<GeoJSONSource>("chosen")?.setData(names);
    this.silence(chosen?.key ?? "");
    this.markPieces(chosen);
  }

  private markPieces(chosen: Shown | null): void {
    const mark = (selected: boolean): void => {
      const { layer = "", fids = [] } = this.pieces ?? {};
      if (!this.map?.getSource(layer)) return;
      for (const id of fids) this.map.setFeatureState({ source: layer, sourceLayer: layer, id }, { selected });
    };
    if (this.pieces?.fids.length !== 1) mark(false);
    this.pieces = chosen && chosen.fids.length > 1 ? { layer: layerIn(chosen.key), fids: chosen.fids } : null;
    mark(true);
  }

  /** Mark the place `lat,lon`, and no other; "" for none. */
  spot(at: string): void {
    this.spotAt = at;
    const [lat = NaN, lon = NaN] = at.split(",").map(Number);
    void this.map?.getSource<GeoJSONSource>("spot")?.setData(named(at ? [[at.replace(",", ", "), lon, lat]] : []));
  }

  /** Let the layer's own names leave out the feature, which has its name above them all. */
  private silence(key: string): void {
    const map = this.map;
    if (!map) return;
    for (const [id, text] of this.silenced) if (map.getLayer(id)) map.setLayoutProperty(id, "text-field", text);
    this.silenced.clear();
    if (!key) return;
    const isIt: ExpressionSpecification = ["==", ["id"], Number(key.split("/")[1])];
    for (const layer of map.getStyle().layers) {
      if (layer.type !== "symbol" || layer.source !== layerIn(key)) continue;
      const text = layer.layout?.["text-field"];
      // An array is an expression: the house's styles have no other texts.
      if (!Array.isArray(text)) continue;
      this.silenced.set(layer.id, text);
      map.setLayoutProperty(layer.id, "text-field", ["case", isIt, "", text]);
    }
  }

  /** Move so that the feature is seen whole and near, and drawn for itself. */
  fit({ key, extent: [west, south, east, north], point }: Shown, animate = this.moves): void {
    const { map, city } = this;
    if (!map || !city) return;
    map.resize();
    const look = city.layers.find(({ id }) => id === layerIn(key));
    const closest = city.closest[look?.kind ?? "point"];
    const camera = map.cameraForBounds([west, south, east, north], { padding: AROUND_PX, maxZoom: closest });
    const first = look?.first ?? 0;
    const whole = camera?.zoom ?? closest;
    const zoom = Math.max(Math.min(whole, closest), first);
    // Where not all of it fits, a point that is on it.
    const center = whole >= first && camera?.center ? camera.center : [...point] as [number, number];
    map.easeTo({ center, zoom, animate, duration: 200 });
  }

  /** Draw the eye to where the feature is, once the map stands still. */
  flash({ name, point }: Pick<Shown, "name" | "point">): void {
    const map = this.map;
    if (!map) return;
    const ring = (): void => {
      this.querySelector(".flash")?.remove();
      const { x, y } = map.project([...point]);
      const mark = document.createElement("span");
      mark.className = "flash";
      mark.setAttribute("aria-hidden", "true");
      mark.style.left = `${String(x)}px`;
      mark.style.top = `${String(y)}px`;
      this.append(mark);
      setTimeout(() => { mark.remove(); }, FLASH_MS);
    };
    if (map.isMoving()) void map.once("moveend", ring);
    else ring();
    announce(say("shownOnMap", { name }));
  }

  /** Move only where the feature would not be seen. */
  reveal({ point }: Shown): void {
    const map = this.map;
    if (!map) return;
    map.resize();
    const { x, y } = map.project([...point]);
    const { clientWidth, clientHeight } = map.getContainer();
    const isSeen = x >= AROUND_PX && y >= AROUND_PX && x <= clientWidth - AROUND_PX && y <= clientHeight - AROUND_PX;
    if (!isSeen) map.easeTo({ center: [...point], animate: this.moves, duration: 200 });
  }

  /** Show where the reader is. */
  here(position: Position): void {
    this.position = position;
    const { lon, lat, accuracy } = position;
    void this.map?.getSource<GeoJSONSource>("here")?.setData(around(lon, lat, accuracy));
    const zoom = Math.max(this.map?.getZoom() ?? 0, NEAR_ZOOM);
    this.map?.easeTo({ center: [lon, lat], zoom, animate: this.moves, duration: 200 });
  }

  private get moves(): boolean {
    return !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  go(place: Place | null): void {
    if (place) this.map?.easeTo({ center: [place.lon, place.lat], zoom: place.zoom, animate: this.moves, duration: 200 });
    else if (this.city) this.map?.fitBounds([...this.city.home] as [number, number, number, number], { padding: 24, animate: false });
  }

  place(): Place | null {
    if (!this.map) return null;
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lon: lng };
  }

  /** West, south, east, north of what is to be seen. */
  box(): [number, number, number, number] | null {
    const bounds = this.map?.getBounds();
    return bounds ? [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()] : null;
  }

  resize(): void {
    this.map?.resize();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Moved to another place of the page it is connected again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.feed.close();
      this.refreshes.stop();
      this.map?.remove();
      this.map = undefined;
    });
  }

  private look(served: ServedStyle): ReturnType<typeof cityStyle> {
    const words = { hoangSa: say("hoangSa"), truongSa: say("truongSa") };
    const { shown, day, standsIn, units } = this;
    return cityStyle({ served, facts: this.city?.layers ?? [], shown, day, standsIn, units, origin: location.origin, tone, words });
  }

  /** Draw by the styles as they are now: somebody edited one, or night fell. */
  private async restyle(map: EngineMap): Promise<void> {
    try {
      this.served = await fetchStyle(this.night.matches);
    } catch (error) {
      console.warn(error);
      return;
    }
    this.silenced.clear();
    map.setStyle(this.look(this.served));
    this.select(this.selected);
    this.name(this.chosen);
    this.spot(this.spotAt);
    if (this.position) {
      const { lon, lat, accuracy } = this.position;
      void map.getSource<GeoJSONSource>("here")?.setData(around(lon, lat, accuracy));
    }
  }

  private listen(map: EngineMap): void {
    map.on("moveend", () => { this.tell("place", this.place()); });
    map.on("click", (event) => { this.pick(map, event); });
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.under(map, event).length ? "pointer" : "";
    });
    // Arrows and + and - are the engine's. Page Down and Page Up walk through groups and pins; Enter opens where the walk
    // stands, else the group nearest to the middle, as a tap on it does.
    const walk = new Walk(map, (drawing) => this.isMark(drawing));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "PageDown" || event.key === "PageUp") {
        const stop = walk.step(event.key === "PageDown" ? 1 : -1);
        if (!stop) return;
        event.preventDefault();
        this.stand(map, stop);
        return;
      }
      if (event.key !== "Enter") return;
      const stop = walk.current;
      if (stop && !stop.layer.id.endsWith(GROUP)) {
        event.preventDefault();
        this.tell("pick", this.named([stop]));
        return;
      }
      const group = stop ?? this.nearest(map);
      if (!group) return;
      event.preventDefault();
      this.enter(map, group);
    });
    this.night.addEventListener("change", () => void this.restyle(map));
    document.addEventListener("visibilitychange", () => { this.feed.check(); });
  }

  /** What lies under a finger: points and lines a little around it, areas only where it points. */
  private under(map: EngineMap, { point }: MapMouseEvent): MapGeoJSONFeature[] {
    const around: [[number, number], [number, number]] = [[point.x - PICK_PX, point.y - PICK_PX], [point.x + PICK_PX, point.y + PICK_PX]];
    const isArea = ({ layer }: MapGeoJSONFeature): boolean => layer.type === "fill";
    const areas = new Set(this.city?.layers.filter((look) => look.kind === "area").map((look) => look.id));
    const near = map.queryRenderedFeatures(around).filter((each) => !isArea(each) && !areas.has(each.source));
    const here = map.queryRenderedFeatures(point).filter(isArea);
    // The mark of what is selected is there for all of them, and seen on none but one.
    return [...near, ...here].filter(({ layer }) => this.shown.has(layerOf(layer.id)) && !layer.id.endsWith(":selected"));
  }

  private pick(map: EngineMap, event: MapMouseEvent): void {
    const found = this.under(map, event);
    const group = found.find(({ layer }) => layer.id.endsWith(GROUP));
    if (group) {
      this.enter(map, group);
      return;
    }
    const cell = found.find((feature) => feature.properties["_cell"] !== undefined);
    const things = found.filter((feature) => feature.properties["_cell"] === undefined);
    const [upper, named, units] = this.byStanding(things);
    if (!upper.length && cell) {
      map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2, duration: 200 });
      this.tell("cell", Number(cell.properties["n"] ?? 0));
      return;
    }
    this.tell("pick", this.named([upper, named, units].find((some) => some.length) ?? []));
  }

  /** Nearer to what stands together: a zoom or two part it. */
  private enter(map: EngineMap, group: MapGeoJSONFeature): void {
    const { geometry, properties } = group;
    if (geometry.type !== "Point") return;
    const center = geometry.coordinates as [number, number];
    map.easeTo({ center, zoom: map.getZoom() + 2, animate: this.moves, duration: 200 });
    this.tell("cell", Number(properties["_n"] ?? 0));
  }

  /** Whether a drawing is one of pins or groups of a layer that is shown. */
  private isMark(drawing: string): boolean {
    const look = this.city?.layers.find(({ id }) => id === layerOf(drawing));
    return look?.kind === "point" && look.base !== "names" && this.shown.has(look.id) && !drawing.endsWith(":selected");
  }

  /** Bring a mark to the middle and say what it is. */
  private stand(map: EngineMap, stop: Stop): void {
    const [lon = 0, lat = 0] = stop.geometry.coordinates;
    map.easeTo({ center: [lon, lat], animate: this.moves, duration: 200 });
    const layer = this.city?.layers.find(({ id }) => id === stop.source)?.title ?? "";
    const isGroup = stop.layer.id.endsWith(GROUP);
    const name = isGroup ? `${layer}: ${String(stop.properties["_n"])}` : this.named([stop])[0]?.title ?? layer;
    this.flash({ name, point: [lon, lat] });
  }

  /** The group that stands nearest to the middle of the map. */
  private nearest(map: EngineMap): MapGeoJSONFeature | undefined {
    const { clientWidth, clientHeight } = map.getContainer();
    const middle = { x: clientWidth / 2, y: clientHeight / 2 };
    const layers = map.getStyle().layers.map(({ id }) => id).filter((id) => id.endsWith(GROUP));
    const away = ({ geometry }: MapGeoJSONFeature): number => {
      if (geometry.type !== "Point") return Infinity;
      const { x, y } = map.project(geometry.coordinates as [number, number]);
      return Math.hypot(x - middle.x, y - middle.y);
    };
    const around: [[number, number], [number, number]] = [
      [middle.x - REACH_PX, middle.y - REACH_PX], [middle.x + REACH_PX, middle.y + REACH_PX],
    ];
    return map.queryRenderedFeatures(around, { layers }).sort((a, b) => away(a) - away(b))[0];
  }

  /** What stands on the ground; ground that has a name (a river, a park); units, which are meant where nothing else is. */
  private byStanding(things: readonly MapGeoJSONFeature[]): [MapGeoJSONFeature[], MapGeoJSONFeature[], MapGeoJSONFeature[]] {
    const looks = new Map(this.city?.layers.map((look) => [look.id, look]));
    const baseOf = ({ source }: MapGeoJSONFeature): string => looks.get(source)?.base ?? "";
    const hasName = ({ source, properties }: MapGeoJSONFeature): boolean => Boolean(properties[looks.get(source)?.label ?? ""]);
    const covers = ["green", "water", "buildings", "names"];
    return [
      things.filter((each) => !covers.includes(baseOf(each)) && baseOf(each) !== "units"),
      things.filter((each) => covers.includes(baseOf(each)) && hasName(each)),
      things.filter((each) => baseOf(each) === "units"),
    ];
  }

  private named(features: readonly MapGeoJSONFeature[]): Picked[] {
    const picked = new Map<string, Picked>();
    for (const feature of features) {
      const look = this.city?.layers.find((each) => each.id === feature.source);
      const key = `${feature.source}/${String(feature.id)}`;
      const name = look?.label ? String(feature.properties[look.label] ?? "") : "";
      if (look && picked.size < MOST_PICKED) picked.set(key, { key, title: name ? `${name} · ${look.title}` : look.title });
    }
    return [...picked.values()];
  }

  private refresh(changes: readonly Change[]): void {
    const map = this.map;
    if (!map) return;
    if (changes.some(({ op }) => RESTYLING.has(op))) void this.restyle(map);
    const byLayer = new Map<string, Change[]>();
    for (const change of changes) byLayer.set(change.layer, [...(byLayer.get(change.layer) ?? []), change]);
    for (const [layer, some] of byLayer) {
      const source = map.getSource<VectorTileSource>(layer);
      if (!source) continue;
      const whole = some.some((change) => !change.boxes?.length);
      const zoom = Math.min(Math.floor(map.getZoom()), source.maxzoom);
      const tiles = whole ? null : tilesOf(some.flatMap((change) => change.boxes ?? []), zoom);
      if (tiles) map.refreshTiles(layer, tiles);
      else map.refreshTiles(layer);
      const title = this.city?.layers.find((look) => look.id === layer)?.title;
      if (title) announce(say("updated", { layer: title }));
    }
    this.tell("changes", new Set(byLayer.keys()));
  }

  private heard(state: FeedState, heard: Date | null): void {
    this.heardAt = heard;
    if (state === "stale" && this.feedState !== "stale") announce(say("stale", { time: this.dataTime }));
    if (state === "live" && this.feedState === "stale") announce(say("live"));
    this.feedState = state;
  }

  /** When the server last said that nothing was missed; before its first word, now: tiles were drawn just so. */
  private get dataTime(): string {
    const at = this.heardAt ?? this.startedAt;
    const time = at.toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" });
    return at.toDateString() === new Date().toDateString() ? time : `${time} ${at.toLocaleDateString("vi")}`;
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** A colour of tokens.css as it is now, by day or by night. */
function tone(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}

customElements.define("huong-map", HuongMap);
