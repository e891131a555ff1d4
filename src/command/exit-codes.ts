/** The exit codes of the command, by which a script tells the causes apart. */
import type { WebSocketErrorCategory } from '../index.js';

export const EXIT_DONE = 0;
/** wsfd itself failed. */
export const EXIT_FAILED = 1;
/** The command line is wrong. */
export const EXIT_USAGE = 2;
/** A shell's exit code for a program that Ctrl-C ended. */
export const EXIT_INTERRUPTED = 130;

const BY_CATEGORY: Record<WebSocketErrorCategory, number> = {
  internal: EXIT_FAILED,
  usage: EXIT_USAGE,
  resolve: 3,
  network: 3,
  tls: 4,
  handshake: 5,
  protocol: 6,
  limit: 7,
  timeout: 8,
  closed: 9,
};

/** The exit code for an error of this category. */
export const exitCodeOf = (category: WebSocketErrorCategory): number => BY_CATEGORY[category];

/** Each code, and its meaning in the manual. */
export const EXIT_CODES: readonly (readonly [code: number, when: string])[] = [
  [
    EXIT_DONE,
    'The connection ended as intended: by `--count`, `--quiet-for`, Ctrl-D, `/close`, or a close frame with 1000, 1001 or no code. Or the reader of the output went away.',
  ],
  [EXIT_FAILED, 'wsfd itself failed.'],
  [EXIT_USAGE, 'The command line, the URL or a file is wrong.'],
  [BY_CATEGORY.network, 'The host was not found or not reached, or a proxy refused.'],
  [BY_CATEGORY.tls, 'TLS failed, or the certificate was refused.'],
  [BY_CATEGORY.handshake, 'The server refused the opening handshake.'],
  [BY_CATEGORY.protocol, 'The server broke the protocol.'],
  [BY_CATEGORY.limit, 'A limit was reached.'],
  [BY_CATEGORY.timeout, 'Something did not happen in time.'],
  [
    BY_CATEGORY.closed,
    'The connection ended without a close frame, or with a code that says that something was wrong.',
  ],
  [EXIT_INTERRUPTED, 'Ctrl-C; the connection was closed in order.'],
];
