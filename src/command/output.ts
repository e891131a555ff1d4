/** What the command prints: results on stdout, what is said of them on stderr. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';

import { printable } from '../base/printable.js';
import type { WebSocketError } from '../index.js';

const { stdout, stderr } = process;

/** How many characters a line of this stream has; Infinity where it is no terminal. */
export const widthOf = (stream: NodeJS.WriteStream): number =>
  // 0 is what a terminal says that does not know.
  stream.isTTY ? stream.columns || 80 : Infinity;

// Whoever reads has gone (`wsfd … | head -1`): nothing is left to be done, and that is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') writeSync(2, `wsfd: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
// The same for what is said of it (`wsfd … 2>&1 | head -1`), which nobody has to hear.
stderr.on('error', () => undefined);

/** Prints; the promise is for what waits until the reader has kept up, undefined where it has. */
export function print(text: string | Uint8Array): Promise<unknown> | undefined {
  return stdout.write(text) ? undefined : once(stdout, 'drain');
}

/** Says something about what happens. */
export function note(text: string): void {
  stderr.write(`${text}\n`);
}

const colours = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const;

/** In colour, where stdout is a terminal that wants it. */
export function paint(colour: keyof typeof colours, text: string): string {
  if (!stdout.isTTY || !stdout.hasColors() || process.env['NO_COLOR']) return text;
  return `\x1b[${String(colours[colour])}m${text}\x1b[0m`;
}

/**
 * A value as a line of JSON. JSON leaves DEL and the C1 controls as they are, and a terminal takes
 * U+009B for the beginning of a command; escaped they mean the same to whoever parses the line.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(/[\u007f-\u009f]/g, (character) => {
    return `\\u00${character.charCodeAt(0).toString(16)}`;
  });
  return `${text}\n`;
}

export const describeClose = (code: number, reason: string): string =>
  `closed by the server: ${String(code)} ${printable(reason)}`.trimEnd();

/** An error as lines for people. */
export function describeError(error: WebSocketError): string {
  const lines = [`wsfd: ${error.category}: ${printable(error.message)} (${error.code})`];
  if (error.httpBody !== undefined && error.httpBody !== '') {
    lines.push(`the server says: ${printable(error.httpBody.trim().slice(0, 500))}`);
  }
  return lines.join('\n');
}

/** An error as one JSON value. */
export function errorEvent(error: WebSocketError): Record<string, unknown> {
  const { code, category, retryable, message, errno, syscall, address, port } = error;
  const { httpStatus, httpHeaders, httpBody, closeCode, sslErrors } = error;
  return {
    ...{ event: 'error', code, category, retryable, message, errno, syscall, address, port },
    ...{ httpStatus, httpHeaders, httpBody, closeCode, sslErrors },
  };
}
