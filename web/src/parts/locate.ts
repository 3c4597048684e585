// <huong-locate>: asks the device where it is and tells `located`; whatever keeps it from that it says in words.
import { LitElement, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { say } from "../lib/words";
import type { Word } from "../lib/words";

export interface Position {
  readonly lon: number;
  readonly lat: number;
  /** Metres. */
  readonly accuracy: number;
}

type State = "idle" | "asking" | "refused" | "failed" | "slow" | "insecure" | "outside";
const WORDS: Readonly<Record<Exclude<State, "idle">, Word>> = {
  asking: "locating", refused: "locateRefused", failed: "locateFailed", slow: "locateSlow",
  insecure: "locateInsecure", outside: "locateOutside",
};
const OPTIONS: PositionOptions = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 };

/** Events: `located` (Position). `within` is the box (west, south, east, north) outside of which a place is of no use. */
export class HuongLocate extends LitElement {
  static override properties = { status: { state: true }, within: { attribute: false } };
  declare status: State;
  declare within: readonly [number, number, number, number] | null;

  constructor() {
    super();
    this.status = "idle";
    this.within = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const note = this.status === "idle" ? "" : say(WORDS[this.status]);
    return html`<button type="button" @click=${() => { this.ask(); }} ?disabled=${this.status === "asking"}>${say("nearMe")}</button><p class="note" role="status">${note || nothing}</p>`;
  }

  private ask(): void {
    // Browsers keep the position from pages that came over an open line, and do not say so.
    if (!isSecureContext || !("geolocation" in navigator)) {
      this.status = "insecure";
      return;
    }
    this.status = "asking";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { this.found({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }); },
      (error) => {
        this.status = error.code === error.PERMISSION_DENIED ? "refused" : error.code === error.TIMEOUT ? "slow" : "failed";
      },
      OPTIONS,
    );
  }

  private found(position: Position): void {
    const [west, south, east, north] = this.within ?? [-180, -90, 180, 90];
    const inside = west <= position.lon && position.lon <= east && south <= position.lat && position.lat <= north;
    this.status = inside ? "idle" : "outside";
    if (inside) this.dispatchEvent(new CustomEvent<Position>("located", { detail: position, bubbles: true }));
  }
}

customElements.define("huong-locate", HuongLocate);
