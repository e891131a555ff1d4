// One feed, from its server to the sink, for as long as this process holds it.
import {
  webSocketClose,
  webSocketConnections,
  webSocketSubscribe,
  webSocketTerminate,
  webSocketWriteMany,
} from 'wsfd';
import type { Message } from 'wsfd';
import type { Feed } from './feeds';
import type { Log, Sink, Source } from './sink';

/**
 * What a feed's own options may change. What has come and waits for the sink is not much, since it is
 * what a feed that changes hands has lost.
 */
const defaults = { timeout: 10, pingInterval: 15, receiveHighWaterMark: 1 << 18 };

export class Follower {
  private readonly ending = new AbortController();
  private socket = -1;
  private taking: Promise<void> = Promise.resolve();
  private readonly running: Promise<void>;

  constructor(
    private readonly source: Source,
    private readonly feed: Feed,
    private readonly sink: Sink,
    private readonly log: Log,
  ) {
    this.running = this.run().catch((error: unknown) => {
      // It stays with this process, and is tried again when its settings change.
      log(`feed ${source.feed} has ended: ${String(error)}`);
    });
  }

  /** Closes the connection. Resolves once all that was read of it is acknowledged. */
  async stop(): Promise<void> {
    this.ending.abort();
    if (this.socket >= 0) await webSocketClose(this.socket);
    await this.running;
    await this.taking;
    await this.source.drained();
  }

  /** Ends the connection at once. What was read of it goes on its way all the same. */
  drop(): void {
    this.ending.abort();
    if (this.socket >= 0) webSocketTerminate(this.socket);
  }

  private async run(): Promise<void> {
    const { url, options, subscription } = this.feed;
    const maxMessageBytes = Math.min(
      options.maxMessageBytes ?? Infinity,
      this.sink.maxMessageBytes,
    );
    const all = { ...defaults, ...options, maxMessageBytes, signal: this.ending.signal };
    const connections = webSocketConnections(url, all, {
      // A feed of a plant is not given up: somebody may renew a certificate or a password.
      shouldRetry: ({ category }) => category !== 'usage',
      onRetry: ({ message }, delay) => {
        this.log(`feed ${this.source.feed}: ${message}; again in ${delay.toFixed(1)} s`);
      },
    });
    for await (const socket of connections) {
      this.socket = socket;
      if (this.ending.signal.aborted) break;
      this.source.connection++;
      this.source.count = 0;
      webSocketWriteMany(socket, subscription);
      await this.receive(socket);
    }
  }

  /** Resolves once the connection has ended. */
  private receive(socket: number): Promise<unknown> {
    return new Promise((resolve) => {
      const take = (batch: readonly Message[]): Promise<void> =>
        (this.taking = this.sink.take(this.source, batch));
      if (webSocketSubscribe(socket, take, resolve) !== 0) resolve(-1);
    });
  }
}
