/** A run of `wsfd URL`, from its first connection to its exit code. */
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

/** RFC 6455 section 7.4.1; 1005 is a close frame without a code. */
const NORMAL_CLOSURES = [1000, 1001, 1005];
/** RFC 6455 section 7.1.5: no close frame came. */
const NO_CLOSE_FRAME = 1006;

/** How long answered() waits for a pong while no message comes. */
const PONG_WAIT_MS = 5000;
/** The longest delay of Node's timers: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SessionSettings {
  readonly reconnects: boolean;
  /** The number of printed messages that ends the session. */
  readonly count: number;
  /** Milliseconds without a sent or received message that end the session; Infinity: none do. */
  readonly quietMs: number;
}

export class Session {
  /** undefined: the session goes on. */
  exitCode: number | undefined = undefined;
  private socket: number | undefined = undefined;
  private messagesLeft: number;
  /** Messages of this connection. */
  private printed = 0;
  /** Messages to print of this connection. */
  private messagesBeforeClose = Infinity;
  private silence: NodeJS.Timeout | undefined = undefined;
  private readonly ending = new AbortController();
  private waiting: (() => void)[] = [];
  private isDraining = false;
  /** Ends the wait of untilDrained(). */
  private stopDraining = (): void => undefined;
  private closing: Promise<unknown> | undefined = undefined;

  constructor(
    public printer: Printer,
    private readonly settings: SessionSettings,
  ) {
    this.messagesLeft = settings.count;
  }

  /** Aborted when the session ends: no connection opens any more. */
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

  /** The socket of this connection or of the next one; undefined: the session is over. */
  async whenOpen(): Promise<number | undefined> {
    while (this.socket === undefined && !this.isOver) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.socket;
  }

  /** Prints the messages of a connection until it ends. */
  async serve(socket: number): Promise<void> {
    this.socket = socket;
    this.printed = 0;
    this.printer.opened(socket);
    this.restartSilence();
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
      this.restartSilence();
      for (const message of batch) {
        if (this.isOver) return;
        const output = this.printer.message(message);
        if (output !== undefined) await this.untilDrained(output);
        this.printed++;
        if (--this.messagesLeft > 0) continue;
        this.exitCode ??= EXIT_DONE;
        return;
      }
      if (this.printed >= this.messagesBeforeClose) await this.end(EXIT_DONE);
    }
    if (this.exitCode !== undefined) return;
    const { closeCode = NO_CLOSE_FRAME, closeReason = '' } = webSocketInfo(socket) ?? {};
    // retry() reports why a connection was lost.
    if (this.settings.reconnects && closeCode === NO_CLOSE_FRAME) return;
    this.printer.closed(closeCode, closeReason);
    if (this.settings.reconnects) return;
    this.exitCode = NORMAL_CLOSURES.includes(closeCode) ? EXIT_DONE : exitCodeOf('closed');
  }

  /** Waits until the output has drained, or the session is over. That time is no silence. */
  private async untilDrained(output: Promise<unknown>): Promise<void> {
    if (this.isOver) return;
    this.isDraining = true;
    this.restartSilence();
    await new Promise<void>((resolve, reject) => {
      this.stopDraining = resolve;
      output.then(() => resolve(), reject);
    });
    this.isDraining = false;
    this.restartSilence();
  }

  /** Another attempt follows this error. */
  retry(error: WebSocketError, delay: number): void {
    // receive() has printed the close code.
    if (error.code !== 'WSFD_SOCKET_CLOSED') this.printer.failed(error);
    this.printer.retried(delay);
  }

  /** No further attempt follows this error. */
  fail(error: WebSocketError): void {
    if (this.exitCode === EXIT_INTERRUPTED) return;
    this.printer.failed(error);
    this.exitCode ??= exitCodeOf(error.category);
  }

  /** Closes the connection, and opens none after it. */
  async end(exitCode: number): Promise<void> {
    this.exitCode ??= exitCode;
    const { socket } = this;
    this.stopWaiting();
    if (socket !== undefined) this.closing ??= webSocketClose(socket);
    await this.closing;
  }

  /** The same with this code and reason; resolves with the error if they are not valid. */
  async close(code: number, reason: string): Promise<WebSocketError | undefined> {
    if (this.socket === undefined) {
      await this.end(EXIT_DONE);
      return undefined;
    }
    this.exitCode ??= EXIT_DONE;
    const result = await webSocketClose(this.socket, code, reason);
    const [error] = getLastError();
    if (result === 0 || error?.category !== 'usage') {
      this.stopWaiting();
      return undefined;
    }
    this.exitCode = undefined;
    return error;
  }

  stopWaiting(): void {
    clearTimeout(this.silence);
    this.ending.abort();
    this.stopDraining();
    for (const go of this.waiting.splice(0)) go();
  }

  /**
   * Closes once all messages that the server sent before its pong are printed. With `reconnects`, a
   * connection that is lost before its pong leaves that to the next one.
   */
  async endWhenAnswered(): Promise<void> {
    if (this.socket === undefined) return this.end(EXIT_DONE);
    for (;;) {
      const socket = await this.whenOpen();
      if (socket === undefined) return;
      if ((await webSocketFlush(socket)) === 0 && (await answered(socket))) {
        this.messagesBeforeClose = messagesInOf(socket);
        if (this.printed >= this.messagesBeforeClose) await this.end(EXIT_DONE);
        return;
      }
      if (!this.settings.reconnects) return;
      this.forget(socket);
    }
  }

  /**
   * Sends a message; false when nothing can be sent any more. Reports a message that is larger than
   * the send buffer; unless it was typed, that ends the session.
   */
  async send(message: string | Uint8Array, isTyped = false): Promise<boolean> {
    for (;;) {
      const socket = await this.whenOpen();
      if (socket === undefined) return false;
      if (webSocketWrite(socket, message) === 0) {
        this.restartSilence();
        return true;
      }
      const [error] = getLastError();
      if (error?.category !== 'limit') {
        if (!this.settings.reconnects) return false;
        // The next connection sends the message.
        this.forget(socket);
        continue;
      }
      if (webSocketInfo(socket)?.bufferedBytes === 0) {
        // The message does not fit even into an empty buffer.
        this.printer.failed(error);
        if (!isTyped) await this.end(exitCodeOf(error.category));
        return isTyped;
      }
      await webSocketFlush(socket);
    }
  }

  /** Has whenOpen() wait for the connection that follows this lost one. */
  private forget(socket: number): void {
    if (this.socket === socket) this.socket = undefined;
  }

  private restartSilence(): void {
    clearTimeout(this.silence);
    const { quietMs } = this.settings;
    if (quietMs === Infinity || this.isOver || this.isDraining) return;
    const afterMs = Math.min(quietMs, LONGEST_TIMER_MS);
    this.silence = setTimeout(() => void this.end(EXIT_DONE), afterMs);
  }
}

const messagesInOf = (socket: number): number => webSocketInfo(socket)?.messagesIn ?? 0;

/**
 * Waits for the answers to all messages: a server reads frames in order, so its pong follows its
 * answers. False if the connection ended before.
 */
async function answered(socket: number): Promise<boolean> {
  const pong = webSocketPing(socket);
  for (;;) {
    const before = messagesInOf(socket);
    const patience = new AbortController();
    const { signal } = patience;
    const waited = setTimeoutPromise(PONG_WAIT_MS, undefined, { signal }).catch(() => undefined);
    const result = await Promise.race([pong, waited]);
    patience.abort();
    if (result !== undefined) return result === 0;
    if (messagesInOf(socket) === before) return true;
  }
}
