/** A prompt on a terminal, which stays below the output. */
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Interface } from 'node:readline';

import { History } from './history.js';
import { Keys } from './keys.js';
import { note, paint, print } from './output.js';
import { completeTyped } from './slash.js';

/** The output of results and of notes. */
export interface Screen {
  /** The promise resolves when the output has drained. */
  print(text: string | Uint8Array): Promise<unknown> | undefined;
  note(text: string): void;
}

export const plainScreen: Screen = { print, note };

export interface TerminalEvents {
  line(text: string): void;
  /** Ctrl-D. */
  end(): void;
  /** Ctrl-C. */
  interrupt(): void;
}

/** True if lines can be edited: on a terminal that is not `dumb`, for both input and output. */
export const isInteractive = (): boolean =>
  process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';

export class Terminal implements Screen {
  private readonly lines: Interface;
  private readonly history = new History(process.env);
  private isHidden = true;
  private isClosed = false;
  private isDrawing = false;

  constructor(events: TerminalEvents) {
    const { stdout } = process;
    const input = new Keys(process.stdin);
    const history = [...this.history.lines];
    this.lines = createInterface({
      ...{ input, output: stdout, terminal: true, history, historySize: 1000 },
      ...{ completer: completeTyped, prompt: paint('bold', '> ') },
    });
    this.lines.on('line', (line) => {
      this.isHidden = true;
      this.history.add(line);
      events.line(line);
      // At once: if several lines were pasted, the next may follow in this turn.
      this.drawNow();
    });
    this.lines.on('SIGINT', () => {
      events.interrupt();
    });
    this.lines.on('close', () => {
      this.isHidden = true;
      if (this.isClosed) return;
      this.isClosed = true;
      stdout.write('\n');
      events.end();
    });
  }

  print(text: string | Uint8Array): Promise<unknown> | undefined {
    this.hide();
    const kept = print(text);
    this.draw();
    return kept;
  }

  note(text: string): void {
    if (process.stderr.isTTY) this.hide();
    note(text);
    this.draw();
  }

  /** Shows the prompt once after all output of this turn of the event loop. */
  draw(): void {
    if (this.isDrawing) return;
    this.isDrawing = true;
    setImmediate(() => {
      this.isDrawing = false;
      this.drawNow();
    });
  }

  private drawNow(): void {
    if (this.isClosed || !this.isHidden) return;
    this.isHidden = false;
    // readline moves up by the rows that it drew last, to overwrite them.
    process.stdout.write('\n'.repeat(this.lines.getCursorPos().rows));
    this.lines.prompt(true);
  }

  /** Erases the prompt and the text typed behind it. */
  private hide(): void {
    if (this.isHidden || this.isClosed) return;
    this.isHidden = true;
    moveCursor(process.stdout, 0, -this.lines.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }

  /** Restores the terminal. */
  close(): void {
    this.hide();
    this.isClosed = true;
    this.lines.close();
  }
}
