/** `wsfd URL`: prints the messages that come, sends the lines that are typed or piped in. */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

import { printable } from '../base/printable.js';
import {
  getLastError,
  webSocketBatches,
  webSocketClose,
  WebSocketError,
  webSocketFlush,
  webSocketInfo,
  webSocketOpen,
  webSocketPing,
  webSocketWrite,
} from '../index.js';
import type { Message } from '../index.js';
import { EXIT_DONE, EXIT_INTERRUPTED, exitCodeOf } from './exit-codes.js';
import { numberOf, openOptionsOf } from './flags.js';
import type { Values } from './flags.js';
import { describeClose, describeError, errorEvent, jsonLine, note, print } from './output.js';

/** RFC 6455 section 7.4.1: ends that were meant; 1005 is a close frame without a code. */
const MEANT = [1000, 1001, 1005];

/** A server that does not answer pings is not waited for any longer before the close frame. */
const PONG_PATIENCE_MS = 5000;

const linesOf = (input: NodeJS.ReadableStream): AsyncIterable<string> =>
  createInterface({ input, crlfDelay: Infinity });

/** What a session prints: for people and pipes, or as lines of JSON. */
interface Printer {
  opened(socket: number): void;
  /** The promise is for what waits until the reader has kept up. */
  message(message: Message): Promise<unknown> | undefined;
  closed(code: number, reason: string): void;
  failed(error: WebSocketError): void;
}

const printJson = (event: object) => print(jsonLine(event));

const jsonPrinter: Printer = {
  opened(socket) {
    const info = webSocketInfo(socket);
    const { url, subprotocol, extensions, remoteAddress, remotePort, tls } = info ?? {};
    const secure = tls === undefined ? undefined : { version: tls.version, cipher: tls.cipher };
    void printJson({
      ...{ event: 'open', url, subprotocol, extensions, remoteAddress, remotePort },
      tls: secure,
    });
  },
  message(message) {
    return typeof message === 'string'
      ? printJson({ event: 'message', type: 'text', data: message })
      : printJson({ event: 'message', type: 'binary', base64: message.toString('base64') });
  },
  closed(code, reason) {
    void printJson({ event: 'close', code, reason });
  },
  failed(error) {
    void printJson(errorEvent(error));
  },
};

/** A terminal is not to be upset by what a server sends; a pipe gets it as it is. */
const shown = (text: string): string => (process.stdout.isTTY ? printable(text) : text);

const hexOf = (bytes: Buffer): string =>
  bytes.toString('hex', 0, 32).replace(/(..)(?=.)/g, '$1 ') + (bytes.length > 32 ? ' …' : '');

function textPrinter(raw: boolean): Printer {
  return {
    opened(socket) {
      const info = webSocketInfo(socket);
      const protocol = info?.subprotocol ? `, subprotocol ${info.subprotocol}` : '';
      const security = info?.tls === undefined ? '' : `, ${info.tls.version}`;
      note(`connected to ${String(info?.url)}${security}${protocol}`);
    },
    message(message) {
      if (typeof message === 'string') return print(`${shown(message)}\n`);
      if (raw && !process.stdout.isTTY) return print(message);
      return print(`<${String(message.length)} bytes: ${hexOf(message)}>\n`);
    },
    closed(code, reason) {
      note(describeClose(code, reason));
    },
    failed(error) {
      note(describeError(error));
    },
  };
}

/** One connection of the command's, from its opening to the exit code. */
class Session {
  private exitCode: number | undefined;
  private printed = 0;
  /** How many messages are to be printed before it is closed. */
  private due = Infinity;

  constructor(
    private readonly socket: number,
    private readonly printer: Printer,
    private readonly values: Values,
    private readonly count: number,
  ) {}

  /** Resolves with the exit code once the connection is over. */
  async run(): Promise<number> {
    const interrupt = (): void => void this.close(EXIT_INTERRUPTED);
    process.once('SIGINT', interrupt);
    this.printer.opened(this.socket);
    void this.send();
    try {
      return await this.receive();
    } finally {
      process.removeListener('SIGINT', interrupt);
      process.stdin.destroy();
      await webSocketClose(this.socket);
    }
  }

  private async receive(): Promise<number> {
    let left = this.count;
    try {
      for await (const batch of webSocketBatches(this.socket)) {
        for (const message of batch) {
          await this.printer.message(message);
          if (--left === 0) return EXIT_DONE;
          this.printed++;
        }
        if (this.printed >= this.due) await this.close(EXIT_DONE);
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.printer.failed(error);
      // A connection that was open and is lost has ended without a close frame.
      return exitCodeOf(error.category === 'network' ? 'closed' : error.category);
    }
    if (this.exitCode !== undefined) return this.exitCode;
    const { closeCode = 1006, closeReason = '' } = webSocketInfo(this.socket) ?? {};
    this.printer.closed(closeCode, closeReason);
    return MEANT.includes(closeCode) ? EXIT_DONE : exitCodeOf('closed');
  }

  private async send(): Promise<void> {
    const input = this.values.binary === true ? process.stdin : linesOf(process.stdin);
    try {
      for await (const message of input) {
        if (!(await this.write(message as string | Buffer))) return;
      }
    } catch {
      // The input was given up, with the connection.
      return;
    }
    // Ctrl-D of whoever types, or --close-at-end: it is over. Otherwise what was sent may yet be
    // answered.
    if (process.stdin.isTTY || this.values['close-at-end'] === true) await this.closeAtEnd();
  }

  /** Closes once all is printed that the server had sent before it heard of the end. */
  private async closeAtEnd(): Promise<void> {
    if ((await webSocketFlush(this.socket)) !== 0 || !(await this.answered())) return;
    this.due = this.messagesIn;
    if (this.printed >= this.due) await this.close(EXIT_DONE);
  }

  /**
   * Waits for the answers to all that was sent: a server reads frames in their order, so its pong
   * comes behind them. False if the connection ended before.
   */
  private async answered(): Promise<boolean> {
    const pong = webSocketPing(this.socket);
    for (;;) {
      const before = this.messagesIn;
      const patience = new AbortController();
      const { signal } = patience;
      const waited = setTimeout(PONG_PATIENCE_MS, undefined, { signal }).catch(() => undefined);
      const result = await Promise.race([pong, waited]);
      patience.abort();
      if (result !== undefined) return result === 0;
      if (this.messagesIn === before) return true;
    }
  }

  private get messagesIn(): number {
    return webSocketInfo(this.socket)?.messagesIn ?? 0;
  }

  /** False when nothing can be sent any more. */
  private async write(message: string | Buffer): Promise<boolean> {
    while (webSocketWrite(this.socket, message) !== 0) {
      const [error] = getLastError();
      if (error?.category !== 'limit') return false;
      if (webSocketInfo(this.socket)?.bufferedBytes === 0) {
        // Room is not what it lacks: it is larger than all that may wait.
        this.printer.failed(error);
        await this.close(exitCodeOf(error.category));
        return false;
      }
      if ((await webSocketFlush(this.socket)) !== 0) return false;
    }
    return true;
  }

  private async close(exitCode: number): Promise<void> {
    this.exitCode ??= exitCode;
    await webSocketClose(this.socket);
  }
}

/** Opens a connection and serves it until its end; resolves with the exit code. */
export async function connect(url: string, values: Values): Promise<number> {
  const count = numberOf(values, 'count', Infinity);
  const printer = values.json === true ? jsonPrinter : textPrinter(values.binary === true);
  const socket = await webSocketOpen(url, openOptionsOf(values));
  if (socket >= 0) return new Session(socket, printer, values, count).run();
  const errors = getLastError();
  for (const error of errors) printer.failed(error);
  return exitCodeOf(errors[0]?.category ?? 'internal');
}
