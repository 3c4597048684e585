// Starting the live map in place of its picture, and keeping page, address and map together.
import type { HuongMap, Picked } from "../map/element";
import type { City } from "./city";
import { fetchParts } from "./part";
import type { Panel } from "./panel";
import { Pace } from "./pace";
import { changed, formatState, parseState, push, replace } from "./state";
import type { Place } from "./state";
import { announce, say } from "./words";

const LIST_EVERY_MS = 600;

export class LiveMap {
  private element: HuongMap | undefined;
  private starting = false;
  private readonly lists = new Pace<null>(LIST_EVERY_MS, () => void this.refreshList());

  constructor(
    private readonly frame: HTMLElement,
    private readonly city: City,
    private readonly panel: Panel,
  ) {}

  get running(): boolean {
    return this.element !== undefined;
  }

  /** The layers that are shown now. */
  shown(): Set<string> {
    return new Set(parseState(location.search).layers ?? this.city.shown);
  }

  /** Load the engine and draw; on failure the picture stays and says why. */
  async start(): Promise<boolean> {
    if (this.element) return true;
    if (this.starting) return false;
    this.starting = true;
    this.frame.dataset["live"] = "starting";
    try {
      const { HuongMap: Element } = await import("../map/element");
      const element = new Element();
      this.frame.append(element);
      this.listen(element);
      const state = parseState(location.search);
      await element.start(this.city, this.shown(), state.place);
      this.element = element;
      element.select(state.feature);
      this.frame.dataset["live"] = "on";
      this.lists.add(null);
      return true;
    } catch (error) {
      console.warn(error);
      this.fail(String(error).includes("WebGL") ? say("noWebgl") : say("mapFailed"));
      return false;
    } finally {
      this.starting = false;
    }
  }

  private fail(text: string): void {
    this.frame.querySelector("huong-map")?.remove();
    this.frame.dataset["live"] = "failed";
    const note = document.createElement("p");
    note.className = "map-note";
    note.textContent = text;
    this.frame.querySelector(".map-note")?.remove();
    this.frame.append(note);
    announce(text);
  }

  show(): void {
    this.element?.show(this.shown());
    this.lists.add(null);
  }

  select(key: string): void {
    this.element?.select(key);
  }

  go(place: Place | null): void {
    this.element?.go(place);
  }

  resize(): void {
    this.element?.resize();
  }

  private listen(element: HuongMap): void {
    element.addEventListener("place", (event) => {
      if (!this.element) return;
      replace({ place: (event as CustomEvent<Place>).detail });
      this.lists.add(null);
    });
    element.addEventListener("pick", (event) => { this.picked((event as CustomEvent<Picked[]>).detail); });
    element.addEventListener("cell", (event) => {
      announce(say("cell", { count: (event as CustomEvent<number>).detail }));
    });
    element.addEventListener("changes", (event) => {
      const layers = (event as CustomEvent<Set<string>>).detail;
      if (layers.has(this.panel.shown.split("/")[0] ?? "")) void this.panel.refresh();
      this.lists.add(null);
    });
  }

  private picked(picked: readonly Picked[]): void {
    const [first] = picked;
    if (!first) return;
    if (picked.length > 1) {
      this.panel.choose(picked);
      return;
    }
    push({ feature: first.key, q: "" });
    this.select(first.key);
    void this.panel.feature(first.key, this.frame.querySelector("canvas"));
  }

  /** List, key and data time beside the map are those of the map's own frame. */
  private async refreshList(): Promise<void> {
    const box = this.element?.box();
    if (!box) return;
    const query = formatState({ ...changed({ feature: "", q: "", open: false }) });
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
