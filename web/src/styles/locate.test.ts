import { expect, test } from "vitest";
import { locate } from "./locate";

const TEXT = `[
  {"id": "a", "note": "]}\\"", "paint": {"fill-color": "#fff"}},
  {"id": "b", "type": "fill",
   "paint": {"fill-opacity": 0.5, "fill-color": ["get", "nope"]}}
]`;

function said(path: string, text = TEXT): string | null {
  const place = locate(text, path);
  return place && text.slice(place.from, place.to);
}

test("a path leads to its value, past brackets in texts", () => {
  expect(said("layers[1].paint.fill-color[1]")).toBe('"nope"');
  expect(said("layers[1].paint.fill-opacity")).toBe("0.5");
  expect(said("layers[1].type")).toBe('"fill"');
  expect(said("layers[0].paint")).toBe('{"fill-color": "#fff"}');
  expect(locate(TEXT, "layers[1].paint.fill-color[1]")?.line).toBe(4);
});

test("what is missing leads to where it would stand", () => {
  expect(said("layers[0].type")).toBe("{");
  expect(said("layers[9]")).toBe("[");
});

test("a style document has its layers under their name", () => {
  expect(said("layers[0].id", '{"version": 8, "layers": [{"id": 7}]}')).toBe("7");
});

test("a fault of writing is a line and a column", () => {
  expect(locate("[\n  {,", "2:4")).toEqual({ from: 5, to: 6, line: 2 });
  expect(locate("", "1:1")).toEqual({ from: 0, to: 0, line: 1 });
});

test("what is not in the text is nowhere", () => {
  expect(locate(TEXT, "title")).toBeNull();
  expect(locate(TEXT, "")).toBeNull();
});
