// The form of a printed sheet: its preview and its errors follow what is typed, by the page that a submit would open.
import { fetchParts } from "./part";
import { Pace } from "./pace";
import { announce, say } from "./words";

const PREVIEW_EVERY_MS = 700;

class PrintForm {
  private running: AbortController | undefined;
  private readonly previews = new Pace<null>(PREVIEW_EVERY_MS, () => void this.preview());

  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener("input", (event) => { this.changed(event.target as HTMLElement); });
  }

  private changed(field: HTMLElement): void {
    // A scale of the list is meant, whatever stood beside it.
    const other = this.form.elements.namedItem("other");
    if (field.id === "f-scale" && other instanceof HTMLInputElement) other.value = "";
    this.previews.add(null);
  }

  private async preview(): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") query.append(name, value);
    const address = `${this.form.action}?${query}`;
    const old = [...document.querySelectorAll<HTMLElement>("main [data-part]")];
    try {
      const parts = await fetchParts(address, old.map((part) => part.dataset["part"] ?? ""), running.signal);
      old.forEach((part, at) => {
        const fresh = parts[at];
        // Whoever is on a link of a part keeps it; the roles of errors are for pages that were sent.
        if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
      });
      this.mark();
      history.replaceState(history.state, "", address);
      announce(document.querySelector("[data-summary]")?.textContent ?? document.querySelector(".sheet .empty")?.textContent ?? "");
    } catch (error) {
      if (running.signal.aborted) return;
      console.warn(error);
      announce(say("loadFailed"));
    }
  }

  /** Fields with an error say so. */
  private mark(): void {
    for (const place of document.querySelectorAll<HTMLElement>("[id^='e-']")) {
      const name = place.id === "e-scale" ? "other" : place.id.slice(2);
      document.getElementById(`f-${name}`)?.toggleAttribute("aria-invalid", false);
      if (place.textContent.trim()) document.getElementById(`f-${name}`)?.setAttribute("aria-invalid", "true");
    }
  }
}

const form = document.querySelector<HTMLFormElement>("[data-print-form]");
if (form) new PrintForm(form);
