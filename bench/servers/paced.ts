// Sends at a fixed rate, round robin over all connections: `burst` messages at once to each, as soon
// as the last of `connections` connections is there, until a message comes; then the round is
// finished, so that all connections have got the same number. Between two writes it spins, since no
// timer keeps 20 µs.
import type { Socket } from 'node:net';
import { messageCount } from '../messages';
import { streamOf } from './frames';
import { stamp } from './stamped';
import type { Request } from './upgrade';

/** How long it spins before the event loop has its turn. */
const turnMs = 1;
/** Lateness that is not made up for. */
const forgottenMs = 50;

interface Receiver {
  readonly socket: Socket;
  /** The index of the next message. */
  next: number;
}

export class Pacer {
  private readonly receivers: Receiver[] = [];
  private readonly twice: Buffer;
  private readonly frameBytes: number;
  private readonly intervalMs: number;
  private due = 0;
  private turn = 0;
  private stopping = false;
  private ended = false;

  constructor(private readonly request: Request) {
    const stream = streamOf(request);
    // Twice, so that a burst never has to wrap.
    this.twice = Buffer.concat([stream, stream]);
    this.frameBytes = stream.length / messageCount(request.size);
    this.intervalMs = (1000 * request.burst) / request.rate;
  }

  /** False once it has all its connections, or one of them has gone. */
  get open(): boolean {
    return !this.ended && this.receivers.length < this.request.connections;
  }

  add(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('data', () => (this.stopping = true));
    socket.once('close', () => (this.ended = true));
    this.receivers.push({ socket, next: 0 });
    if (this.receivers.length !== this.request.connections) return;
    this.due = performance.now();
    this.run();
  }

  private send(): void {
    const receiver = this.receivers[this.turn];
    this.turn = (this.turn + 1) % this.receivers.length;
    if (receiver === undefined) return;
    const { burst, path, size } = this.request;
    if (path === 'stamped') {
      receiver.socket.write(stamp());
      return;
    }
    const from = receiver.next * this.frameBytes;
    receiver.socket.write(this.twice.subarray(from, from + burst * this.frameBytes));
    receiver.next = (receiver.next + burst) % messageCount(size);
  }

  private run(): void {
    const end = performance.now() + turnMs;
    for (let now = performance.now(); now < end; now = performance.now()) {
      if (this.ended || (this.stopping && this.turn === 0)) return;
      if (now < this.due && !this.stopping) continue;
      this.send();
      this.due = Math.max(this.due + this.intervalMs, now - forgottenMs);
    }
    setImmediate(() => this.run());
  }
}
