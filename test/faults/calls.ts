// The package's functions as the scenarios call them: whatever fails inside, each call has to give a
// code of the contract, with errors that say why where it is negative.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  getLastError,
  webSocketClose,
  webSocketFlush,
  webSocketInfo,
  webSocketOpen,
  webSocketPing,
  webSocketRead,
  webSocketReadMany,
  WebSocketError,
  webSocketSubscribe,
  webSocketSubscribePacked,
  webSocketTerminate,
  webSocketWrite,
  webSocketWriteMany,
  webSocketWritePacked,
} from 'wsfd';
import type { Message, OpenOptions, PackedBatch, Ref } from 'wsfd';

const table = join(dirname(require.resolve('wsfd')), '..', 'modules', 'errors', 'table.js');
const { ERROR_ROWS: rows } = createRequire(__filename)(table) as {
  ERROR_ROWS: readonly { code: string }[];
};
const codes = new Set(rows.map(({ code }) => code));

/** Seconds after which something that has to come is taken for lost. */
export const patience = 5;

/** One run of a scenario: what it called, and what was wrong with it. */
export class Calls {
  readonly problems: string[] = [];
  readonly #strict: boolean;

  /** `strict`: nothing is made to fail, so that nothing may. */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Something did not work, as it may where something is made to fail. */
  failed(text: string): void {
    if (this.#strict) this.problem(`though nothing was made to fail: ${text}`);
  }

  /** Judges what a call gave; returns it. */
  check(name: string, code: unknown, allowed: readonly number[] = [0, -1]): number {
    const errors = getLastError();
    const said = errors.map((error) => `${error.code}: ${error.message}`).join('; ');
    const valid = typeof code === 'number' && Number.isSafeInteger(code);
    if (!valid || (code < 1 ? !allowed.includes(code) : !allowed.includes(1))) {
      this.problem(`${name} gave ${String(code)} (${said})`);
      return -1;
    }
    if (code >= 0) {
      if (errors.length !== 0) this.problem(`${name} gave ${code} and errors: ${said}`);
      return code;
    }
    if (errors.length === 0) this.problem(`${name} gave ${code} without an error`);
    for (const error of errors) {
      if (!(error instanceof WebSocketError) || !codes.has(error.code) || error.message === '') {
        this.problem(`${name}: ${String(error)} is no error of the table`);
      }
    }
    this.failed(`${name} gave ${code}: ${said}`);
    return code;
  }

  /** A call that fails in every run of its scenario. */
  async refused(url: string, options?: OpenOptions): Promise<void> {
    const loose = new Calls(false);
    // (-2 where a busy machine takes longer than the timeout)
    const code = loose.check('webSocketOpen', await webSocketOpen(url, options), [0, -1, -2]);
    this.problems.push(...loose.problems);
    if (code >= 0) this.problem('webSocketOpen opened what has to be refused');
  }

  async open(url: string, options?: OpenOptions): Promise<number> {
    return this.check('webSocketOpen', await webSocketOpen(url, options), [0, 1, -1]);
  }

  /** The next message; undefined if none can come any more. */
  async read(socket: number): Promise<Message | undefined> {
    const data: Ref<Message> = {};
    const code = await webSocketRead(socket, data, patience);
    return this.check('webSocketRead', code, [0, 1, -1]) === 0 ? data.value : undefined;
  }

  /** Reads until `count` messages have come. True if they did. */
  async readMany(socket: number, count: number): Promise<boolean> {
    const into: Message[] = [];
    while (into.length < count) {
      const code = await webSocketReadMany(socket, into, patience);
      if (this.check('webSocketReadMany', code, [0, 1, -1]) !== 0) return false;
    }
    return true;
  }

  /** Reads the message that must be next: what is there must be right, or nothing is. */
  async expect(socket: number, message: Message): Promise<boolean> {
    const came = await this.read(socket);
    if (came === undefined) return false;
    if (typeof came !== typeof message || Buffer.compare(Buffer.from(came), Buffer.from(message))) {
      this.problem(`a message came changed: ${came.toString().slice(0, 60)}`);
    }
    return true;
  }

  write(socket: number, data: string | Uint8Array): boolean {
    return this.check('webSocketWrite', webSocketWrite(socket, data)) === 0;
  }

  writeMany(socket: number, messages: readonly (string | Uint8Array)[]): boolean {
    return this.check('webSocketWriteMany', webSocketWriteMany(socket, messages)) === 0;
  }

  writePacked(socket: number, bytes: Uint8Array, ends: Uint32Array): boolean {
    const code = webSocketWritePacked(socket, bytes, ends, ends.length, 'text');
    return this.check('webSocketWritePacked', code) === 0;
  }

  async flush(socket: number): Promise<void> {
    this.check('webSocketFlush', await webSocketFlush(socket));
  }

  async ping(socket: number): Promise<void> {
    this.check('webSocketPing', await webSocketPing(socket));
  }

  subscribe(socket: number, subscriber: (batch: readonly Message[]) => void): boolean {
    return this.check('webSocketSubscribe', webSocketSubscribe(socket, subscriber)) === 0;
  }

  subscribePacked(socket: number, subscriber: (batch: PackedBatch) => void): boolean {
    const code = webSocketSubscribePacked(socket, subscriber);
    return this.check('webSocketSubscribePacked', code) === 0;
  }

  info(socket: number): void {
    const info = webSocketInfo(socket);
    this.check('webSocketInfo', info === undefined ? -1 : 0);
  }

  async close(socket: number): Promise<void> {
    this.check('webSocketClose', await webSocketClose(socket));
  }

  terminate(socket: number): void {
    this.check('webSocketTerminate', webSocketTerminate(socket));
  }
}
