// <huong-place-picker>: a form's text of coordinates, with a map beside it that follows the text and writes into it.
// The text is the form's field and works alone; what it says is judged by the server, with or without script.
import type { PlaceMap, MapWords } from "./place-map";
import { shapeOf, textOf } from "./shape";
import type { Geometry, Kind, Shape } from "./shape";

const PAUSE_MS = 500;
const DRAWN_PAUSE_MS = 150;

interface Words extends MapWords {
  readonly read: string;
  readonly unreached: string;
  readonly tooLarge: string;
  readonly busy: string;
  readonly noMap: string;
}

type Typed = readonly (readonly string[])[] | null;
interface Area { readonly said: string; readonly confirm: string; readonly question: string }
type Checked =
  | { readonly ok: true; readonly geometry: Geometry; readonly text: string; readonly typed: Typed; readonly area: Area | null }
  | { readonly ok: false; readonly message: string; readonly typed: Typed };

/** Why a text could not be checked, by the status of the answer; 0 for none. */
function whyNot(status: number, words: Words): string {
  if (status === 413) return words.tooLarge;
  return status === 429 || status === 503 ? words.busy : words.unreached;
}

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
      const { layer = "", label = "", fid = "", corners = "" } = this.dataset;
      map.around = { layer, label, fid, corners };
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

  /** The map's hand in the form's field; the server then says the new corners in the unit of the others, and the area. */
  private write(shape: Shape): void {
    const field = this.field;
    if (!field) return;
    this.asked += 1;
    clearTimeout(this.timer);
    field.value = textOf(shape);
    field.removeAttribute("aria-invalid");
    this.say("", "");
    if (!field.value.trim()) this.sayArea(null);
    else this.timer = setTimeout(() => void this.settle(), DRAWN_PAUSE_MS);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), PAUSE_MS);
  }

  /** What the server says of the field's text; undefined where it could not be asked (said) or the text is another by now. */
  private async judge(): Promise<Checked | undefined> {
    const asked = ++this.asked;
    let status = 0;
    try {
      const { kind = "", srid = "", check = "", area = "" } = this.dataset;
      const body = new URLSearchParams({
        text: this.field?.value ?? "", kind, srid, zone: this.zone?.value ?? "", before: area, lang: document.documentElement.lang,
      });
      const answer = await fetch(check, { method: "POST", body, redirect: "error" });
      status = answer.status;
      if (!answer.ok) throw new Error(String(status));
      const checked = await answer.json() as Checked;
      if (asked !== this.asked) return undefined;
      this.field?.setAttribute("aria-invalid", String(!checked.ok));
      if (!checked.ok) this.say("bad", checked.message);
      this.sayArea(checked.ok ? checked.area : null);
      return checked;
    } catch (error) {
      console.warn(error);
      if (asked === this.asked && this.words) this.say("bad", whyNot(status, this.words));
      return undefined;
    }
  }

  /** What was typed, on the map. */
  private async check(): Promise<void> {
    if (!this.field?.value.trim()) {
      this.asked += 1;
      this.map?.show([]);
      this.say("", "");
      this.sayArea(null);
      return;
    }
    const checked = await this.judge();
    if (!checked?.ok) return;
    const shape = shapeOf(checked.geometry, checked.text);
    if (shape) this.map?.show(shape);
    this.say("good", this.words?.read ?? "");
  }

  /** What was drawn, in the field: one unit, and no more digits than a hand means. */
  private async settle(): Promise<void> {
    const checked = await this.judge();
    const field = this.field;
    if (!checked?.typed || !field) return;
    const text = this.map?.retext(checked.typed);
    if (text) field.value = text;
  }

  /** The area beside the one that stands, and the question where it changes much. */
  private sayArea(area: Area | null): void {
    const said = this.querySelector<HTMLElement>(".area");
    const confirm = this.querySelector<HTMLElement>(".confirm");
    const box = confirm?.querySelector("input");
    if (!said || !confirm || !box) return;
    said.textContent = area?.said ?? "";
    said.classList.toggle("asks", Boolean(area?.confirm));
    confirm.hidden = !area?.confirm;
    if (box.value !== (area?.confirm ?? "")) box.checked = false;
    box.value = area?.confirm ?? "";
  }

  private say(state: "" | "good" | "bad", text: string): void {
    this.status.className = `said ${state}`;
    this.status.textContent = text;
  }
}

customElements.define("huong-place-picker", PlacePicker);
