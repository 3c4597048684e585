// The one place that knows MapLibre's start-up: worker, fonts, controls, failures. Majors break here and nowhere else.
import { Map as EngineMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { LngLatBoundsLike, StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Place } from "../lib/state";
import { say } from "../lib/words";

export type { EngineMap };

// Vietnam whole, with Hoàng Sa and Trường Sa, still fits.
const MIN_ZOOM = 4;
const MAX_ZOOM = 20;

export interface Start {
  readonly container: HTMLElement;
  readonly style: StyleSpecification;
  readonly place: Place | null;
  readonly home: readonly [number, number, number, number];
}

/** A map, or an error where the device has no WebGL 2. */
export async function createMap({ container, style, place, home }: Start): Promise<EngineMap> {
  setWorkerUrl(workerUrl);
  // Labels are drawn from the page's own font, which must be there before the first of them.
  await Promise.all([400, 600].map((weight) => document.fonts.load(`${weight} 24px "Be Vietnam Pro"`, "Đường Huế ệ")));
  const map = new EngineMap({
    container,
    style,
    ...(place
      ? { center: [place.lon, place.lat] as [number, number], zoom: place.zoom }
      : { bounds: [...home] as unknown as LngLatBoundsLike, fitBoundsOptions: { padding: 24 } }),
    minZoom: MIN_ZOOM,
    maxZoom: MAX_ZOOM,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    // A tile out of view would outlive a change that the feed tells of; the browser's own cache asks again by ETag.
    maxTileCacheSize: 0,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    locale: {
      "Map.Title": say("mapLabel"),
      "NavigationControl.ZoomIn": say("zoomIn"),
      "NavigationControl.ZoomOut": say("zoomOut"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
  return map;
}
