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
  /** `heard` is when the server last said that nothing was missed, null for never. */
  state(state: FeedState, heard: Date | null): void;
}

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
// The server's heart beats every 15 s (tilesrv/events.py): after two beats that did not come nobody knows what changed.
export const SILENT_MS = 30_000;

/**
 * Listens to `/events/`. Live is claimed only after a word of the server and for `SILENT_MS` from it: a connection that
 * stands open and says nothing is none. Where the browser has given up, or nothing is heard, we connect anew from the
 * last position that we know.
 */
export class Feed {
  private source: EventSource | undefined;
  private layers: readonly string[] = [];
  private retry = FIRST_RETRY_MS;
  private again: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private heard: Date | null = null;
  private position = "";
  private state: FeedState = "connecting";

  constructor(private readonly events: FeedEvents) {}

  open(layers: readonly string[]): void {
    this.close();
    this.layers = layers;
    if (!layers.length) return;
    const isFresh = this.heard !== null && Date.now() - this.heard.getTime() < SILENT_MS;
    if (this.state !== "live" || !isFresh) this.become("connecting");
    this.connect();
  }

  close(): void {
    clearTimeout(this.again);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = undefined;
  }

  /** Look at the clock: timers sleep with the page and with the machine. */
  check(): void {
    if (!this.source) return;
    const since = this.heard ? Date.now() - this.heard.getTime() : 0;
    if (since >= SILENT_MS) this.fall();
  }

  private connect(): void {
    clearTimeout(this.again);
    this.source?.close();
    const from = this.position ? `&last-event-id=${encodeURIComponent(this.position)}` : "";
    const source = new EventSource(`/events/?layers=${this.layers.join(",")}${from}`);
    this.source = source;
    const missed = this.heard !== null && !this.position;
    source.addEventListener("open", () => {
      // Without a position nobody knows what came between.
      if (missed) this.events.reset();
    });
    source.addEventListener("beat", (event: MessageEvent<string>) => { this.hear(event); });
    source.addEventListener("change", (event: MessageEvent<string>) => {
      this.hear(event);
      this.events.change(JSON.parse(event.data) as Change);
    });
    source.addEventListener("reset", (event: MessageEvent<string>) => {
      this.hear(event);
      this.events.reset();
    });
    source.addEventListener("error", () => {
      if (this.source !== source) return;
      this.become("stale");
      if (source.readyState === EventSource.CLOSED) this.connectLater();
    });
    this.listenForSilence();
  }

  private hear(event: MessageEvent<string>): void {
    this.heard = new Date();
    if (event.lastEventId) this.position = event.lastEventId;
    this.retry = FIRST_RETRY_MS;
    this.become("live");
    this.listenForSilence();
  }

  private listenForSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => { this.fall(); }, SILENT_MS);
  }

  /** Nothing was heard for too long, whatever the connection looks like: say so and connect anew. */
  private fall(): void {
    this.become("stale");
    this.source?.close();
    this.connectLater();
  }

  private connectLater(): void {
    clearTimeout(this.again);
    clearTimeout(this.silence);
    this.again = setTimeout(() => { this.connect(); }, this.retry);
    this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
  }

  private become(state: FeedState): void {
    this.state = state;
    this.events.state(state, this.heard);
  }
}
