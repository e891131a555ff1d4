/** The input: the lines or bytes of a pipe, or the lines typed on a terminal. */
import { readFile } from 'node:fs/promises';

import { webSocketInfo, webSocketPing } from '../index.js';
import { EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.js';
import type { Values } from './flags.js';
import { linesOf } from './lines.js';
import { note, paint } from './output.js';
import type { Session } from './session.js';
import { describeCommands, readTyped } from './slash.js';
import { plainScreen } from './terminal.js';
import type { Screen, TerminalEvents } from './terminal.js';

/** Sends each line of stdin, or with --binary each chunk. */
export async function sendInput(session: Session, values: Values): Promise<void> {
  const input = values.binary === true ? process.stdin : linesOf(process.stdin);
  try {
    for await (const message of input) {
      if (!(await session.send(message as string | Buffer))) return;
    }
  } catch (error) {
    // connect() destroys stdin at the end of the session.
    if (session.isOver) return;
    note(`the input cannot be read: ${(error as Error).message}`);
    await session.end(EXIT_USAGE);
    return;
  }
  // Ctrl-D on a terminal and --close-at-end end the session. Otherwise it waits for answers.
  if (process.stdin.isTTY || values['close-at-end'] === true) await session.endWhenAnswered();
}

/** Executes typed lines. */
export class Keyboard implements TerminalEvents {
  screen: Screen = plainScreen;

  constructor(private readonly session: Session) {}

  line(text: string): void {
    const typed = readTyped(text);
    switch (typed.kind) {
      case 'send':
        void this.send(typed.text);
        return;
      case 'ping':
        void this.ping();
        return;
      case 'binary':
        void this.sendFile(typed.file);
        return;
      case 'close':
        void this.close(typed.code, typed.reason);
        return;
      case 'help':
        this.screen.note(describeCommands().join('\n'));
        return;
      case 'wrong':
        this.complain(typed.why);
    }
  }

  end(): void {
    void this.session.endWhenAnswered();
  }

  interrupt(): void {
    void this.session.end(EXIT_INTERRUPTED);
  }

  private complain(why: string): void {
    this.screen.note(process.stderr.isTTY ? paint('yellow', why) : why);
  }

  /** Refuses a message typed without a connection: it was meant for the last one. */
  private async send(message: string | Uint8Array): Promise<void> {
    if (this.session.openSocket === undefined) this.complain('not sent: there is no connection');
    else await this.session.send(message, true);
  }

  private async sendFile(file: string): Promise<void> {
    try {
      await this.send(await readFile(file));
    } catch (error) {
      this.complain(`/binary: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async ping(): Promise<void> {
    const { openSocket } = this.session;
    if (openSocket === undefined) {
      this.complain('/ping: there is no connection');
      return;
    }
    if ((await webSocketPing(openSocket)) !== 0) return;
    const { roundTripMs = 0 } = webSocketInfo(openSocket) ?? {};
    this.screen.note(`pong after ${roundTripMs.toFixed(2)} ms`);
  }

  private async close(code: number, reason: string): Promise<void> {
    const error = await this.session.close(code, reason);
    if (error !== undefined) this.complain(`/close: ${error.message}`);
  }
}
