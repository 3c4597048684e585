// <huong-timeline>: the control of a map's day, around the form that works without script. Tells `day` (`2025-06-30`, or
// "" for today); what lies on the map of that day is its owner's.
import { LitElement } from "lit";

export class HuongTimeline extends LitElement {
  static override properties = { day: { type: String } };
  declare day: string;

  constructor() {
    super();
    this.day = "";
    this.addEventListener("change", (event) => {
      const field = event.target;
      if (field instanceof HTMLInputElement && field.validity.valid) this.tell(field.value);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      this.tell(this.field?.value ?? "");
    });
  }

  // The form is the page's own and stays where it is: nothing is rendered beside it.
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    if (this.field && this.field.value !== this.day) this.field.value = this.day;
    for (const step of this.querySelectorAll<HTMLElement>("[data-day]")) {
      if (step.dataset["day"] === this.day) step.setAttribute("aria-current", "true");
      else step.removeAttribute("aria-current");
    }
  }

  private get field(): HTMLInputElement | null {
    return this.querySelector("input[type=date]");
  }

  private tell(day: string): void {
    if (day !== this.day) this.dispatchEvent(new CustomEvent("day", { detail: day, bubbles: true }));
  }
}

customElements.define("huong-timeline", HuongTimeline);
