/** PEM as a caller has it: text, or a file's bytes. */
import { types } from 'node:util';

import { invalidOption, readList } from '../errors/argument.js';
import { makeError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';

/** PEM text, or the bytes of a file that holds it. */
export type Pem = string | Uint8Array;

/** The content of the blocks, by the subcommand of `openssl` that converts it. */
type PemContent = 'x509' | 'crl' | 'pkey';

const wrong = (name: string, what: string): WebSocketError =>
  makeError('WSFD_INVALID_OPTION', `${name}: ${what}`);

/** True for text that begins with a decoded byte order mark of UTF-16, or with its `-`. */
const isUtf16 = (text: string): boolean =>
  /^(\u00ff\u00fe|\u00fe\u00ff|\ufffd\ufffd|\ufffe|-\0|\0-)/.test(text);

/**
 * The advice for bytes of DER (ITU-T X.690): a SEQUENCE whose length takes up to four bytes more;
 * undefined for others. PKCS #12 (RFC 7292 section 4) begins with its version, 3.
 */
function adviceForDer(text: string, content: PemContent): string | undefined {
  if (!/^0[\u0080-\u0084\ufffd]/.test(text)) return undefined;
  if (/^0\u0082..\u0002\u0001\u0003/s.test(text)) {
    return 'expected PEM, and this is a PKCS#12 file: give its bytes as sslConfig.pkcs12';
  }
  const convert = `openssl ${content} -inform der -in FILE -out FILE.pem`;
  return `expected PEM, and this is DER; convert the file (${convert})`;
}

/**
 * The text of an option that is PEM, without byte order marks: concatenated files may have one
 * each, and OpenSSL would skip the block behind it.
 *
 * @throws {WebSocketError} with the code WSFD_INVALID_OPTION, without the value: it may be a key.
 */
export function readPem(name: string, value: unknown, content: PemContent): string {
  const isBytes = types.isUint8Array(value);
  if (!isBytes && typeof value !== 'string') {
    const advice = types.isKeyObject(value)
      ? "; write key.export({ type: 'pkcs8', format: 'pem' })"
      : '';
    throw invalidOption(name, 'PEM as a string or a Uint8Array', value, advice);
  }
  // (the elements themselves: the caller may have replaced the methods)
  const text = isBytes ? Buffer.from(new Uint8Array(value).buffer).toString('latin1') : value;
  if (text === '') throw wrong(name, `expected PEM, got an empty ${isBytes ? 'array' : 'string'}`);
  if (isUtf16(text)) {
    const advice = "save the file as UTF-8, or read it with readFileSync(file, 'utf16le')";
    throw wrong(name, `expected PEM, and this is text in UTF-16; ${advice}`);
  }
  const der = adviceForDer(text, content);
  if (der !== undefined) throw wrong(name, der);
  // Native strings end at a NUL: the text behind it would be ignored silently.
  if (text.includes('\0')) throw wrong(name, 'has a NUL in it');
  return text.replaceAll(/\ufeff|\u00ef\u00bb\u00bf/g, '');
}

/** The same for an option that may be an array. */
export function readPems(name: string, value: unknown, content: PemContent): string[] {
  if (!Array.isArray(value)) return [readPem(name, value, content)];
  const read = readList(value, (entry, i) => readPem(`${name}[${String(i)}]`, entry, content));
  if (read.length !== 0) return read;
  throw invalidOption(name, 'PEM, or a non-empty array of it', value);
}
