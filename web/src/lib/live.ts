// Starting the live map in place of its picture, and keeping page, address and map together.
import type { HuongMap, Picked, View } from "../map/element";
import type { Position } from "../parts/locate";
import type { City } from "./city";
import { fetchParts } from "./part";
import type { Panel } from "./panel";
import { Pace } from "./pace";
import { dayFor, drawn, shownIn, ticked, today } from "./showing";
import { changed, formatState, parseState, push, replace } from "./state";
import type { Place } from "./state";
import { announce, say } from "./words";

const LIST_EVERY_MS = 600;

const SPOT_ZOOM = 17;

/** The map around a place that is marked, `lat,lon`. */
function spotPlace(at: string): Place | null {
  const [lat = NaN, lon = NaN] = at.split(",").map(Number);
  return at ? { zoom: SPOT_ZOOM, lat, lon } : null;
}

export class LiveMap {
  private element: HuongMap | undefined;
  private starting = false;
  private layersAsked = 0;
  private namedDay: string;
  /** Where the map is, or will be: in the page's frame, or in the dialog that covers a phone. */
  private host: HTMLElement;
  private readonly lists = new Pace<null>(LIST_EVERY_MS, () => void this.refreshList());

  constructor(
    private readonly frame: HTMLElement,
    private readonly city: City,
    private readonly panel: Panel,
  ) {
    this.host = frame;
    this.namedDay = parseState(location.search).day;
  }

  get running(): boolean {
    return this.element !== undefined;
  }

  /** The layers that are chosen now. */
  ticked(): Set<string> {
    return new Set(ticked(this.city, parseState(location.search)));
  }

  /** The map stands in `host` from now on. */
  moveTo(host: HTMLElement): void {
    if (host === this.host) return;
    delete this.host.dataset["live"];
    this.host = host;
    if (!this.element) return;
    host.append(this.element);
    host.dataset["live"] = "on";
    this.element.resize();
  }

  /** Load the engine and draw; on failure the picture stays and says why. */
  async start(): Promise<boolean> {
    if (this.element) return true;
    if (this.starting) return false;
    this.starting = true;
    const host = this.host;
    host.dataset["live"] = "starting";
    try {
      const { HuongMap: Element } = await import("../map/element");
      const element = new Element();
      host.append(element);
      this.listen(element);
      const state = parseState(location.search);
      const chosen = state.feature ? shownIn(this.panel.article) : null;
      await element.start(this.city, this.view(), state.place ?? spotPlace(state.at), chosen);
      this.element = element;
      const at = element.place();
      if (chosen && at) replace({ place: at });
      element.select(state.feature);
      element.spot(state.at);
      host.dataset["live"] = "on";
      this.present("keep");
      this.lists.add(null);
      return true;
    } catch (error) {
      console.warn(error);
      host.querySelector("huong-map")?.remove();
      delete host.dataset["live"];
      this.fail(String(error).includes("WebGL") ? say("noWebgl") : say("mapFailed"));
      return false;
    } finally {
      this.starting = false;
    }
  }

  private fail(text: string): void {
    this.frame.dataset["live"] = "failed";
    const note = document.createElement("p");
    note.className = "map-note";
    note.textContent = text;
    this.frame.querySelector(".map-note")?.remove();
    this.frame.append(note);
    announce(text);
  }

  private view(): View {
    const { day } = parseState(location.search);
    return { shown: drawn(this.city, [...this.ticked()], day), day, today: today(this.city) };
  }

  /** Draw what the address asks for. */
  show(): void {
    this.element?.show(this.view());
    this.element?.spot(parseState(location.search).at);
    void this.nameUnits();
    this.lists.add(null);
  }

  select(key: string): void {
    this.element?.select(key);
  }

  go(place: Place | null): void {
    this.element?.go(place);
  }

  /** Show the feature of the panel: on a day of its validity, by name, whole; `keep` moves only where it is not seen,
   *  `stay` not at all: who touched it on the map sees it. `show` is `fit` for who asked for no more than that: where
   *  the map stands there already, a ring says so. */
  present(how: "show" | "fit" | "keep" | "stay"): void {
    const shown = shownIn(this.panel.article);
    if (!shown) return;
    const { day } = parseState(location.search);
    const its = dayFor(shown, day, today(this.city));
    if (its !== day) {
      replace({ day: its });
      this.show();
    }
    this.element?.name(shown);
    if (how === "show" || how === "fit") this.element?.fit(shown);
    else if (how === "keep") this.element?.reveal(shown);
    if (how === "show") this.element?.flash(shown);
  }

  /** Show where the reader is. */
  here(position: Position): void {
    this.element?.here(position);
  }

  pause(): void {
    this.element?.pause();
  }

  resume(): void {
    this.element?.resize();
    this.element?.resume();
  }

  private listen(element: HuongMap): void {
    element.addEventListener("place", (event) => {
      if (!this.element) return;
      replace({ place: (event as CustomEvent<Place>).detail });
      this.lists.add(null);
    });
    element.addEventListener("pick", (event) => { void this.picked((event as CustomEvent<Picked[]>).detail); });
    element.addEventListener("cell", (event) => {
      announce(say("cell", { count: (event as CustomEvent<number>).detail }));
    });
    element.addEventListener("changes", (event) => {
      const layers = (event as CustomEvent<Set<string>>).detail;
      if (layers.has(this.panel.shown.split("/")[0] ?? "")) void this.panel.refresh();
      this.lists.add(null);
    });
  }

  private async picked(picked: readonly Picked[]): Promise<void> {
    const [first] = picked;
    if (!first) return;
    if (picked.length > 1) {
      this.panel.choose(picked);
      return;
    }
    push({ feature: first.key, at: "", q: "" });
    this.select(first.key);
    if (await this.panel.feature(first.key, this.element?.querySelector("canvas") ?? null)) this.present("stay");
  }

  /** Units are named as of the day that is shown. */
  private async nameUnits(): Promise<void> {
    const { day } = parseState(location.search);
    if (day === this.namedDay || !this.element) return;
    this.namedDay = day;
    try {
      const answer = await fetch(`${this.city.prefix}/map-names.json${day ? `?t=${day}` : ""}`);
      const { units } = await answer.json() as Pick<City, "units">;
      if (this.namedDay === day) this.element.nameUnits(units);
    } catch (error) {
      console.warn(error);
    }
  }

  /** The server's picture of what the address asks for, in place of the one before. */
  async refreshPicture(): Promise<void> {
    try {
      const address = `${this.city.prefix}/${formatState(changed({ q: "", open: false }))}`;
      const [fresh] = await fetchParts(address, ["frame"]);
      for (const old of this.frame.querySelectorAll(":scope > :is(.symbols, .picture, .moves)")) old.remove();
      this.frame.prepend(...(fresh?.children ?? []));
    } catch (error) {
      console.warn(error);
    }
  }

  /** The boxes of layers say of which day each is. */
  async refreshLayers(): Promise<void> {
    const number = ++this.layersAsked;
    const form = document.querySelector("form.layers");
    const box = this.element?.box();
    if (!form || !box) return;
    const query = formatState({ ...changed({ feature: "", at: "", q: "", open: false }) });
    try {
      const [fresh] = await fetchParts(`${this.city.prefix}/beside${query}${query ? "&" : "?"}with=layers&box=${box.join(",")}`, ["layers"]);
      // An older day's answer may come after a newer one's.
      if (fresh && number === this.layersAsked) form.replaceChildren(...fresh.childNodes);
    } catch (error) {
      console.warn(error);
    }
  }

  /** List, key and data time beside the map are those of the map's own frame. */
  private async refreshList(): Promise<void> {
    const box = this.element?.box();
    if (!box) return;
    const query = formatState({ ...changed({ feature: "", at: "", q: "", open: false }) });
    const address = `${this.city.prefix}/beside${query}${query ? "&" : "?"}box=${box.map((degrees) => degrees.toFixed(6)).join(",")}`;
    const names = ["in-view", "map-foot"];
    try {
      const parts = await fetchParts(address, names);
      names.forEach((name, at) => {
        const old = document.querySelector(`[data-part="${name}"]`);
        const part = parts[at];
        // Whoever is reading the list keeps it until they have left it.
        if (old && part && !old.contains(document.activeElement)) old.replaceWith(part);
      });
    } catch (error) {
      console.warn(error);
    }
  }
}
