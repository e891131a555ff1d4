/** The options that become header fields of the opening handshake. */
import { invalidOption, quote, readList } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';

/** RFC 9110 section 5.6.2: the name of a header or a subprotocol. */
export const isToken = (text: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);

/** RFC 9110 section 5.5: characters that a field value may not hold. */
const NOT_IN_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Headers that only wsfd sets, and why. */
const RESERVED = new Map([
  ['connection', 'it makes the handshake what it is'],
  ['upgrade', 'it makes the handshake what it is'],
  ['sec-websocket-key', 'it must be new and random for each connection'],
  ['sec-websocket-version', 'wsfd speaks version 13'],
  ['sec-websocket-extensions', 'an extension has to be understood, not only offered'],
  ['content-length', 'the opening handshake has no body'],
  ['transfer-encoding', 'the opening handshake has no body'],
]);

function checkHeader(name: string, value: unknown): asserts value is string {
  const path = `headers[${quote(name)}]`;
  if (!isToken(name)) {
    throw makeError(
      'WSFD_INVALID_OPTION',
      `${path}: this is not a header name (a token, RFC 9110)`,
    );
  }
  const reserved = RESERVED.get(name.toLowerCase());
  if (reserved !== undefined) {
    throw makeError(
      'WSFD_INVALID_OPTION',
      `${path}: this header is set by wsfd alone, as ${reserved}`,
    );
  }
  if (typeof value !== 'string') throw invalidOption(path, 'a string', value);
  const wrong = NOT_IN_VALUE.exec(value);
  if (wrong !== null) {
    // The value may be a secret: a token that was read from a file has a line feed at its end.
    const at = `${quote(wrong[0])} at character ${String(wrong.index + 1)} of ${String(value.length)}`;
    const detail = `${path}: expected a value without CR, LF, NUL or another control character, got one with ${at}`;
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
}

/** Names and values in turn, and the subprotocols of a Sec-WebSocket-Protocol. */
export function readHeaders(value: unknown): {
  headers: string[];
  protocols: string[] | undefined;
} {
  const expected = 'an object of name and value strings';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption('headers', expected, value);
  }
  // A Map or Headers has no entries of its own: its fields would be dropped silently.
  if (Symbol.iterator in value) {
    throw invalidOption('headers', expected, value, '; write Object.fromEntries(headers)');
  }
  const read: ReturnType<typeof readHeaders> = { headers: [], protocols: undefined };
  const seen = new Set<string>();
  for (const [name, text] of Object.entries(value)) {
    if (text === undefined) continue;
    checkHeader(name, text);
    const key = name.toLowerCase();
    if (seen.has(key))
      throw makeError('WSFD_INVALID_OPTION', `headers: ${quote(name)} is given twice`);
    seen.add(key);
    if (key === 'sec-websocket-protocol') {
      read.protocols = readProtocols(text.split(',').map((protocol) => protocol.trim()));
    } else {
      read.headers.push(name, text.trim());
    }
  }
  return read;
}

/** RFC 6455 section 4.1: each a token, none twice. */
export function readProtocols(value: unknown): string[] {
  const list: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list)) {
    throw invalidOption('protocols', 'a string or an array of strings', value);
  }
  const seen = new Set<string>();
  return readList(list, (protocol) => {
    if (typeof protocol !== 'string' || !isToken(protocol)) {
      const several = typeof protocol === 'string' && protocol.includes(',');
      const advice = several ? '; write an array of names' : '';
      throw invalidOption('protocols', 'a subprotocol name (a token, RFC 9110)', protocol, advice);
    }
    if (seen.has(protocol)) {
      throw makeError('WSFD_INVALID_OPTION', `protocols: ${quote(protocol)} is given twice`);
    }
    seen.add(protocol);
    return protocol;
  });
}
