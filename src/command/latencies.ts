import { createHistogram } from 'node:perf_hooks';

const NS_PER_MS = 1e6;

/** Durations of a run: hours take no more memory than seconds; a percentile is right within 1 %. */
export class Latencies {
  private readonly histogram = createHistogram({ figures: 2 });
  private longest = 0;

  add(ms: number): void {
    this.histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
    this.longest = Math.max(this.longest, ms);
  }

  /** Milliseconds that `percent` (over 0, to 100) of all did not exceed; undefined: there are none. */
  percentile(percent: number): number | undefined {
    if (this.histogram.count === 0) return undefined;
    // The histogram knows the end of a range in which the duration lies.
    return Math.min(this.longest, this.histogram.percentile(percent) / NS_PER_MS);
  }
}
