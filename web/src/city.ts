import "virtual:fonts.css";
import "./tokens.css";
import "../../gis_core/static/frame.css";
import "./page.css";
import "./printing.css";
import { readBlock } from "./lib/city";
import type { City } from "./lib/city";
import { LiveMap } from "./lib/live";
import { Panel } from "./lib/panel";
import { layerIn } from "./lib/showing";
import { changed, formatState, parseState, push, replace } from "./lib/state";
import type { MapState } from "./lib/state";
import { announce, say } from "./lib/words";
import { WholeMap } from "./lib/whole";
import type { Position } from "./parts/locate";

const WIDE = matchMedia("(min-width: 1000px)");

/** The map page: every enhancement of what already works without this file. */
class MapPage {
  private readonly city = readBlock("city") as City;
  private readonly panel: Panel;
  private readonly live: LiveMap;
  private readonly whole: WholeMap;
  private toldDay = parseState(location.search).day;

  constructor(private readonly frame: HTMLElement, place: HTMLElement) {
    this.panel = new Panel(place, this.city.prefix, () => { push({ feature: "", at: "", q: "" }); this.live.select(""); this.live.show(); });
    this.live = new LiveMap(frame, this.city, this.panel);
    this.whole = new WholeMap(this.panel, place, () => this.locateButton(), () => { push({ open: false }); this.leaveWhole(); });
    document.addEventListener("click", (event) => { this.clicked(event); });
    this.searchInPanel();
    this.layersAtOnce();
    this.openButton();
    addEventListener("popstate", () => void this.follow());
    WIDE.addEventListener("change", () => void this.changedWidth());
    document.addEventListener("day", (event) => { this.goToDay((event as CustomEvent<string>).detail); });
    whenIdle(() => void this.enrich());
    const saving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
    if (parseState(location.search).open) void this.open();
    else if (WIDE.matches && !saving) whenIdle(() => void this.live.start());
  }

  /** Links to features open beside the map; with a modifier key they stay links. */
  private clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest<HTMLElement>("a[href]");
    if (!link) return;
    const address = link.getAttribute("href") ?? "";
    const start = `${this.city.prefix}/feature/`;
    const { onMap, day } = link.dataset;
    if (link.hasAttribute("data-print")) {
      // The view as it is now: the link itself follows the map a moment later.
      link.setAttribute("href", `${this.city.prefix}/print${formatState(changed({ feature: "", at: "", q: "", open: false }))}`);
    } else if (onMap !== undefined) {
      if (!this.live.running) return;
      event.preventDefault();
      this.choose(parseState(onMap).feature);
      this.live.present("show");
    } else if (day !== undefined) {
      event.preventDefault();
      this.goToDay(day);
    } else if (address.startsWith(start)) {
      event.preventDefault();
      void this.openFeature(address.slice(start.length), link);
    }
  }

  /** A hit or a row: the panel tells of it, and the map goes there. */
  private async openFeature(key: string, opener: HTMLElement): Promise<void> {
    this.choose(key);
    const article = await this.panel.feature(key, opener);
    if (!article) return;
    this.live.present("fit");
    if (!this.live.running) {
      replace({ place: null });
      await this.live.refreshPicture();
    }
  }

  /** Into the address with the feature `key`, its layer among those that are shown. */
  private choose(key: string): void {
    const before = parseState(location.search);
    const shown = this.live.ticked();
    const layer = layerIn(key);
    const layers = shown.has(layer) && layer !== layerIn(before.feature) ? before.layers : [...new Set([...shown, layer])];
    const isOwn = layers?.length === this.city.shown.length && this.city.shown.every((id) => layers.includes(id));
    push({ feature: key, at: "", q: "", layers: isOwn ? null : layers });
    this.tickBoxes();
    this.live.show();
    this.live.select(key);
  }

  private searchInPanel(): void {
    const form = document.querySelector<HTMLFormElement>("form.search");
    form?.addEventListener("submit", (event) => {
      const input = form.querySelector("input");
      const q = input?.value.trim() ?? "";
      if (!q) return;
      event.preventDefault();
      push({ q, feature: "", at: "" });
      this.live.select("");
      this.live.show();
      void this.panel.results(q, input);
    });
  }

  /** With the live map a tick shows or hides a layer at once; without, the form's button asks the server. */
  private layersAtOnce(): void {
    const form = document.querySelector<HTMLFormElement>("form.layers");
    form?.addEventListener("change", () => {
      if (!this.live.running) return;
      const layers = [...form.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value);
      const ground = this.city.layers.some(({ id, base }) => base && layers.includes(id));
      const { feature } = parseState(location.search);
      if (feature && !layers.includes(layerIn(feature))) {
        this.panel.close();
        this.live.select("");
        push({ layers, ground, feature: "" });
      } else {
        push({ layers, ground });
      }
      this.live.show();
    });
  }

  private tickBoxes(): void {
    const shown = this.live.ticked();
    for (const box of document.querySelectorAll<HTMLInputElement>("form.layers input[type=checkbox]")) box.checked = shown.has(box.value);
  }

  /** The map of another day, or with "" of today; without the live map the server draws it. */
  private goToDay(day: string): void {
    const change: Partial<MapState> = { day, feature: "", at: "" };
    if (!this.live.running) {
      location.search = formatState(changed(change));
      return;
    }
    push(change);
    this.panel.close();
    this.live.select("");
    this.live.show();
    this.tellDay();
    const [year = "", month = "", date = ""] = day.split("-");
    announce(day ? say("mapOfDay", { day: `${date}/${month}/${year}` }) : say("mapOfToday"));
  }

  private tellDay(): void {
    const timeline = document.querySelector<HTMLElement & { day?: string }>("huong-timeline");
    const { day } = parseState(location.search);
    if (timeline) timeline.day = day;
    if (day !== this.toldDay) void this.live.refreshLayers().then(() => { this.tickBoxes(); });
    this.toldDay = day;
  }

  private openButton(): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open-map";
    button.textContent = say("openMap");
    button.addEventListener("click", () => {
      if (!WIDE.matches) push({ open: true });
      void this.open();
    });
    this.frame.append(button);
  }

  /** On a phone the live map takes the whole screen, so that a finger either moves the map or the page, never both. */
  private async open(): Promise<void> {
    const button = this.frame.querySelector<HTMLButtonElement>(".open-map");
    if (button) button.textContent = say("starting");
    if (!WIDE.matches) this.live.moveTo(await this.whole.open());
    const started = await this.live.start();
    if (button) button.textContent = say("openMap");
    if (started) this.live.resume();
    else this.whole.close();
  }

  private leaveWhole(): void {
    if (!this.whole.isOpen) return;
    this.whole.close();
    this.live.pause();
    if (this.live.running) void this.live.refreshPicture();
  }

  /** A phone is turned, a window is drawn wide: the map stands where there is room for it. */
  private async changedWidth(): Promise<void> {
    if (!WIDE.matches) {
      if (this.live.running) this.live.moveTo(await this.whole.room());
      this.live.pause();
      return;
    }
    this.whole.close();
    this.live.moveTo(this.frame);
    if (await this.live.start()) this.live.resume();
  }

  /** The address changed by the back button: panel, layers and map follow. */
  private async follow(): Promise<void> {
    const state = parseState(location.search);
    if (state.open && !WIDE.matches) await this.open();
    else this.leaveWhole();
    this.tickBoxes();
    this.tellDay();
    this.live.select(state.feature);
    this.live.show();
    if (this.live.running) this.live.go(state.place);
    else void this.live.refreshPicture();
    if (state.feature && state.feature !== this.panel.shown) {
      if (await this.panel.feature(state.feature)) this.live.present(state.place ? "keep" : "fit");
    } else if (!state.feature && state.q) await this.panel.results(state.q);
    else if (!state.feature && state.at) await this.panel.spot(state.at);
    else if (!state.feature) this.panel.close();
  }

  /** What needs the parts' library, once the page has been seen. */
  private async enrich(): Promise<void> {
    await Promise.all([import("./parts/timeline"), import("./parts/locate")]);
    this.tellDay();
    this.frame.append(this.locateButton());
  }

  private locateButton(): HTMLElement {
    const button = document.createElement("huong-locate") as HTMLElement & { within: City["home"] };
    button.within = this.city.home;
    button.addEventListener("located", (event) => {
      const position = (event as CustomEvent<Position>).detail;
      this.live.here(position);
      void this.panel.near(position.lon, position.lat, button.querySelector("button"));
    });
    return button;
  }
}

function whenIdle(action: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(action, { timeout: 2000 });
  else setTimeout(action, 300);
}

const frame = document.querySelector<HTMLElement>(".city .frame");
const place = document.getElementById("panel");
if (frame && place) new MapPage(frame, place);
const field = document.querySelector<HTMLInputElement>("form.search input[type=search]");
if (field) {
  const suggest = (): void => void import("./lib/suggest").then(({ suggestAt }) => { suggestAt(field); });
  // Who is quicker than this script is in the field already.
  if (document.activeElement === field) suggest();
  else field.addEventListener("focus", suggest, { once: true });
}
if (document.querySelector("huong-share")) whenIdle(() => void import("./parts/share"));
if (document.querySelector("[data-print-form]")) void import("./lib/print");
