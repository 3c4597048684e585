// The live map over the whole screen of a phone, with what belongs to it: search, layers, key, place, share, print.
import type { HuongWholeScreen } from "../parts/whole-screen";
import type { Panel } from "./panel";
import { say } from "./words";

export class WholeMap {
  private screen: HuongWholeScreen | undefined;
  private layers: HTMLButtonElement | undefined;

  constructor(
    private readonly panel: Panel,
    private readonly place: HTMLElement,
    private readonly locateButton: () => HTMLElement,
    private readonly onLeave: () => void,
  ) {
    place.addEventListener("shown", () => { this.showLayers(false); });
  }

  get isOpen(): boolean {
    return this.screen?.open === true;
  }

  /** Open, and say where the map stands in it. */
  async open(): Promise<HTMLElement> {
    const screen = (this.screen ??= await this.make());
    document.body.classList.add("map-open");
    screen.show([
      [document.querySelector("form.search"), "top"],
      [this.place, "sheet"],
      [document.querySelector(".legend"), "sheet"],
      [document.querySelector(".map-foot"), "foot"],
      [document.getElementById("announcer"), "foot"],
    ]);
    return screen.area("main");
  }

  /** Where the map stands when it is opened. */
  async room(): Promise<HTMLElement> {
    this.screen ??= await this.make();
    return this.screen.area("main");
  }

  close(): void {
    document.body.classList.remove("map-open");
    this.showLayers(false);
    this.screen?.hide();
  }

  private async make(): Promise<HuongWholeScreen> {
    const [{ HuongWholeScreen: Screen }] = await Promise.all([import("../parts/whole-screen"), import("../parts/locate"), import("../parts/share")]);
    const screen = new Screen();
    screen.label = say("map");
    screen.addEventListener("leave", () => { this.onLeave(); });
    screen.closeInner = () => this.closeSheet();
    document.body.append(screen);
    await screen.updateComplete;
    this.layers = document.createElement("button");
    this.layers.type = "button";
    this.layers.textContent = say("layers");
    this.layers.setAttribute("aria-expanded", "false");
    this.layers.addEventListener("click", () => { this.showLayers(this.layers?.getAttribute("aria-expanded") !== "true"); });
    const print = document.createElement("a");
    print.className = "button";
    print.href = "print";
    print.dataset["print"] = "";
    print.textContent = say("print");
    screen.area("tools").append(this.layers, this.locateButton(), document.createElement("huong-share"), print);
    const waiting = document.createElement("p");
    waiting.className = "skeleton";
    waiting.textContent = say("starting");
    screen.area("main").append(waiting);
    return screen;
  }

  /** Close what stands open over the map; false where that is nothing. */
  private closeSheet(): boolean {
    if (this.layers?.getAttribute("aria-expanded") === "true") {
      this.showLayers(false);
      this.layers.focus();
      return true;
    }
    if (!this.panel.isOpen) return false;
    this.panel.dismiss();
    return true;
  }

  private showLayers(open: boolean): void {
    if (!this.screen || !this.layers) return;
    this.layers.setAttribute("aria-expanded", String(open));
    this.screen.area("sheet").toggleAttribute("data-layers", open);
    if (open) document.querySelector<HTMLElement>("#layers-title")?.focus();
  }
}
