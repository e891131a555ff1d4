// Keeps the run's use of CPU, client and servers together, at a share of one core: where it is
// above, every pause of everybody becomes longer.

export class Governor {
  /** What every pause is multiplied with; shared with the worker threads. */
  readonly shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  /** Share of one core in the last interval, client and servers. */
  clientLoad = 0;
  serverLoad = 0;
  private readonly view = new Float64Array(this.shared);
  private before: { at: number; client: number; servers: number } | undefined;

  constructor(
    private readonly load: number,
    private readonly least: number,
    private readonly serversUs: () => number,
  ) {
    this.view[0] = least;
  }

  get pace(): number {
    return this.view[0] ?? 1;
  }

  /** Measures the time since the last call, and gives the pace for the next one. */
  adjust(): number {
    const { user, system } = process.cpuUsage();
    const now = { at: performance.now(), client: user + system, servers: this.serversUs() };
    const { before } = this;
    this.before = now;
    if (before === undefined) return this.pace;
    const passedUs = (now.at - before.at) * 1000;
    this.clientLoad = (now.client - before.client) / passedUs;
    this.serverLoad = Math.max(0, now.servers - before.servers) / passedUs;
    // The square root keeps it from swinging: what a pace does is seen an interval later.
    const factor = Math.sqrt((this.clientLoad + this.serverLoad) / this.load);
    // (faster than it began, everybody would wait for everybody on a machine that others use as well)
    this.view[0] = Math.min(
      50,
      Math.max(this.least, this.pace * Math.min(2, Math.max(0.5, factor))),
    );
    return this.pace;
  }

  /** No pause any more. */
  release(): void {
    this.view[0] = 0;
  }
}
