// The change feed: what changed where, and whether we still hear of it.
import type { Box } from "./tiles";

export interface Change {
  readonly layer: string;
  readonly op: string;
  /** Absent or empty: anywhere in the layer. */
  readonly boxes?: readonly Box[];
}

export type FeedState = "connecting" | "live" | "stale";

export interface FeedEvents {
  change(change: Change): void;
  /** Something was missed: everything may have changed. */
  reset(): void;
  state(state: FeedState): void;
}

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;

/** Listens to `/events/`; the browser resumes by Last-Event-ID, and we ourselves where it has given up. */
export class Feed {
  private source: EventSource | undefined;
  private retry = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasLive = false;

  constructor(private readonly events: FeedEvents) {}

  open(layers: readonly string[]): void {
    this.close();
    if (!layers.length) return;
    this.events.state("connecting");
    const source = new EventSource(`/events/?layers=${layers.join(",")}`);
    this.source = source;
    source.addEventListener("open", () => {
      this.retry = FIRST_RETRY_MS;
      this.events.state("live");
      this.wasLive = true;
    });
    source.addEventListener("change", (event: MessageEvent<string>) => { this.events.change(JSON.parse(event.data) as Change); });
    source.addEventListener("reset", () => { this.events.reset(); });
    source.addEventListener("error", () => {
      this.events.state("stale");
      if (source.readyState === EventSource.CLOSED) this.again(layers);
    });
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private again(layers: readonly string[]): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.open(layers);
      // A new connection has no Last-Event-ID: what came between is unknown.
      if (this.wasLive) this.events.reset();
    }, this.retry);
    this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
  }
}
