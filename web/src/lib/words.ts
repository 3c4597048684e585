// The page's words, said by the server in its language (web/words.py, `ISLAND`).
import { readBlock } from "./city";

export type Word =
  | "openMap" | "closeMap" | "starting" | "mapLabel" | "zoomIn" | "zoomOut" | "northUp" | "locate" | "noWebgl"
  | "mapFailed" | "live" | "connecting" | "stale" | "updated" | "loading" | "loadFailed" | "retry" | "close" | "panel"
  | "nearMe" | "suggestions" | "locating" | "locateRefused" | "locateFailed" | "locateSlow" | "locateInsecure" | "locateOutside"
  | "layers" | "keyAndCredit" | "print" | "map" | "share" | "shareAddress" | "copied" | "mapOfDay" | "mapOfToday"
  | "several" | "results" | "cell" | "shownOnMap" | "hoangSa" | "truongSa";

let words: Record<Word, string> | undefined;

/** The word `key`, with its `{placeholders}` filled. */
export function say(key: Word, values: Record<string, string | number> = {}): string {
  words ??= readBlock("words") as Record<Word, string>;
  return fill(words[key], values);
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Say something to whoever listens to the page instead of seeing it. */
export function announce(text: string): void {
  const announcer = document.getElementById("announcer");
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
}
