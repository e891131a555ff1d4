/** The lines typed on a terminal, kept across runs. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Lines that are kept; the file may grow to twice as many. */
const MOST_LINES = 1000;
/** A longer line is most likely data, and is not kept. */
const MOST_CHARACTERS = 4096;
/** Characters that a terminal would interpret when it shows the line again. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** XDG Base Directory Specification: relative paths are "invalid", and to be ignored. */
export function historyFile(env: NodeJS.ProcessEnv, platform = process.platform): string {
  const { XDG_STATE_HOME = '', LOCALAPPDATA = '' } = env;
  if (path.isAbsolute(XDG_STATE_HOME)) return path.join(XDG_STATE_HOME, 'wsfd', 'history');
  if (platform === 'win32' && path.isAbsolute(LOCALAPPDATA)) {
    return path.join(LOCALAPPDATA, 'wsfd', 'history');
  }
  return path.join(homedir(), '.local', 'state', 'wsfd', 'history');
}

export class History {
  /** The newest first, as readline wants them. */
  readonly lines: string[] = [];
  private readonly file: string;
  private isKept = true;

  constructor(env: NodeJS.ProcessEnv) {
    this.file = historyFile(env);
    this.runOrDisable(() => {
      mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
      appendFileSync(this.file, '', { mode: 0o600 });
      // The file may exist with another mode.
      chmodSync(this.file, 0o600);
      const kept = readFileSync(this.file, 'utf8').split('\n');
      const lines = kept.filter((line) => line !== '' && !CONTROL.test(line));
      if (lines.length > 2 * MOST_LINES) this.shorten(lines.slice(-MOST_LINES));
      this.lines.push(...lines.slice(-MOST_LINES).reverse());
    });
  }

  /** Keeps a line, unless it begins with a space: such a line may hold a secret. */
  add(line: string): void {
    if (line === '' || line.startsWith(' ') || line.length > MOST_CHARACTERS) return;
    if (CONTROL.test(line)) return;
    this.runOrDisable(() => {
      appendFileSync(this.file, `${line}\n`, { mode: 0o600 });
    });
  }

  private shorten(lines: readonly string[]): void {
    const next = `${this.file}.${String(process.pid)}`;
    writeFileSync(next, `${lines.join('\n')}\n`, { mode: 0o600 });
    renameSync(next, this.file);
  }

  /** The first error turns the history off. */
  private runOrDisable(what: () => void): void {
    if (!this.isKept) return;
    try {
      what();
    } catch {
      this.isKept = false;
    }
  }
}
