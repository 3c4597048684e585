// Symbols of the map, drawn from the same outlines as the legend's, when the map first asks for one.
import type { ExpressionSpecification, SymbolLayerSpecification } from "maplibre-gl";

const SIZE = 24;
const OUTLINES: Record<string, string> = {
  circle: "M12 5a7 7 0 1 1 0 14a7 7 0 1 1 0-14z",
  drop: "M12 22C8 16.5 5 13 5 9a7 7 0 0 1 14 0c0 4-3 7.5-7 13z",
  wedge: "M12 21.62 3.5 7.12a10 10 0 0 1 17 0z",
  diamond: "M12 3l9 9-9 9-9-9z",
  bar: "M3 8h18v8H3z",
  square: "M5 5h14v14H5z",
};

const DRAWN_IN = new Set(["icon-color", "icon-halo-color", "icon-halo-width"]);

/** A drawing whose icon, if it has one, is a picture of its own for each colour; `drawIcon` draws it when first asked. */
export function withIcon(layer: SymbolLayerSpecification): SymbolLayerSpecification {
  const image = layer.layout?.["icon-image"];
  if (image === undefined) return layer;
  const paint = Object.fromEntries(Object.entries(layer.paint ?? {}).filter(([name]) => !DRAWN_IN.has(name)));
  const colour = layer.paint?.["icon-color"] ?? "#000000";
  const named = ["concat", image, "|", colour] as unknown as ExpressionSpecification;
  return { ...layer, layout: { ...layer.layout, "icon-image": named }, paint };
}

/** The picture `symbol|#rrggbb` with a halo, at `ratio` device px to a CSS px; null for a name of another make. */
export function drawIcon(name: string, halo: string, ratio: number): ImageData | null {
  const [symbol = "", colour] = name.split("|");
  const outline = OUTLINES[symbol] ?? OUTLINES["square"];
  if (!outline || !colour) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * ratio;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return null;
  pen.scale(ratio, ratio);
  const path = new Path2D(outline);
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = halo;
  pen.stroke(path);
  pen.fillStyle = colour;
  pen.fill(path);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
