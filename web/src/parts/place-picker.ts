// <huong-place-picker>: a form's text of coordinates, with a map beside it that follows the text and writes into it.
// The text is the form's field and works alone; what it says is judged by the server, with or without script.
import type { PlaceMap, MapWords } from "./place-map";
import { shapeOf, textOf } from "./shape";
import type { Geometry, Kind, Shape } from "./shape";

const PAUSE_MS = 500;

interface Words extends MapWords {
  readonly read: string;
  readonly unreached: string;
  readonly noMap: string;
}

type Checked = { readonly ok: true; readonly geometry: Geometry; readonly text: string } | { readonly ok: false; readonly message: string };

export class PlacePicker extends HTMLElement {
  private map: PlaceMap | undefined;
  private words: Words | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private readonly status = document.createElement("p");

  connectedCallback(): void {
    const block = this.querySelector("script[type='application/json']")?.textContent;
    const field = this.field;
    if (!block || !field || this.map) return;
    this.words = JSON.parse(block) as Words;
    this.status.className = "said";
    this.status.setAttribute("role", "status");
    field.after(this.status);
    field.addEventListener("input", () => { this.later(); });
    this.zone?.addEventListener("change", () => { this.later(); });
    const drawn = this.dataset["drawn"];
    void this.start(drawn ? shapeOf(JSON.parse(drawn) as Geometry, field.value) : null);
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
  }

  private get field(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }

  private get zone(): HTMLSelectElement | null {
    return this.querySelector("select");
  }

  private async start(shape: Shape | null): Promise<void> {
    try {
      const { PlaceMap: Element } = await import("./place-map");
      const map = new Element();
      map.kind = this.dataset["kind"] as Kind;
      map.words = this.words;
      map.addEventListener("drawn", (event) => { this.write((event as CustomEvent<Shape>).detail); });
      this.prepend(map);
      await map.start(shape ?? []);
      this.map = map;
    } catch (error) {
      console.warn(error);
      this.querySelector("huong-place-map")?.remove();
      this.say("", this.words?.noMap ?? "");
    }
    if (!shape && this.field?.value.trim()) await this.check();
  }

  /** The map's hand in the form's field. */
  private write(shape: Shape): void {
    const field = this.field;
    if (!field) return;
    this.asked += 1;
    clearTimeout(this.timer);
    field.value = textOf(shape);
    field.removeAttribute("aria-invalid");
    this.say("", "");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), PAUSE_MS);
  }

  private async check(): Promise<void> {
    const asked = ++this.asked;
    const field = this.field;
    if (!field) return;
    if (!field.value.trim()) {
      this.map?.show([]);
      this.say("", "");
      return;
    }
    let checked: Checked;
    try {
      const { kind = "", srid = "", check = "" } = this.dataset;
      const body = new URLSearchParams({ text: field.value, kind, srid, zone: this.zone?.value ?? "", lang: document.documentElement.lang });
      const answer = await fetch(check, { method: "POST", body, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      checked = await answer.json() as Checked;
    } catch (error) {
      console.warn(error);
      if (asked === this.asked) this.say("bad", this.words?.unreached ?? "");
      return;
    }
    if (asked !== this.asked) return;
    field.setAttribute("aria-invalid", String(!checked.ok));
    if (!checked.ok) {
      this.say("bad", checked.message);
      return;
    }
    const shape = shapeOf(checked.geometry, checked.text);
    if (shape) this.map?.show(shape);
    this.say("good", this.words?.read ?? "");
  }

  private say(state: "" | "good" | "bad", text: string): void {
    this.status.className = `said ${state}`;
    this.status.textContent = text;
  }
}

customElements.define("huong-place-picker", PlacePicker);
