import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { formatState, parseState } from "./state";
import { Pace } from "./pace";
import { tilesOf } from "./tiles";
import { fill } from "./words";

const WORLD = 40075016.68557849;

test("an address survives being read and written", () => {
  const address = "?z=12.50&lat=16.46700&lon=107.59000&layers=admin_units,roads&ground=0&t=2025-06-30&feature=roads/7&q=%C4%91%C6%B0%E1%BB%9Dng&map=1";
  expect(formatState(parseState(address))).toBe(address);
});

test("a place that is not whole is no place, an odd feature is none", () => {
  expect(parseState("?z=12&lat=16.4").place).toBeNull();
  expect(parseState("?feature=../admin/1").feature).toBe("");
  expect(parseState("?t=30.6.2025").day).toBe("");
  expect(parseState("?layers=").layers).toEqual([]);
  expect(parseState("").layers).toBeNull();
});

test("the form without script sends layers one by one", () => {
  expect(parseState("?layers=&layers=roads&layers=dams").layers).toEqual(["roads", "dams"]);
});

test("a small change touches one tile, on an edge both", () => {
  const tile = WORLD / 2 ** 14;
  const inside = tile * 0.5;
  expect(tilesOf([[inside, inside, inside + 1, inside + 1]], 14)).toEqual([{ z: 14, x: 8192, y: 8191 }]);
  expect(tilesOf([[tile, inside, tile, inside]], 14)).toHaveLength(2);
});

test("a change of everything is not listed tile by tile", () => {
  expect(tilesOf([[-WORLD / 2, -WORLD / 2, WORLD / 2, WORLD / 2]], 10)).toBeNull();
  expect(tilesOf([[-WORLD / 2, -WORLD / 2, WORLD / 2, WORLD / 2]], 0)).toEqual([{ z: 0, x: 0, y: 0 }]);
});

test("words are filled, an unknown placeholder stands", () => {
  expect(fill("{count} nơi, {other}", { count: 3 })).toBe("3 nơi, {other}");
});

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

test("a flood of changes is handed on five times a second and none is lost", () => {
  const seen: number[][] = [];
  const pace = new Pace<number>(200, (items) => { seen.push(items); });
  for (let at = 0; at < 100; at++) {
    pace.add(at);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(200);
  expect(seen.length).toBeLessThanOrEqual(6);
  expect(seen.flat()).toEqual(Array.from({ length: 100 }, (_, at) => at));
});
