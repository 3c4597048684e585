import { expect, test } from "vitest";
import { Steps, corner, finished, inserted, middles, moved, nested, removed, shapeOf, shifted, textOf, written } from "./shape";
import type { Geometry, Shape } from "./shape";

const SURVEYED: Geometry = { type: "MultiPolygon", coordinates: [[[[107.1, 16.1], [107.2, 16.1], [107.2, 16.2], [107.1, 16.1]]]] };
const TEXT = "1780000.123, 510000.456\n1780000.1, 520000.2\n1790000.33, 520000.4";

function surveyed(): Shape {
  const shape = shapeOf(SURVEYED, TEXT);
  if (!shape) throw new Error("not read");
  return shape;
}

test("corners that nobody touched keep their text to the letter", () => {
  expect(textOf(surveyed())).toBe(TEXT);
  const one = moved(surveyed(), { block: 0, corner: 1 }, [107.25, 16.1]);
  expect(textOf(one).split("\n")).toEqual(["1780000.123, 510000.456", "16.1, 107.25", "1790000.33, 520000.4"]);
  const more = inserted(surveyed(), { block: 0, corner: 3 }, [107.15, 16.15]);
  expect(textOf(more).split("\n").slice(0, 3).join("\n")).toBe(TEXT);
});

test("a neighbour's corner keeps its text, and the server's texts are taken where they are those of the shape", () => {
  const snapped = moved(surveyed(), { block: 0, corner: 1 }, { at: [107.25, 16.1], text: "1780000.777, 525000.888" });
  expect(textOf(snapped).split("\n")[1]).toBe("1780000.777, 525000.888");
  const lines = [["1.000, 2.000", "3.000, 4.000", "5.000, 6.000"]];
  expect(textOf(written(snapped, lines) ?? [])).toBe("1.000, 2.000\n3.000, 4.000\n5.000, 6.000");
  expect(written(snapped, [["1, 2"]])).toBeNull();
});

test("a text that is not the geometry's is not taken for it", () => {
  expect(shapeOf(SURVEYED, "16.1, 107.1")).toBeNull();
  expect(shapeOf({ type: "GeometryCollection", coordinates: [] }, TEXT)).toBeNull();
});

test("too few corners take their block with them", () => {
  expect(removed(surveyed(), { block: 0, corner: 0 }, "MultiPolygon")).toEqual([]);
  const line: Shape = [[corner([1, 1]), corner([2, 2]), corner([3, 3])]];
  expect(removed(line, { block: 0, corner: 1 }, "LineString")[0]?.length).toBe(2);
  expect(finished([...surveyed(), [corner([1, 1])]], "MultiPolygon").length).toBe(1);
});

test("rings within rings are holes, and islands in them areas again", () => {
  const square = (low: number, high: number): [number, number][] => [[low, low], [high, low], [high, high], [low, high]];
  const areas = nested([square(0, 10), square(2, 8), square(4, 6), square(20, 30)]);
  expect(areas.map((rings) => rings.length)).toEqual([2, 1, 1]);
  expect(areas[0]?.[1]?.[0]).toEqual([2, 2]);
});

test("a line has a middle less than an area", () => {
  const corners = [corner([0, 0]), corner([2, 0]), corner([2, 2])];
  expect(middles([corners], "LineString").length).toBe(2);
  expect(middles([corners], "Polygon").at(-1)).toEqual({ at: [1, 1], index: { block: 0, corner: 3 } });
  expect(middles([corners], "MultiPoint")).toEqual([]);
});

test("a step back is the very shape that was", () => {
  const steps = new Steps(surveyed());
  steps.to(shifted(steps.now, [0.001, 0]));
  expect(textOf(steps.now)).not.toBe(TEXT);
  steps.undo();
  expect(textOf(steps.now)).toBe(TEXT);
  steps.redo();
  steps.undo();
  expect([steps.canUndo, steps.canRedo]).toEqual([false, true]);
  steps.to(moved(steps.now, { block: 0, corner: 0 }, [107, 16]));
  expect(steps.canRedo).toBe(false);
});
