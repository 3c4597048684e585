// What the server tells the live map (web/views.py, `city_json`; web/legend.py, `for_the_map`).

export type Kind = "point" | "line" | "area";

/** What a layer is of the ground of the map, painted in its quiet colours (web/legend.py, `BASES`); "" for data. */
export type Base = "units" | "roads" | "green" | "water" | "buildings" | "names" | "";

export interface LayerFacts {
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  /** Tile attribute that names a feature. */
  readonly label: string | null;
  readonly base: Base;
  /** The zoom from which features are drawn each for itself. */
  readonly first: number;
  /** Features are valid from a day to a day: the map shows those of one day. */
  readonly intervals: boolean;
  /** The layer of those of these features that are valid today; "" for none. */
  readonly ofNow: string;
}

export interface City {
  readonly prefix: string;
  /** West, south, east, north of the city, degrees. */
  readonly home: readonly [number, number, number, number];
  readonly layers: readonly LayerFacts[];
  /** Layers that are shown where the address names none. */
  readonly shown: readonly string[];
  /** The nearest zoom at which something of a kind is shown. */
  readonly closest: Readonly<Record<Kind, number>>;
  /** The city's time zone. */
  readonly zone: string;
  /** Name, longitude and latitude of each unit, placed once. */
  readonly units: readonly (readonly [string, number, number])[];
}

/** A JSON block of the page; an error names the one that is missing. */
export function readBlock(id: string): unknown {
  const block = document.getElementById(id);
  if (!block?.textContent) throw new Error(`the page has no block #${id}`);
  return JSON.parse(block.textContent) as unknown;
}
