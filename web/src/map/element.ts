// <huong-map>: the live map. It draws what it is given, tells where it stands and what was picked, and keeps itself fresh.
import { LitElement, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl";
import type { City } from "../lib/city";
import { Feed } from "../lib/feed";
import type { Change, FeedState } from "../lib/feed";
import { Pace } from "../lib/pace";
import type { Place } from "../lib/state";
import { tilesOf } from "../lib/tiles";
import { announce, say } from "../lib/words";
import { createMap } from "./engine";
import type { EngineMap } from "./engine";
import { cityStyle, fetchStyle, layerOf } from "./style";
import type { ServedStyle } from "./style";

const REFRESH_EVERY_MS = 200;
const PICK_PX = 6;
// Styles were edited (and with them what tiles carry), a layer was published anew, or nobody knows what came meanwhile.
const RESTYLING = new Set(["S", "P", "reset"]);
const MOST_PICKED = 12;

export interface Picked {
  readonly key: string;
  readonly title: string;
}

/** Events: `place` (Place), `pick` (Picked[]), `cell` (number), `changes` (Set of layer ids). */
export class HuongMap extends LitElement {
  static override properties = { feedState: { state: true }, heardAt: { state: true } };
  declare feedState: FeedState;
  declare heardAt: Date;

  private map: EngineMap | undefined;
  private city: City | undefined;
  private served: ServedStyle | undefined;
  private shown = new Set<string>();
  private selected = "";
  private readonly feed: Feed;
  private readonly refreshes = new Pace<Change>(REFRESH_EVERY_MS, (changes) => { this.refresh(changes); });
  private readonly night = matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    super();
    this.feedState = "connecting";
    this.heardAt = new Date();
    this.feed = new Feed({
      change: (change) => { this.heardAt = new Date(); this.refreshes.add(change); },
      reset: () => { this.shown.forEach((layer) => { this.refreshes.add({ layer, op: "reset" }); }); },
      state: (state) => { this.heard(state); },
    });
  }

  // The engine's style sheet is the page's, so the map lives in the page and not in a shadow.
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const word = this.feedState === "live" ? say("live")
      : this.feedState === "connecting" ? say("connecting")
      : say("stale", { time: this.heardAt.toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" }) });
    return html`<div class="canvas"></div><p class="feed ${this.feedState}"><span class="dot" aria-hidden="true"></span>${word || nothing}</p>`;
  }

  /** Draw the city; resolves when all is drawn, rejects where the device cannot. */
  async start(city: City, shown: ReadonlySet<string>, place: Place | null): Promise<void> {
    this.city = city;
    this.shown = this.known(shown);
    [this.served] = await Promise.all([fetchStyle(this.night.matches), this.updateComplete]);
    const container = this.querySelector<HTMLElement>(".canvas");
    if (!container) throw new Error("the map has no place");
    const map = await createMap({ container, style: this.look(this.served), place, home: city.home });
    this.map = map;
    // Browser tests ask the map itself what it draws: a blank canvas looks like any other to the DOM.
    const page = window as { __huongTest?: boolean; __map?: EngineMap };
    if (page.__huongTest) page.__map = map;
    this.listen(map);
    await new Promise<void>((resolve) => { void map.once("idle", () => { resolve(); }); });
    this.feed.open([...this.shown]);
  }

  show(shown: ReadonlySet<string>): void {
    this.shown = this.known(shown);
    for (const layer of this.map?.getStyle().layers ?? []) {
      const id = layerOf(layer.id);
      if (this.city?.layers.some((look) => look.id === id)) {
        this.map?.setLayoutProperty(layer.id, "visibility", this.shown.has(id) ? "visible" : "none");
      }
    }
    this.feed.open([...this.shown]);
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
  }

  go(place: Place | null): void {
    const animate = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (place) this.map?.easeTo({ center: [place.lon, place.lat], zoom: place.zoom, animate, duration: 200 });
    else if (this.city) this.map?.fitBounds([...this.city.home] as [number, number, number, number], { padding: 24, animate: false });
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
    this.feed.close();
    this.refreshes.stop();
    this.map?.remove();
    this.map = undefined;
  }

  private look(served: ServedStyle): ReturnType<typeof cityStyle> {
    const words = { hoangSa: say("hoangSa"), truongSa: say("truongSa") };
    return cityStyle({ served, facts: this.city?.layers ?? [], shown: this.shown, units: this.city?.units ?? [], origin: location.origin, tone, words });
  }

  /** Draw by the styles as they are now: somebody edited one, or night fell. */
  private async restyle(map: EngineMap): Promise<void> {
    try {
      this.served = await fetchStyle(this.night.matches);
    } catch (error) {
      console.warn(error);
      return;
    }
    map.setStyle(this.look(this.served));
    this.select(this.selected);
  }

  private listen(map: EngineMap): void {
    map.on("moveend", () => {
      const { lng, lat } = map.getCenter();
      this.tell("place", { zoom: map.getZoom(), lat, lon: lng } satisfies Place);
    });
    map.on("click", (event) => { this.pick(map, event); });
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.under(map, event).length ? "pointer" : "";
    });
    this.night.addEventListener("change", () => void this.restyle(map));
  }

  /** What lies under a finger: points and lines a little around it, areas only where it points. */
  private under(map: EngineMap, { point }: MapMouseEvent): MapGeoJSONFeature[] {
    const around: [[number, number], [number, number]] = [[point.x - PICK_PX, point.y - PICK_PX], [point.x + PICK_PX, point.y + PICK_PX]];
    const isArea = ({ layer }: MapGeoJSONFeature): boolean => layer.type === "fill";
    const areas = new Set(this.city?.layers.filter((look) => look.kind === "area").map((look) => look.id));
    const near = map.queryRenderedFeatures(around).filter((each) => !isArea(each) && !areas.has(each.source));
    const here = map.queryRenderedFeatures(point).filter(isArea);
    return [...near, ...here].filter(({ layer }) => this.shown.has(layerOf(layer.id)));
  }

  private pick(map: EngineMap, event: MapMouseEvent): void {
    const found = this.under(map, event);
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
      const source = map.getSource<import("maplibre-gl").VectorTileSource>(layer);
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

  private heard(state: FeedState): void {
    if (state === "live") this.heardAt = new Date();
    if (state === "stale" && this.feedState !== "stale") announce(say("stale", { time: this.heardAt.toLocaleTimeString("vi") }));
    this.feedState = state;
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
