import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed, SILENT_MS } from "./feed";
import type { FeedState } from "./feed";

/** A stream whose server says what the test makes it say. */
class Stream {
  static readonly CLOSED = 2;
  static opened: Stream[] = [];
  readyState = 1;
  private readonly heard = new Map<string, ((event: unknown) => void)[]>();

  constructor(readonly url: string) {
    Stream.opened.push(this);
  }

  addEventListener(name: string, use: (event: unknown) => void): void {
    this.heard.set(name, [...(this.heard.get(name) ?? []), use]);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  say(name: string, lastEventId = "", data: unknown = {}): void {
    for (const use of this.heard.get(name) ?? []) use({ data: JSON.stringify(data), lastEventId });
  }
}

interface Told {
  states: FeedState[];
  heard: Date | null;
  resets: number;
}

function listening(): [Feed, Told, () => Stream] {
  const told: Told = { states: [], heard: null, resets: 0 };
  const feed = new Feed({
    change: () => undefined,
    reset: () => { told.resets++; },
    state: (state, heard) => {
      if (told.states.at(-1) !== state) told.states.push(state);
      told.heard = heard;
    },
  });
  feed.open(["reports"]);
  return [feed, told, () => Stream.opened.at(-1) as Stream];
}

beforeEach(() => {
  vi.useFakeTimers();
  Stream.opened = [];
  vi.stubGlobal("EventSource", Stream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a connection that only opened is not live", () => {
  const [, told, stream] = listening();
  stream().say("open");
  expect(told.states).toEqual(["connecting"]);
  stream().say("beat");
  expect(told.states).toEqual(["connecting", "live"]);
});

test("beats keep it live, silence makes it stale with the time of the last word", () => {
  const [, told, stream] = listening();
  stream().say("beat");
  for (let at = 0; at < 10; at++) {
    vi.advanceTimersByTime(SILENT_MS / 2);
    stream().say("beat");
  }
  const last = Date.now();
  vi.advanceTimersByTime(SILENT_MS - 1);
  expect(told.states).toEqual(["connecting", "live"]);
  vi.advanceTimersByTime(1);
  expect(told.states).toEqual(["connecting", "live", "stale"]);
  expect(told.heard?.getTime()).toBe(last);
});

test("after silence it connects anew by itself, from where it was, and is live at the first beat", () => {
  const [, told, stream] = listening();
  stream().say("beat", "here 1");
  vi.advanceTimersByTime(SILENT_MS);
  const silent = stream();
  vi.advanceTimersByTime(2_000);
  expect(silent.readyState).toBe(Stream.CLOSED);
  expect(stream()).not.toBe(silent);
  expect(stream().url).toContain(`last-event-id=${encodeURIComponent("here 1")}`);
  stream().say("open");
  stream().say("beat", "here 2");
  expect(told.states).toEqual(["connecting", "live", "stale", "live"]);
  expect(told.resets).toBe(0);
});

test("where no position is known, what came between is unknown", () => {
  const [, told, stream] = listening();
  stream().say("beat");
  vi.advanceTimersByTime(SILENT_MS + 2_000);
  stream().say("open");
  expect(told.resets).toBe(1);
});

test("a change is a word as well", () => {
  const [, told, stream] = listening();
  stream().say("beat");
  vi.advanceTimersByTime(SILENT_MS - 1);
  stream().say("change", "here 1", { layer: "reports", op: "U" });
  vi.advanceTimersByTime(SILENT_MS - 1);
  expect(told.states).toEqual(["connecting", "live"]);
});

test("a machine that slept looks at the clock when it wakes", () => {
  const [feed, told, stream] = listening();
  stream().say("beat");
  vi.setSystemTime(Date.now() + SILENT_MS);
  feed.check();
  expect(told.states.at(-1)).toBe("stale");
});

test("what is closed says nothing and connects no more", () => {
  const [feed, told, stream] = listening();
  stream().say("beat");
  feed.close();
  vi.advanceTimersByTime(10 * SILENT_MS);
  expect(told.states).toEqual(["connecting", "live"]);
  expect(Stream.opened).toHaveLength(1);
});
