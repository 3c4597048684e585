import { expect, test } from "vitest";
import type { City, LayerFacts } from "./city";
import { dayFor, drawn, ticked } from "./showing";
import { parseState } from "./state";

function layer(id: string, more: Partial<LayerFacts> = {}): LayerFacts {
  return { id, title: id, kind: "area", label: null, base: "", first: 0, intervals: false, ofNow: "", ...more };
}

const CITY: City = {
  prefix: "", home: [107, 16, 108, 17], closest: { point: 17, line: 17.5, area: 19 }, zone: "Asia/Ho_Chi_Minh", units: [],
  layers: [layer("units", { base: "units" }), layer("water", { base: "water" }), layer("plots"), layer("pins", { kind: "point" }),
    layer("units_then", { intervals: true, ofNow: "units" })],
  shown: ["units", "water", "pins"],
};

test("the page's own layers where the address names none, and that of the feature", () => {
  expect(ticked(CITY, parseState(""))).toEqual(["units", "water", "pins"]);
  expect(ticked(CITY, parseState("?feature=plots/7"))).toEqual(["units", "water", "plots", "pins"]);
  expect(ticked(CITY, parseState("?feature=gone/7"))).toEqual(["units", "water", "pins"]);
});

test("layers that are named alone stand on the ground, unless it was put out", () => {
  expect(ticked(CITY, parseState("?layers=pins"))).toEqual(["units", "water", "pins"]);
  expect(ticked(CITY, parseState("?layers=pins&ground=0"))).toEqual(["pins"]);
  expect(ticked(CITY, parseState("?layers=pins,water"))).toEqual(["water", "pins"]);
  expect(ticked(CITY, parseState("?layers="))).toEqual([]);
});

test("on another day than today layers through time stand in for those of now", () => {
  expect(drawn(CITY, ["units", "pins"], "")).toEqual(new Set(["units", "pins"]));
  expect(drawn(CITY, ["units", "pins"], "2020-01-01")).toEqual(new Set(["units_then", "pins"]));
});

test("a feature is shown on a day on which it is valid", () => {
  const old = { from: "2020-01-01", last: "2025-06-30" };
  expect(dayFor(old, "", "2026-11-30")).toBe("2025-06-30");
  expect(dayFor(old, "2024-05-01", "2026-11-30")).toBe("2024-05-01");
  expect(dayFor({ from: "2025-07-01", last: "" }, "2024-05-01", "2026-11-30")).toBe("2025-07-01");
  expect(dayFor({ from: "2025-07-01", last: "" }, "", "2026-11-30")).toBe("");
  expect(dayFor({ from: "", last: "" }, "", "2026-11-30")).toBe("");
});
