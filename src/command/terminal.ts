/** A prompt on a terminal, which stays below all that is printed meanwhile. */
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Interface } from 'node:readline';

import { History } from './history.js';
import { Keys } from './keys.js';
import { note, paint, print } from './output.js';
import { completeTyped } from './slash.js';

/** Where results go, and what is said of them. */
export interface Screen {
  /** The promise is for what waits until the reader has kept up. */
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

/** True where lines can be edited: with a keyboard and a screen that does more than a typewriter. */
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
      // At once: the next line may be there already, where several are pasted.
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

  /** Shows the prompt, once for all that is printed in this turn of the event loop. */
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
    // readline goes up as many rows as it has drawn last, to draw over them.
    process.stdout.write('\n'.repeat(this.lines.getCursorPos().rows));
    this.lines.prompt(true);
  }

  /** Takes the prompt away, and what has been typed behind it. */
  private hide(): void {
    if (this.isHidden || this.isClosed) return;
    this.isHidden = true;
    moveCursor(process.stdout, 0, -this.lines.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.hide();
    this.isClosed = true;
    this.lines.close();
  }
}
