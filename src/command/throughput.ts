/** Messages received in each second of a run, and a chart of them. */

const LEVELS = '▁▂▃▄▅▆▇█';

export class Throughput {
  private readonly seconds: number[] = [];

  /** Counts messages received `atMs` after the start. */
  add(atMs: number, count: number): void {
    const second = Math.floor(atMs / 1000);
    while (this.seconds.length <= second) this.seconds.push(0);
    this.seconds[second] = (this.seconds[second] ?? 0) + count;
  }

  /**
   * A line of at most `width` bars for the whole seconds among the first `seconds`; a bar is the
   * mean of one or more of them. Empty for less than two: one bar alone shows nothing.
   */
  draw(seconds: number, width: number): string {
    const whole = Math.floor(seconds);
    if (whole < 2) return '';
    const perBar = Math.ceil(whole / Math.max(1, width));
    const rates: number[] = [];
    for (let from = 0; from < whole; from += perBar) {
      const until = Math.min(from + perBar, whole);
      let sum = 0;
      for (let second = from; second < until; second++) sum += this.seconds[second] ?? 0;
      rates.push(sum / (until - from));
    }
    const most = Math.max(...rates);
    return rates.map((rate) => barOf(rate, most)).join('');
  }
}

const barOf = (rate: number, most: number): string =>
  LEVELS.charAt(most === 0 ? 0 : Math.round((rate / most) * (LEVELS.length - 1)));
