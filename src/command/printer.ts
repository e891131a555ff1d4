/** Prints a connection's events: as text for people and pipes, or as lines of JSON. */
import { printable } from '../base/printable.js';
import { webSocketInfo } from '../index.js';
import type { Message, WebSocketError } from '../index.js';
import { describeClose, describeError, errorEvent, jsonLine, paint } from './output.js';
import type { Screen } from './terminal.js';

export interface Printer {
  opened(socket: number): void;
  /** The promise resolves when the output has drained. */
  message(message: Message): Promise<unknown> | undefined;
  closed(code: number, reason: string): void;
  failed(error: WebSocketError): void;
  /** The next attempt follows after `delay` seconds. */
  retried(delay: number): void;
}

export function jsonPrinter(screen: Screen): Printer {
  const printJson = (event: object) => screen.print(jsonLine(event));
  return {
    opened(socket) {
      const info = webSocketInfo(socket);
      const { url, subprotocol, extensions, remoteAddress, remotePort, tls } = info ?? {};
      const secure = tls === undefined ? undefined : { version: tls.version, cipher: tls.cipher };
      void printJson({
        ...{ event: 'open', url, subprotocol, extensions, remoteAddress, remotePort },
        tls: secure,
      });
    },
    message(message) {
      return typeof message === 'string'
        ? printJson({ event: 'message', type: 'text', data: message })
        : printJson({ event: 'message', type: 'binary', base64: message.toString('base64') });
    },
    closed(code, reason) {
      void printJson({ event: 'close', code, reason });
    },
    failed(error) {
      void printJson(errorEvent(error));
    },
    retried(delay) {
      void printJson({ event: 'retry', delay });
    },
  };
}

/** Escapes control characters for a terminal; a pipe gets the text unchanged. */
const shown = (text: string): string => (process.stdout.isTTY ? printable(text) : text);

const hexOf = (bytes: Buffer): string =>
  bytes.toString('hex', 0, 32).replace(/(..)(?=.)/g, '$1 ') + (bytes.length > 32 ? ' …' : '');

/** `raw`: binary messages go to a pipe unchanged. `coloured`: received text is coloured. */
export function textPrinter(screen: Screen, raw: boolean, coloured: boolean): Printer {
  const incoming = (text: string): string => (coloured ? paint('green', text) : text);
  const beside = coloured && process.stderr.isTTY;
  const aside = (text: string): string => (beside ? paint('dim', text) : text);
  const failure = (text: string): string => (beside ? paint('red', text) : text);
  return {
    opened(socket) {
      const info = webSocketInfo(socket);
      const protocol = info?.subprotocol ? `, subprotocol ${info.subprotocol}` : '';
      const security = info?.tls === undefined ? '' : `, ${info.tls.version}`;
      screen.note(aside(`connected to ${String(info?.url)}${security}${protocol}`));
    },
    message(message) {
      if (typeof message === 'string') return screen.print(`${incoming(shown(message))}\n`);
      if (raw && !process.stdout.isTTY) return screen.print(message);
      return screen.print(`${incoming(`<${String(message.length)} bytes: ${hexOf(message)}>`)}\n`);
    },
    closed(code, reason) {
      screen.note(aside(describeClose(code, reason)));
    },
    failed(error) {
      screen.note(failure(describeError(error)));
    },
    retried(delay) {
      screen.note(aside(`the next attempt is in ${delay.toFixed(1)} s`));
    },
  };
}
