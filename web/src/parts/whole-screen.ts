// <huong-whole-screen>: a part of the page over the whole screen of a phone, as a modal dialog. It borrows what it shows
// from the page and gives it back when it closes, so that everything exists once. Escape closes it, the focus stays in it.
import { LitElement, html } from "lit";
import type { TemplateResult } from "lit";
import { say } from "../lib/words";

export type Area = "top" | "main" | "sheet" | "tools" | "foot";

/** Events: `leave` when whoever looks at it closes it. Areas from above: `top`, `main` (takes the room), `sheet`, `tools`, `foot`. */
export class HuongWholeScreen extends LitElement {
  static override properties = { label: { type: String } };
  declare label: string;
  /** Closes what stands open inside before all of it is closed; false where there is nothing. */
  closeInner: () => boolean = () => false;
  /** Where what is borrowed stood in the page, and the box that holds it now. */
  private readonly lent = new Map<Comment, HTMLElement>();

  constructor() {
    super();
    this.label = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<dialog class="whole" aria-label=${this.label}
        @cancel=${(event: Event) => { event.preventDefault(); this.escape(); }}
        @keydown=${(event: KeyboardEvent) => { this.key(event); }}>
      <div class="whole-top" data-area="top"><button type="button" class="close-map" @click=${() => { this.leave(); }}>${say("closeMap")}</button></div>
      <div class="whole-main" data-area="main"></div>
      <div class="whole-sheet" data-area="sheet"></div>
      <div class="whole-tools" data-area="tools"></div>
      <div class="whole-foot" data-area="foot" tabindex="0" role="group" aria-label=${say("keyAndCredit")}></div>
    </dialog>`;
  }

  get open(): boolean {
    return this.dialog?.open === true;
  }

  area(name: Area): HTMLElement {
    const found = this.querySelector<HTMLElement>(`[data-area="${name}"]`);
    if (!found) throw new Error(`the dialog is not drawn yet: ${name}`);
    return found;
  }

  /** Open with `borrowed` parts of the page in their areas. */
  show(borrowed: readonly (readonly [Element | null, Area])[]): void {
    if (this.open) return;
    for (const [part, area] of borrowed) {
      if (!part) continue;
      const mark = document.createComment("borrowed");
      part.replaceWith(mark);
      // A box of its own, since what stands in it may be replaced meanwhile.
      const box = document.createElement("div");
      box.append(part);
      this.area(area).append(box);
      this.lent.set(mark, box);
    }
    this.dialog?.showModal();
  }

  /** Close and give back what was borrowed. */
  hide(): void {
    for (const [mark, box] of this.lent) {
      mark.replaceWith(...box.childNodes);
      box.remove();
    }
    this.lent.clear();
    if (this.open) this.dialog?.close();
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    this.escape();
  }

  private escape(): void {
    if (!this.closeInner()) this.leave();
  }

  private leave(): void {
    this.dispatchEvent(new CustomEvent("leave"));
  }
}

customElements.define("huong-whole-screen", HuongWholeScreen);
