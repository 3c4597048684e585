// The page that edits a style: checks what is typed with the server, shows the fault at its place, draws what is valid.
import "virtual:fonts.css";
import "./tokens.css";
import "./styles/editor.css";
import { readBlock } from "./lib/city";
import { fill } from "./lib/words";
import { locate } from "./styles/locate";
import type { Drawings, Setting, StylePreview } from "./styles/preview";

const PAUSE_MS = 400;

type Word = "checking" | "good" | "saved" | "faultAt" | "unreached" | "noMap" | "night";
type Checked = { readonly ok: true } & Drawings | { readonly ok: false; readonly path: string; readonly message: string };

class StyleEditor {
  private readonly words = readBlock("editor-words") as Record<Word, string>;
  private readonly setting = readBlock("setting") as Setting;
  private readonly text: HTMLTextAreaElement;
  private readonly status: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private preview: Promise<StylePreview | null> | undefined;

  constructor(private readonly form: HTMLFormElement, private readonly frame: HTMLElement) {
    this.text = form.elements.namedItem("text") as HTMLTextAreaElement;
    this.status = document.getElementById("style-status") as HTMLElement;
    form.addEventListener("input", () => { this.later(); });
    // What is wrong already is said by the page; what is right is drawn at once.
    void this.check();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), PAUSE_MS);
  }

  private async check(): Promise<void> {
    const asked = ++this.asked;
    this.say("", this.words.checking);
    let checked: Checked;
    try {
      const answer = await fetch(this.setting.check, { method: "POST", body: new FormData(this.form), redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      checked = await answer.json() as Checked;
    } catch (error) {
      console.warn(error);
      if (asked === this.asked) this.say("bad", this.words.unreached);
      return;
    }
    if (asked !== this.asked) return;
    this.text.setAttribute("aria-invalid", String(!checked.ok));
    if (checked.ok) {
      this.say("good", this.text.value === this.text.defaultValue ? this.words.saved : this.words.good);
      await this.draw(checked);
    } else this.refuse(checked.path, checked.message);
  }

  /** The fault in words, and a button that leads to where it stands in the text. */
  private refuse(path: string, message: string): void {
    const place = locate(this.text.value, path);
    const where = place ? `${path} (${String(place.line)})` : path;
    this.say("bad", path ? fill(this.words.faultAt, { path: where, message }) : message);
    if (!place) return;
    const go = document.createElement("button");
    go.type = "button";
    go.textContent = "↳";
    go.setAttribute("aria-label", where);
    go.addEventListener("click", () => {
      this.text.focus();
      this.text.setSelectionRange(place.from, place.to);
      const lines = this.text.value.split("\n").length;
      this.text.scrollTop = (this.text.scrollHeight / lines) * Math.max(place.line - 5, 0);
    });
    this.status.append(go);
  }

  private say(state: "" | "good" | "bad", text: string): void {
    this.status.className = `status ${state}`;
    this.status.textContent = text;
  }

  private async draw(drawings: Drawings): Promise<void> {
    if (this.preview) {
      await (await this.preview)?.show(drawings);
      return;
    }
    this.preview = this.start(drawings);
    await this.preview;
  }

  private async start(drawings: Drawings): Promise<StylePreview | null> {
    try {
      const { StylePreview: Element } = await import("./styles/preview");
      const element = new Element();
      element.nightWord = this.words.night;
      this.frame.append(element);
      this.frame.classList.add("live");
      await element.start(this.setting, drawings);
      return element;
    } catch (error) {
      console.warn(error);
      this.frame.querySelector("style-preview")?.remove();
      this.frame.classList.remove("live");
      this.say("good", this.words.noMap);
      return null;
    }
  }
}

const form = document.getElementById("style-form");
const frame = document.getElementById("preview");
if (form instanceof HTMLFormElement && frame && form.querySelector("button[value=save]")) new StyleEditor(form, frame);
