import { createHistogram } from 'node:perf_hooks';

const NS_PER_MS = 1e6;

/** Durations of a run, in a constant amount of memory; percentiles are exact to 1 %. */
export class Latencies {
  private readonly histogram = createHistogram({ figures: 2 });
  private longest = 0;

  add(ms: number): void {
    this.histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
    this.longest = Math.max(this.longest, ms);
  }

  /** A percentile in ms; `percent` is over 0 and at most 100. undefined: no duration was added. */
  percentile(percent: number): number | undefined {
    if (this.histogram.count === 0) return undefined;
    // The histogram gives the upper end of a range, which can exceed every duration.
    return Math.min(this.longest, this.histogram.percentile(percent) / NS_PER_MS);
  }
}
