// Where in a JSON text the part stands that a path names (`layers[0].paint.fill-color[1]`), to lead an editor there.

export interface Place {
  readonly from: number;
  readonly to: number;
  /** From 1. */
  readonly line: number;
}

const STEP = /\[(\d+)\]|\.?([^.[\]]+)/g;

/** The place of `path`, or of the nearest part around it that is there; null for a path that names none. */
export function locate(text: string, path: string): Place | null {
  const position = /^(\d+):(\d+)$/.exec(path);
  if (position) return at(text, offsetOf(text, Number(position[1]), Number(position[2])), 1);
  const steps = [...path.matchAll(STEP)].map(([, index, key]) => (index === undefined ? key ?? "" : Number(index)));
  if (steps[0] !== "layers") return null;
  const scanner = new Scanner(text);
  scanner.space();
  // A bare list is the value of "layers".
  const found = scanner.find(text[scanner.at] === "[" ? steps.slice(1) : steps);
  return found && at(text, found[0], found[1] - found[0]);
}

function at(text: string, from: number, length: number): Place {
  return { from, to: Math.min(from + length, text.length), line: text.slice(0, from).split("\n").length };
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return Math.min(before + column - 1, Math.max(text.length - 1, 0));
}

/** Walks text that is JSON, or was refused for what it says and not for how it is written. */
class Scanner {
  at = 0;

  constructor(private readonly text: string) {}

  space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  /** Begin and end of the value that `steps` lead to, from the value that begins here. */
  find(steps: readonly (string | number)[]): [number, number] | null {
    this.space();
    const from = this.at;
    const [step, ...rest] = steps;
    const open = this.text[this.at];
    if (step === undefined || (open !== "{" && open !== "[")) return [from, this.skip()];
    this.at++;
    for (let index = 0; this.at < this.text.length; index++) {
      this.space();
      if (this.text[this.at] === "}" || this.text[this.at] === "]") break;
      const key = open === "{" ? this.key() : index;
      if (key === step) return this.find(rest);
      this.skip();
      this.space();
      if (this.text[this.at] === ",") this.at++;
    }
    return [from, from + 1];
  }

  private key(): string {
    const from = this.at;
    this.string();
    const key = this.text.slice(from + 1, this.at - 1);
    this.space();
    this.at++;
    this.space();
    return key;
  }

  private string(): void {
    for (this.at++; this.at < this.text.length && this.text[this.at] !== '"'; this.at++) if (this.text[this.at] === "\\") this.at++;
    this.at++;
  }

  /** Past the value that begins here; where it ends. */
  private skip(): number {
    let depth = 0;
    do {
      const letter = this.text[this.at];
      if (letter === '"') {
        this.string();
        continue;
      }
      if (letter === "{" || letter === "[") depth++;
      else if (letter === "}" || letter === "]") depth--;
      else if (depth === 0 && (letter === undefined || /[\s,]/.test(letter))) return this.at;
      this.at++;
      if (depth === 0 && (letter === "}" || letter === "]")) return this.at;
    } while (this.at < this.text.length && (depth > 0 || !/[\s,\]}]/.test(this.text[this.at] ?? "")));
    return this.at;
  }
}
