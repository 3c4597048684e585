// <huong-share>: hands on the address of what is seen, by the device's own way or by copying it.
import { LitElement, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { announce, say } from "../lib/words";

export class HuongShare extends LitElement {
  static override properties = { said: { state: true }, address: { state: true } };
  declare said: string;
  declare address: string;

  constructor() {
    super();
    this.said = "";
    this.address = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    // Where copying is refused the address itself is shown, to be copied by hand.
    const shown = this.address
      ? html`<input class="address" readonly .value=${this.address} aria-label=${say("shareAddress")} @focus=${(event: FocusEvent) => { (event.target as HTMLInputElement).select(); }}>`
      : nothing;
    return html`<button type="button" @click=${() => void this.share()}>${say("share")}</button>${shown}${this.said ? html`<span class="said">${this.said}</span>` : nothing}`;
  }

  private async share(): Promise<void> {
    const url = new URL(location.href);
    url.searchParams.delete("map");
    const address = url.href;
    this.address = "";
    try {
      if (typeof navigator.share === "function" && matchMedia("(pointer: coarse)").matches) {
        await navigator.share({ title: document.title, url: address });
        return;
      }
      await navigator.clipboard.writeText(address);
      this.said = say("copied");
      announce(this.said);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.said = "";
      this.address = address;
    }
  }
}

customElements.define("huong-share", HuongShare);
