// What may be meant while a search is typed: a combobox with a list (WAI-ARIA 1.2), around the field that works without.
import { announce, say } from "./words";

const AFTER_MS = 250;
const LEAST = 2;

type Hit = readonly [title: string, under: string, address: string];

/** Offer suggestions below `field`; links of the list are those of the results. */
export function suggestAt(field: HTMLInputElement): void {
  new Suggestions(field);
}

class Suggestions {
  private readonly list = document.createElement("ul");
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;
  private active = -1;

  constructor(private readonly field: HTMLInputElement) {
    this.list.id = "suggestions";
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", say("suggestions"));
    field.after(this.list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-expanded", "false");
    field.addEventListener("input", () => { this.typed(); });
    field.addEventListener("keydown", (event) => { this.pressed(event); });
    field.addEventListener("blur", () => { this.close(); });
    field.form?.addEventListener("submit", () => { this.close(); });
    // A press on the list must not take the focus from the field, which would close it.
    this.list.addEventListener("pointerdown", (event) => { event.preventDefault(); });
    this.list.addEventListener("click", () => { this.close(); });
    // What was typed while this came, over a slow line.
    if (field.value !== field.defaultValue) this.typed();
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    const text = this.field.value.trim();
    if (text.length < LEAST) this.close();
    else this.timer = setTimeout(() => void this.ask(text), AFTER_MS);
  }

  private async ask(text: string): Promise<void> {
    const running = (this.running = new AbortController());
    const address = `${this.field.form?.getAttribute("action")?.replace(/search$/, "suggest") ?? "/suggest"}?q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, { signal: running.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      const { hits } = await answer.json() as { hits: readonly Hit[] };
      if (!running.signal.aborted && document.activeElement === this.field) this.show(hits);
    } catch (error) {
      // The form still searches: nothing is said of suggestions that did not come.
      if (!running.signal.aborted) { console.warn(error); this.close(); }
    }
  }

  private show(hits: readonly Hit[]): void {
    this.list.replaceChildren(...hits.map(([title, under, address], at) => {
      const option = document.createElement("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const link = document.createElement("a");
      link.href = address;
      link.tabIndex = -1;
      const small = document.createElement("small");
      small.textContent = under;
      link.append(title, small);
      option.append(link);
      return option;
    }));
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
    this.open(hits.length > 0);
    announce(say("results", { count: String(hits.length) }));
  }

  private pressed(event: KeyboardEvent): void {
    const options = [...this.list.children];
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      if (this.list.hidden) this.open(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the field itself, with what was typed.
      const places = options.length + 1;
      this.active = (this.active + 1 + step + places) % places - 1;
      options.forEach((option, at) => { option.setAttribute("aria-selected", String(at === this.active)); });
      const chosen = options[this.active];
      if (chosen) {
        this.field.setAttribute("aria-activedescendant", chosen.id);
        chosen.scrollIntoView({ block: "nearest" });
      } else this.field.removeAttribute("aria-activedescendant");
    } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      options[this.active]?.querySelector("a")?.click();
    }
  }

  private open(isOpen: boolean): void {
    this.list.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen));
  }

  private close(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
    this.open(false);
  }
}
