/**
 * Collects what comes and hands it on at most once in `every` ms: at once after a quiet time, and never later than
 * `every` ms after it came.
 */
export class Pace<T> {
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = -Infinity;

  constructor(private readonly every: number, private readonly use: (items: T[]) => void) {}

  add(item: T): void {
    this.waiting.push(item);
    this.timer ??= setTimeout(() => { this.flush(); }, Math.max(0, this.last + this.every - performance.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = [];
  }

  private flush(): void {
    this.timer = undefined;
    this.last = performance.now();
    const items = this.waiting;
    this.waiting = [];
    this.use(items);
  }
}
