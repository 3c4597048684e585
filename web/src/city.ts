import "virtual:fonts.css";
import "./tokens.css";
import "./page.css";
import "./printing.css";
import { readBlock } from "./lib/city";
import type { City } from "./lib/city";
import { LiveMap } from "./lib/live";
import { Panel } from "./lib/panel";
import { changed, formatState, parseState, push } from "./lib/state";
import { say } from "./lib/words";

const WIDE = matchMedia("(min-width: 1000px)");

/** The map page: every enhancement of what already works without this file. */
function enhance(frame: HTMLElement, place: HTMLElement): void {
  const city = readBlock("city") as City;
  const panel = new Panel(place, city.prefix, () => { push({ feature: "", q: "" }); live.select(""); });
  const live = new LiveMap(frame, city, panel);
  openInPanel(city, panel, live);
  searchInPanel(panel);
  layersAtOnce(live);
  openButton(frame, live);
  addEventListener("popstate", () => { follow(panel, live); });
  const saving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
  if (parseState(location.search).open) void openWhole(frame, live);
  else if (WIDE.matches && !saving) whenIdle(() => void live.start());
}

/** Links to features open beside the map; with a modifier key they stay links. */
function openInPanel(city: City, panel: Panel, live: LiveMap): void {
  const start = `${city.prefix}/feature/`;
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest("a[href]");
    const address = link?.getAttribute("href") ?? "";
    const onMap = link?.getAttribute("data-on-map");
    if (link?.hasAttribute("data-print")) {
      // The view as it is now: the link itself follows the map a moment later.
      link.setAttribute("href", `${city.prefix}/print${formatState(changed({ feature: "", q: "", open: false }))}`);
    } else if (onMap) {
      if (!live.running) return;
      event.preventDefault();
      const state = parseState(onMap);
      push({ place: state.place, feature: state.feature, layers: withLayer(live, state.feature) });
      live.show();
      live.go(state.place);
      live.select(state.feature);
    } else if (address.startsWith(start)) {
      event.preventDefault();
      const key = address.slice(start.length);
      push({ feature: key, q: "" });
      live.select(key);
      void panel.feature(key, link as HTMLElement);
    }
  });
}

/** The layers shown, with that of the feature `key` among them; null where nothing changes. */
function withLayer(live: LiveMap, key: string): readonly string[] | null {
  const shown = live.shown();
  const layer = key.split("/")[0] ?? "";
  return shown.has(layer) ? changed({}).layers : [...shown, layer];
}

function searchInPanel(panel: Panel): void {
  const form = document.querySelector<HTMLFormElement>("form.search");
  form?.addEventListener("submit", (event) => {
    const input = form.querySelector("input");
    const q = input?.value.trim() ?? "";
    if (!q) return;
    event.preventDefault();
    push({ q, feature: "" });
    void panel.results(q, input);
  });
}

/** With the live map a tick shows or hides a layer at once; without, the form's button asks the server. */
function layersAtOnce(live: LiveMap): void {
  const form = document.querySelector<HTMLFormElement>("form.layers");
  form?.addEventListener("change", () => {
    if (!live.running) return;
    push({ layers: [...form.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value) });
    live.show();
  });
}

function openButton(frame: HTMLElement, live: LiveMap): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "open-map";
  button.textContent = say("openMap");
  button.addEventListener("click", () => {
    if (!WIDE.matches) push({ open: true });
    void openWhole(frame, live);
  });
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close-map";
  close.textContent = say("closeMap");
  close.addEventListener("click", () => { push({ open: false }); shrink(live); });
  frame.append(button, close);
}

/** On a phone the live map takes the whole screen, so that a finger either moves the map or the page, never both. */
async function openWhole(frame: HTMLElement, live: LiveMap): Promise<void> {
  const button = frame.querySelector<HTMLButtonElement>(".open-map");
  if (button) button.textContent = say("starting");
  if (!WIDE.matches) document.body.classList.add("map-open");
  const started = await live.start();
  if (button) button.textContent = say("openMap");
  if (!started) document.body.classList.remove("map-open");
  live.resize();
}

function shrink(live: LiveMap): void {
  document.body.classList.remove("map-open");
  live.resize();
}

/** The address changed by the back button: panel, layers and map follow. */
function follow(panel: Panel, live: LiveMap): void {
  const state = parseState(location.search);
  if (state.feature && state.feature !== panel.shown) void panel.feature(state.feature);
  else if (!state.feature && state.q) void panel.results(state.q);
  else if (!state.feature) panel.close();
  for (const box of document.querySelectorAll<HTMLInputElement>("form.layers input[type=checkbox]")) box.checked = live.shown().has(box.value);
  live.select(state.feature);
  if (!live.running) return;
  live.show();
  live.go(state.place);
  document.body.classList.toggle("map-open", state.open && !WIDE.matches);
  live.resize();
}

function whenIdle(action: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(action, { timeout: 2000 });
  else setTimeout(action, 300);
}

const frame = document.querySelector<HTMLElement>(".city .frame");
const place = document.getElementById("panel");
if (frame && place) enhance(frame, place);
if (document.querySelector("[data-print-form]")) void import("./lib/print");
