/** Key log lines (NSS format), which decrypt a recorded TLS connection. */
import { appendFileSync } from 'node:fs';

/** Called with one line, without its newline. */
export type KeyLog = (line: string) => void;

let warned = false;

function append(file: string, lines: string): void {
  try {
    appendFileSync(file, lines, { mode: 0o600 });
  } catch (error) {
    if (warned) return;
    warned = true;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`SSLKEYLOGFILE: the TLS key log cannot be written: ${reason}`, 'wsfd');
  }
}

/**
 * Writes the key log of a connection to the file that SSLKEYLOGFILE names, then to `callback`.
 *
 * @returns Takes lines, each with its newline; undefined: there is neither.
 */
export function keyLogFor(callback: KeyLog | undefined): ((lines: string) => void) | undefined {
  const file = process.env['SSLKEYLOGFILE'] ?? '';
  if (callback === undefined && file === '') return undefined;
  return (lines) => {
    if (file !== '') append(file, lines);
    if (callback === undefined) return;
    for (const line of lines.trimEnd().split('\n')) callback(line);
  };
}
