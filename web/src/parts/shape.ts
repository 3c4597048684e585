// A place that is being drawn: blocks of corners, as the text of the form has them. A corner that nobody touched keeps
// the very text that the server wrote, so that what was surveyed stays as it was surveyed.

export type Kind = "Point" | "LineString" | "Polygon" | "MultiPoint" | "MultiLineString" | "MultiPolygon";
export type Position = readonly [lon: number, lat: number];

export interface Corner {
  readonly at: Position;
  /** The line of the form's text that this corner is. */
  readonly text: string;
}

/** Parts of a line, rings of an area (open: the first corner is not repeated); one block for all points. */
export type Shape = readonly (readonly Corner[])[];
export interface Index { readonly block: number; readonly corner: number }

export interface Geometry {
  readonly type: string;
  readonly coordinates: unknown;
}

// 1 mm: finer than a hand moves a mouse.
const DECIMALS = 8;

export function corner(at: Position): Corner {
  const [lon, lat] = at.map((degrees) => Number(degrees.toFixed(DECIMALS)));
  return { at: [lon ?? 0, lat ?? 0], text: `${String(lat)}, ${String(lon)}` };
}

export const isArea = (kind: Kind): boolean => kind.endsWith("Polygon");
export const isLine = (kind: Kind): boolean => kind.endsWith("LineString");
export const isPoint = (kind: Kind): boolean => kind.endsWith("Point");
export const isMulti = (kind: Kind): boolean => kind.startsWith("Multi");
/** Corners that a block needs. */
export const least = (kind: Kind): number => (isArea(kind) ? 3 : isLine(kind) ? 2 : 1);

/** The shape of a geometry in degrees and of the text that says it, corner by corner; null where they differ. */
export function shapeOf(geometry: Geometry, text: string): Shape | null {
  const blocks = blocksOf(geometry);
  const lines = text.replaceAll("\r\n", "\n").trim().split(/\n\s*\n/).map((block) => block.split("\n").map((line) => line.trim()).filter(Boolean));
  if (lines.length !== blocks.length || blocks.some((block, at) => block.length !== lines[at]?.length)) return null;
  return blocks.map((block, b) => block.map((at, c) => ({ at, text: lines[b]?.[c] ?? "" })));
}

function blocksOf({ type, coordinates }: Geometry): Position[][] {
  const open = (ring: Position[]): Position[] => ring.slice(0, -1);
  switch (type) {
    case "Point": return [[coordinates as Position]];
    case "MultiPoint": case "LineString": return [coordinates as Position[]];
    case "MultiLineString": return coordinates as Position[][];
    case "Polygon": return (coordinates as Position[][]).map(open);
    case "MultiPolygon": return (coordinates as Position[][][]).flat().map(open);
    default: return [];
  }
}

export function textOf(shape: Shape): string {
  return shape.filter((block) => block.length).map((block) => block.map(({ text }) => text).join("\n")).join("\n\n");
}

/** The shape with its corners written as `lines` (block by block, without empty blocks); null where these are others. */
export function written(shape: Shape, lines: readonly (readonly string[])[]): Shape | null {
  const texts = lines.flat();
  if (texts.length !== shape.flat().length) return null;
  let next = 0;
  return shape.map((block) => block.map(({ at, text }) => ({ at, text: texts[next++] ?? text })));
}

// Changes, each a new shape ------------------------------------------------------------------------------------------

const replaced = (shape: Shape, block: number, corners: readonly Corner[]): Shape => shape.map((each, at) => (at === block ? corners : each));

/** A place that a hand chose, or a corner that is there already and keeps its text. */
export type To = Position | Corner;
export const placeOf = (to: To): Position => ("text" in to ? to.at : to);
const cornerOf = (to: To): Corner => ("text" in to ? to : corner(to));

export function moved(shape: Shape, { block, corner: at }: Index, to: To): Shape {
  return replaced(shape, block, (shape[block] ?? []).map((each, index) => (index === at ? cornerOf(to) : each)));
}

export function inserted(shape: Shape, { block, corner: at }: Index, position: To): Shape {
  const corners = [...(shape[block] ?? [])];
  corners.splice(at, 0, cornerOf(position));
  return block < shape.length ? replaced(shape, block, corners) : [...shape, corners];
}

/** Without one corner; without its whole block where too few are left. */
export function removed(shape: Shape, { block, corner: at }: Index, kind: Kind): Shape {
  const left = (shape[block] ?? []).filter((_, index) => index !== at);
  return left.length < least(kind) ? shape.filter((_, index) => index !== block) : replaced(shape, block, left);
}

export function shifted(shape: Shape, [east, north]: Position): Shape {
  return shape.map((block) => block.map(({ at: [lon, lat] }) => corner([lon + east, lat + north])));
}

/** Without blocks that are not finished. */
export function finished(shape: Shape, kind: Kind): Shape {
  return shape.filter((block) => block.length >= least(kind));
}

// Drawn --------------------------------------------------------------------------------------------------------------

function areaOf(ring: readonly Position[]): number {
  return Math.abs(ring.reduce((sum, [x, y], at) => {
    const [u, v] = ring[(at + 1) % ring.length] ?? [x, y];
    return sum + x * v - u * y;
  }, 0)) / 2;
}

function holds(ring: readonly Position[], [x, y]: Position): boolean {
  let inside = false;
  ring.forEach(([x1, y1], at) => {
    const [x2, y2] = ring[(at + 1) % ring.length] ?? [x1, y1];
    if ((y1 > y) !== (y2 > y) && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  });
  return inside;
}

/** Rings as areas with their holes: a ring within another is a hole of it, one within that an area again. */
export function nested(rings: readonly (readonly Position[])[]): Position[][][] {
  const sizes = rings.map(areaOf);
  const around = rings.map((ring, at) => rings.flatMap((other, index) =>
    index !== at && (sizes[index] ?? 0) > (sizes[at] ?? 0) && ring[0] && holds(other, middle(ring)) ? [index] : []));
  const closed = (ring: readonly Position[]): Position[] => [...ring, ...ring.slice(0, 1)];
  return rings.flatMap((ring, at) => {
    if ((around[at]?.length ?? 0) % 2) return [];
    const holes = rings.filter((_, index) => {
      const outer = around[index] ?? [];
      const nearest = outer.reduce((least, each) => ((sizes[each] ?? 0) < (sizes[least] ?? Infinity) ? each : least), -1);
      return outer.length % 2 === 1 && nearest === at;
    });
    return [[closed(ring), ...holes.map(closed)]];
  });
}

/** A point on the ring's border that is no corner: two rings may share one. */
function middle(ring: readonly Position[]): Position {
  const [first, second] = [ring[0] ?? [0, 0], ring[1] ?? ring[0] ?? [0, 0]];
  return [(first[0] + second[0]) / 2, (first[1] + second[1]) / 2];
}

/** The places between corners where another can be put, each with the index that it would have. */
export function middles(shape: Shape, kind: Kind): { at: Position; index: Index }[] {
  if (isPoint(kind)) return [];
  return shape.flatMap((corners, block) => corners.flatMap(({ at }, index) => {
    const last = index === corners.length - 1;
    const next = last ? (isArea(kind) && corners.length > 2 ? corners[0] : undefined) : corners[index + 1];
    return next ? [{ at: [(at[0] + next.at[0]) / 2, (at[1] + next.at[1]) / 2] as Position, index: { block, corner: index + 1 } }] : [];
  }));
}

// Steps --------------------------------------------------------------------------------------------------------------

/** What was drawn, step by step, to go back and forth in. */
export class Steps {
  private past: Shape[] = [];
  private future: Shape[] = [];

  constructor(public now: Shape) {}

  get canUndo(): boolean { return this.past.length > 0; }
  get canRedo(): boolean { return this.future.length > 0; }

  to(next: Shape): void {
    if (next === this.now) return;
    this.past.push(this.now);
    this.future = [];
    this.now = next;
  }

  undo(): void {
    const last = this.past.pop();
    if (!last) return;
    this.future.push(this.now);
    this.now = last;
  }

  redo(): void {
    const next = this.future.pop();
    if (!next) return;
    this.past.push(this.now);
    this.now = next;
  }
}
