// <style-preview>: features of one layer, drawn in a style that is being written, over the city's ground.
import { LitElement, html } from "lit";
import type { TemplateResult } from "lit";
import type { GeoJSONSource, LayerSpecification } from "maplibre-gl";
import { createMap } from "../map/engine";
import type { EngineMap } from "../map/engine";
import { fetchStyle, previewStyle } from "../map/style";
import type { ServedStyle } from "../map/style";

const MOST_FEATURES = 1000;

export interface Setting {
  readonly layer: string;
  readonly home: readonly [number, number, number, number];
  readonly check: string;
}

/** Drawings by day and by night, as the server has accepted them. */
export interface Drawings {
  readonly day: readonly LayerSpecification[];
  readonly night: readonly LayerSpecification[];
}

export class StylePreview extends LitElement {
  static override properties = { night: { state: true } };
  declare night: boolean;
  nightWord = "";
  private map: EngineMap | undefined;
  private setting: Setting | undefined;
  private drawings: Drawings = { day: [], night: [] };
  private readonly ground = new Map<boolean, ServedStyle>();

  constructor() {
    super();
    this.night = matchMedia("(prefers-color-scheme: dark)").matches;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<div class="canvas"></div>
      <label class="night"><input type="checkbox" .checked=${this.night} @change=${() => void this.turn()}> ${this.nightWord}</label>`;
  }

  /** Draw; rejects where the device cannot. */
  async start(setting: Setting, drawings: Drawings): Promise<void> {
    this.setting = setting;
    this.drawings = drawings;
    await this.updateComplete;
    const container = this.querySelector<HTMLElement>(".canvas");
    if (!container) throw new Error("the preview has no place");
    const map = await createMap({ container, style: await this.look(), place: null, home: setting.home });
    this.map = map;
    const page = window as { __huongTest?: boolean; __map?: EngineMap };
    if (page.__huongTest) page.__map = map;
    map.on("moveend", () => { void map.getSource<GeoJSONSource>(setting.layer)?.setData(this.features(map)); });
  }

  async show(drawings: Drawings): Promise<void> {
    this.drawings = drawings;
    this.map?.setStyle(await this.look());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.map?.remove();
    this.map = undefined;
  }

  private async turn(): Promise<void> {
    this.night = !this.night;
    this.map?.setStyle(await this.look());
  }

  /** Whole features, not tiles: far out, tiles carry only what the saved styles speak of. */
  private async look(): Promise<ReturnType<typeof previewStyle>> {
    const served = this.ground.get(this.night) ?? await fetchStyle(this.night);
    this.ground.set(this.night, served);
    const layer = this.setting?.layer ?? "";
    const style = previewStyle(served, this.night ? this.drawings.night : this.drawings.day, layer, location.origin);
    style.sources[layer] = { type: "geojson", data: this.features(this.map) };
    return style;
  }

  private features(map: EngineMap | undefined): string {
    const bounds = map?.getBounds();
    const box = bounds
      ? [Math.max(bounds.getWest(), -180), bounds.getSouth(), Math.min(bounds.getEast(), 180), bounds.getNorth()]
      : this.setting?.home ?? [];
    const within = box.map((degrees) => degrees.toFixed(6)).join(",");
    return `${location.origin}/ogcapi/collections/${this.setting?.layer ?? ""}/items?f=json&limit=${String(MOST_FEATURES)}&bbox=${within}`;
  }
}

customElements.define("style-preview", StylePreview);
