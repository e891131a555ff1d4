/** What the command does from its first connection to its exit code, whatever the input is. */
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';

import {
  getLastError,
  webSocketBatches,
  webSocketClose,
  WebSocketError,
  webSocketFlush,
  webSocketInfo,
  webSocketPing,
  webSocketWrite,
} from '../index.js';
import { EXIT_DONE, EXIT_INTERRUPTED, exitCodeOf } from './exit-codes.js';
import type { Printer } from './printer.js';

/** RFC 6455 section 7.4.1: ends that were meant; 1005 is a close frame without a code. */
const MEANT = [1000, 1001, 1005];
/** RFC 6455 section 7.1.5: no close frame came. */
const NO_CLOSE_FRAME = 1006;

/** A server that does not answer pings is not waited for any longer before the close frame. */
const PONG_PATIENCE_MS = 5000;
/** Node's timers take no more; it is 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SessionSettings {
  readonly reconnects: boolean;
  /** How many messages are printed before it ends. */
  readonly count: number;
  /** Milliseconds without a message, from here or there, after which it ends; Infinity: never. */
  readonly quietMs: number;
}

export class Session {
  /** What the command ends with; undefined: it goes on. */
  exitCode: number | undefined = undefined;
  private socket: number | undefined = undefined;
  private left: number;
  /** Of this connection. */
  private printed = 0;
  /** How many of its messages are to be printed before it is closed. */
  private due = Infinity;
  private silence: NodeJS.Timeout | undefined = undefined;
  private readonly ending = new AbortController();
  private waiting: (() => void)[] = [];

  constructor(
    public printer: Printer,
    private readonly settings: SessionSettings,
  ) {
    this.left = settings.count;
  }

  /** Aborted when it ends: nothing more is to be opened. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** The open socket; undefined: there is none at the moment. */
  get openSocket(): number | undefined {
    return this.socket;
  }

  /** The socket of this connection, or of the next one; undefined once there will be none. */
  async whenOpen(): Promise<number | undefined> {
    while (this.socket === undefined && !this.isOver) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.socket;
  }

  /** Prints what comes on one connection, until that is over. */
  async serve(socket: number): Promise<void> {
    this.socket = socket;
    this.printed = 0;
    this.printer.opened(socket);
    this.touch();
    for (const go of this.waiting.splice(0)) go();
    try {
      await this.receive(socket);
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.printer.failed(error);
      // A connection that was open and is lost has ended without a close frame.
      this.exitCode ??= exitCodeOf(error.category === 'network' ? 'closed' : error.category);
    } finally {
      this.socket = undefined;
    }
  }

  private async receive(socket: number): Promise<void> {
    for await (const batch of webSocketBatches(socket)) {
      this.touch();
      for (const message of batch) {
        await this.printer.message(message);
        this.printed++;
        if (--this.left > 0) continue;
        this.exitCode ??= EXIT_DONE;
        return;
      }
      if (this.printed >= this.due) await this.end(EXIT_DONE);
    }
    if (this.exitCode !== undefined) return;
    const { closeCode = NO_CLOSE_FRAME, closeReason = '' } = webSocketInfo(socket) ?? {};
    // (why one was lost is told with the next attempt)
    if (this.settings.reconnects && closeCode === NO_CLOSE_FRAME) return;
    this.printer.closed(closeCode, closeReason);
    if (this.settings.reconnects) return;
    this.exitCode = MEANT.includes(closeCode) ? EXIT_DONE : exitCodeOf('closed');
  }

  /** Another attempt follows this error. */
  retry(error: WebSocketError, delay: number): void {
    // (how a server closed has been told)
    if (error.code !== 'WSFD_SOCKET_CLOSED') this.printer.failed(error);
    this.printer.retried(delay);
  }

  /** There is no connection, and none will be. */
  fail(error: WebSocketError): void {
    if (this.exitCode === EXIT_INTERRUPTED) return;
    this.printer.failed(error);
    this.exitCode ??= exitCodeOf(error.category);
  }

  /** Closes the connection, and opens none after it. */
  async end(exitCode: number): Promise<void> {
    this.exitCode ??= exitCode;
    const { socket } = this;
    this.over();
    if (socket !== undefined) await webSocketClose(socket);
  }

  /** The same with this code and reason; gives the error of those that cannot be sent. */
  async close(code: number, reason: string): Promise<WebSocketError | undefined> {
    if (this.socket === undefined) {
      await this.end(EXIT_DONE);
      return undefined;
    }
    this.exitCode ??= EXIT_DONE;
    const result = await webSocketClose(this.socket, code, reason);
    const [error] = getLastError();
    if (result === 0 || error?.category !== 'usage') {
      this.over();
      return undefined;
    }
    this.exitCode = undefined;
    return error;
  }

  /** Nothing is waited for any more. */
  over(): void {
    clearTimeout(this.silence);
    this.ending.abort();
    for (const go of this.waiting.splice(0)) go();
  }

  /** Closes once all is printed that the server had sent before it heard of the end. */
  async endWhenAnswered(): Promise<void> {
    const { socket } = this;
    if (socket === undefined) return this.end(EXIT_DONE);
    if ((await webSocketFlush(socket)) !== 0 || !(await answered(socket))) return;
    this.due = messagesInOf(socket);
    if (this.printed >= this.due) await this.end(EXIT_DONE);
  }

  /**
   * Sends a message; false when nothing can be sent any more. One that is larger than all that may
   * wait ends the session, unless a person sent it, who is told.
   */
  async send(message: string | Uint8Array, isTyped = false): Promise<boolean> {
    for (;;) {
      const socket = await this.whenOpen();
      if (socket === undefined) return false;
      if (webSocketWrite(socket, message) === 0) {
        this.touch();
        return true;
      }
      const [error] = getLastError();
      if (error?.category !== 'limit') {
        if (!this.settings.reconnects) return false;
        // It goes out on the next connection.
        if (this.socket === socket) this.socket = undefined;
        continue;
      }
      if (webSocketInfo(socket)?.bufferedBytes === 0) {
        // Room is not what it lacks: it is larger than all that may wait.
        this.printer.failed(error);
        if (!isTyped) await this.end(exitCodeOf(error.category));
        return isTyped;
      }
      await webSocketFlush(socket);
    }
  }

  /** A message came or was sent: the silence begins anew. */
  private touch(): void {
    const { quietMs } = this.settings;
    if (quietMs === Infinity || this.isOver) return;
    if (this.silence === undefined) {
      const afterMs = Math.min(quietMs, LONGEST_TIMER_MS);
      this.silence = setTimeout(() => void this.end(EXIT_DONE), afterMs);
    } else this.silence.refresh();
  }
}

const messagesInOf = (socket: number): number => webSocketInfo(socket)?.messagesIn ?? 0;

/**
 * Waits for the answers to all that was sent: a server reads frames in their order, so its pong
 * comes behind them. False if the connection ended before.
 */
async function answered(socket: number): Promise<boolean> {
  const pong = webSocketPing(socket);
  for (;;) {
    const before = messagesInOf(socket);
    const patience = new AbortController();
    const { signal } = patience;
    const waited = setTimeoutPromise(PONG_PATIENCE_MS, undefined, { signal }).catch(
      () => undefined,
    );
    const result = await Promise.race([pong, waited]);
    patience.abort();
    if (result !== undefined) return result === 0;
    if (messagesInOf(socket) === before) return true;
  }
}
