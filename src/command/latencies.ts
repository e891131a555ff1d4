/**
 * Durations counted in buckets whose width grows with the duration, so that a run of hours takes no
 * more memory than one of seconds; a percentile is right within 1 %.
 */
const GROWTH = 1.01;
const LOG_GROWTH = Math.log(GROWTH);
/** What the first bucket ends with. */
const LEAST_MS = 0.001;

export class Latencies {
  private readonly buckets: number[] = [];
  private count = 0;
  private longest = 0;

  add(ms: number): void {
    const index = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / LOG_GROWTH);
    while (this.buckets.length <= index) this.buckets.push(0);
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.count++;
    this.longest = Math.max(this.longest, ms);
  }

  /** Milliseconds that `percent` (0 to 100) of all did not exceed; undefined when there are none. */
  percentile(percent: number): number | undefined {
    if (this.count === 0) return undefined;
    let left = Math.ceil((this.count * percent) / 100);
    const index = this.buckets.findIndex((count) => (left -= count) <= 0);
    return Math.min(this.longest, LEAST_MS * GROWTH ** index);
  }
}
