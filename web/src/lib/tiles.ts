// Which tiles a change touches.

export interface TileId {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** minx, miny, maxx, maxy in EPSG:3857 metres. */
export type Box = readonly [number, number, number, number];

const WORLD = 40075016.68557849;
// Geometries reach a little over their tile's edge (buffer of 64/4096), and so does what changes with them.
const BUFFER = 64 / 4096;

/** The tiles at zoom `z` that any of `boxes` touches, or null where they are more than `most`: refresh everything then. */
export function tilesOf(boxes: readonly Box[], z: number, most = 256): TileId[] | null {
  const side = 2 ** z;
  const found = new Map<number, TileId>();
  const column = (metres: number): number => (metres / WORLD + 0.5) * side;
  const clamp = (value: number): number => Math.min(Math.max(Math.floor(value), 0), side - 1);
  for (const [minx, miny, maxx, maxy] of boxes) {
    const [left, right] = [clamp(column(minx) - BUFFER), clamp(column(maxx) + BUFFER)];
    const [top, bottom] = [clamp(side - column(maxy) - BUFFER), clamp(side - column(miny) + BUFFER)];
    if ((right - left + 1) * (bottom - top + 1) > most) return null;
    for (let x = left; x <= right; x++) {
      for (let y = top; y <= bottom; y++) found.set(x * side + y, { z, x, y });
    }
    if (found.size > most) return null;
  }
  return [...found.values()];
}
