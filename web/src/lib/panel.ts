// The panel beside the map (a sheet from below on phones): one feature, or the results of a search.
import { fetchPart } from "./part";
import { announce, say } from "./words";

const SKELETON_AFTER_MS = 300;
// What the page is called with nothing beside its map; a page that opens with a feature is called after that first.
const PAGE_TITLE = typeof document === "undefined" ? "" : document.title.split(" · ").slice(-2).join(" · ");

export class Panel {
  private running: AbortController | undefined;
  private back: HTMLElement | null = null;
  /** What is shown: `layer/fid`, or `?q` for results. */
  shown = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly prefix: string,
    private readonly onClose: () => void,
  ) {
    const article = place.querySelector<HTMLElement>("[data-part]");
    if (article) {
      this.shown = article.dataset["key"] ?? "?";
      this.frame(article);
    }
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      // What holds the panel closes only when there is no panel to close.
      event.preventDefault();
      this.dismiss();
    });
  }

  /** Show the feature `layer/fid`; focus goes to its title, and back again when the panel closes. */
  async feature(key: string, opener: HTMLElement | null = null): Promise<HTMLElement | null> {
    await this.load(key, `${this.prefix}/feature/${key}`, "feature", opener);
    return this.shown === key ? this.article : null;
  }

  /** What is near a place, by distance; the position leaves the browser rounded to some 10 m. */
  async near(lon: number, lat: number, opener: HTMLElement | null = null): Promise<void> {
    await this.load("?", `${this.prefix}/near?lon=${lon.toFixed(4)}&lat=${lat.toFixed(4)}`, "near", opener);
  }

  /** What is at the place `lat,lon`. */
  async spot(at: string, opener: HTMLElement | null = null): Promise<void> {
    await this.load(`?${at}`, `${this.prefix}/place?at=${at}`, "place", opener);
  }

  /** The article of the feature that is shown. */
  get article(): HTMLElement | null {
    return this.place.querySelector("[data-key]");
  }

  get isOpen(): boolean {
    return this.place.childElementCount > 0;
  }

  async results(q: string, opener: HTMLElement | null = null): Promise<void> {
    await this.load(`?${q}`, `${this.prefix}/search?q=${encodeURIComponent(q)}`, "results", opener);
    const count = this.place.querySelector<HTMLElement>("[data-count]")?.dataset["count"] ?? "0";
    if (this.shown === `?${q}`) announce(say("results", { count }));
  }

  /** Read again what is shown, without moving the focus. */
  async refresh(): Promise<void> {
    if (!this.shown || this.shown.startsWith("?")) return;
    const key = this.shown;
    const part = await fetchPart(`${this.prefix}/feature/${key}`, "feature");
    if (this.shown === key) this.frame(part);
  }

  /** Ask which of several features at one place is meant. */
  choose(choices: readonly { key: string; title: string }[]): void {
    const list = document.createElement("ul");
    list.className = "rows";
    for (const { key, title } of choices) {
      const link = document.createElement("a");
      link.href = `${this.prefix}/feature/${key}`;
      link.dataset["feature"] = key;
      link.textContent = title;
      const row = document.createElement("li");
      row.append(link);
      list.append(row);
    }
    this.shown = "?";
    const question = heading(say("several", { count: choices.length }));
    this.frame(question, list);
    question.focus();
  }

  /** Say something short in the panel's place. */
  note(text: string): void {
    this.shown = "?";
    this.frame(heading(text));
    announce(text);
  }

  close(): void {
    this.running?.abort();
    this.place.replaceChildren();
    document.title = PAGE_TITLE;
    this.shown = "";
    this.back?.focus();
    this.back = null;
  }

  /** Closed by whoever reads it: the address forgets what was shown. */
  dismiss(): void {
    this.close();
    this.onClose();
  }

  private async load(key: string, address: string, name: string, opener: HTMLElement | null): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    if (opener && !this.place.contains(opener)) this.back = opener;
    this.shown = key;
    const slow = setTimeout(() => { this.frame(skeleton()); }, SKELETON_AFTER_MS);
    try {
      const part = await fetchPart(address, name, running.signal);
      this.frame(part);
      part.querySelector<HTMLElement>("h1, h2")?.focus();
    } catch (error) {
      if (running.signal.aborted) return;
      console.warn(error);
      this.frame(heading(say("loadFailed")), retryButton(() => void this.load(key, address, name, opener)));
      announce(say("loadFailed"));
    } finally {
      clearTimeout(slow);
    }
  }

  private frame(...content: Element[]): void {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "×";
    close.setAttribute("aria-label", say("close"));
    close.addEventListener("click", () => { this.dismiss(); });
    this.place.replaceChildren(close, ...content);
    this.place.setAttribute("role", "region");
    this.place.setAttribute("aria-label", say("panel"));
    const title = content.map((each) => (each.matches("h1, h2") ? each : each.querySelector("h1, h2"))?.textContent.trim()).find(Boolean);
    document.title = title ? `${title} · ${PAGE_TITLE}` : PAGE_TITLE;
    this.place.dispatchEvent(new CustomEvent("shown"));
  }
}

function heading(text: string): HTMLElement {
  const title = document.createElement("h2");
  title.tabIndex = -1;
  title.textContent = text;
  return title;
}

function retryButton(action: () => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("retry");
  button.addEventListener("click", action);
  return button;
}

function skeleton(): HTMLElement {
  const waiting = document.createElement("p");
  waiting.className = "skeleton";
  waiting.textContent = say("loading");
  return waiting;
}
