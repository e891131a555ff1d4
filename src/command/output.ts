/** The command's output: results on stdout, notes on stderr. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';

import { printable } from '../base/printable.js';
import type { WebSocketError } from '../index.js';

const { stdout, stderr } = process;

/** The columns of the stream's terminal; Infinity if it is no terminal. */
export const widthOf = (stream: NodeJS.WriteStream): number =>
  // 0: the terminal does not know its width.
  stream.isTTY ? stream.columns || 80 : Infinity;

// EPIPE: the reader has ended (`wsfd … | head -1`), which is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') writeSync(2, `wsfd: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
// A note that cannot be written (`wsfd … 2>&1 | head -1`) is dropped.
stderr.on('error', () => undefined);

/** Writes to stdout. The promise resolves when stdout has drained; undefined: no need to wait. */
export function print(text: string | Uint8Array): Promise<unknown> | undefined {
  return stdout.write(text) ? undefined : once(stdout, 'drain');
}

/** Writes a line to stderr. */
export function note(text: string): void {
  stderr.write(`${text}\n`);
}

const colours = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const;

/** Colours a text, if stdout is a terminal with colours. */
export function paint(colour: keyof typeof colours, text: string): string {
  if (!stdout.isTTY || !stdout.hasColors() || process.env['NO_COLOR']) return text;
  return `\x1b[${String(colours[colour])}m${text}\x1b[0m`;
}

/**
 * A value as a line of JSON. DEL and the C1 controls, which JSON.stringify leaves, are escaped: a
 * terminal takes U+009B for the start of a control sequence. A parser reads the same value.
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
