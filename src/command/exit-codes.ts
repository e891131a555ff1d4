/** What the command ends with, so that a script can tell whose fault it was. */
import type { WebSocketErrorCategory } from '../index.js';

export const EXIT_DONE = 0;
/** wsfd itself failed. */
export const EXIT_FAILED = 1;
/** The command line is wrong. */
export const EXIT_USAGE = 2;
/** As a shell says it of a program that Ctrl-C ended. */
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
