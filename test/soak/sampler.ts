// What the client's process holds: memory and descriptors, once a second.
import { readdirSync } from 'node:fs';

export interface Sample {
  /** Seconds since the run began. */
  readonly at: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly descriptors: number;
  /** Connections that are open, of the main thread. */
  readonly open: number;
  readonly workers: number;
  /** True: garbage was collected just before. */
  readonly collected: boolean;
}

/** Open descriptors of this process; NaN where the system does not tell. */
export function countDescriptors(): number {
  try {
    // The one that reads the folder is in it.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return NaN;
  }
}

/** Garbage is collected before every so many seconds' sample. */
const collectEvery = 30;

export class Sampler {
  readonly samples: Sample[] = [];
  private readonly began = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly state: () => Pick<Sample, 'open' | 'workers'>) {}

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  start(onSample: (sample: Sample) => void): void {
    this.timer = setInterval(() => onSample(this.take()), 1000);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  take(): Sample {
    const collected = this.samples.length % collectEvery === collectEvery - 1;
    if (collected) gc?.();
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const sample: Sample = {
      at: this.seconds,
      rss,
      heapUsed,
      external,
      arrayBuffers,
      descriptors: countDescriptors(),
      ...this.state(),
      collected,
    };
    this.samples.push(sample);
    return sample;
  }
}
