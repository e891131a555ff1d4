import { ERROR_ROWS, RETRYABLE_STATUSES } from './table.js';
import type { WebSocketErrorCategory, WebSocketErrorCode } from './table.js';
import { ownOf } from '../base/own.js';
import type { NativeFailure } from './failure.js';
import type { SslErrorKeyword } from './ssl-errors.js';

/** One error that verification found in the server's certificate chain. */
export interface CertificateError {
  /** The keyword under which `ignoreSslErrors` would let it pass. */
  readonly keyword: SslErrorKeyword;
  /** OpenSSL's verify result, X509_V_ERR_*; 0 where wsfd itself found it. */
  readonly code: number;
  /** Where in the chain: 0 is the server's own certificate. */
  readonly depth: number;
  /** That certificate's subject. */
  readonly subject: string;
  /** What is wrong, as a sentence. */
  readonly text: string;
  /** True if `ignoreSslErrors` let it pass. */
  readonly ignored: boolean;
}

/** The properties of an error beside its code and message. */
export interface WebSocketErrorDetails {
  errno?: number;
  syscall?: string;
  address?: string;
  port?: number;
  httpStatus?: number;
  httpHeaders?: Readonly<Record<string, string | string[]>>;
  httpBody?: string;
  closeCode?: number;
  sslErrors?: Readonly<Partial<Record<SslErrorKeyword, string>>>;
  certificateErrors?: readonly CertificateError[];
  /** Used if the code's row has `depends` and there is no `httpStatus`. */
  retryable?: boolean;
  cause?: unknown;
}

/** All errors of this class. `instanceof` would run the traps of a proxy, which may throw. */
const made = new WeakSet();

/** True for an error of this package; any value may be given. */
export const isWebSocketError = (value: unknown): value is WebSocketError =>
  made.has(value as object);

/**
 * What went wrong in a call; `getLastError()` gives those of the last one. Switch on `category`,
 * or on `code` for one error; docs/ERRORS.md lists them all.
 */
export class WebSocketError extends Error {
  /** Stable: `WSFD_` and the row's name. */
  readonly code: WebSocketErrorCode;
  /** Whose fault the error is: docs/ERRORS.md lists the categories. */
  readonly category: WebSocketErrorCategory;
  /**
   * True if the same call may succeed later without a change. For the end of an open connection,
   * that call is the opening.
   */
  readonly retryable: boolean;
  /** The system's error number, negative as in libuv; for category `network` or `resolve`. */
  declare readonly errno?: number;
  /** The system call that failed. */
  declare readonly syscall?: string;
  /** The peer's IP address, as far as one was reached or tried. */
  declare readonly address?: string;
  declare readonly port?: number;
  /**
   * Status, headers (names in lower case) and the first 4 KiB of the body of a refused handshake.
   * The body ends 250 ms after the headers, or with `timeout` if that is earlier.
   */
  declare readonly httpStatus?: number;
  declare readonly httpHeaders?: Readonly<Record<string, string | string[]>>;
  declare readonly httpBody?: string;
  /** The close code that was sent to the server, or the server's own after its orderly close. */
  declare readonly closeCode?: number;
  /** Every TLS error that was found, keyword → text, ignored ones included. */
  declare readonly sslErrors?: Readonly<Partial<Record<SslErrorKeyword, string>>>;
  /** The same one by one, with chain depth, subject and OpenSSL's code. */
  declare readonly certificateErrors?: readonly CertificateError[];

  constructor(code: WebSocketErrorCode, message: string, details: WebSocketErrorDetails = {}) {
    const own = ownOf(details);
    const { cause, retryable: transient = false, ...known } = own;
    super(message, cause === undefined ? undefined : { cause });
    made.add(this);
    this.code = code;
    const { category, retryable } = rowOf(code);
    this.category = category;
    this.retryable = retryable === 'depends' ? isRetryable(own.httpStatus, transient) : retryable;
    for (const [name, value] of Object.entries(known)) {
      const property = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(this, name, property);
    }
  }

  override get name(): string {
    return 'WebSocketError';
  }
}

const isRetryable = (httpStatus: number | undefined, transient: boolean): boolean =>
  httpStatus === undefined ? transient : RETRYABLE_STATUSES.includes(httpStatus);

const rowsByCode = new Map(ERROR_ROWS.map((row) => [row.code, row]));

function rowOf(code: WebSocketErrorCode): (typeof ERROR_ROWS)[number] {
  const row = rowsByCode.get(code);
  if (row === undefined) throw new TypeError(`no error has the code ${code}`);
  return row;
}

/** The longest text of an error: texts of callers and peers have no bound. */
const MAX_TEXT = 4096;
/** Characters kept of the end of a longer one, which has the URL. */
const KEPT_END = 1024;

/** A text of bounded length in one line. */
function oneLine(text: string): string {
  const shown =
    text.length > MAX_TEXT
      ? `${text.slice(0, MAX_TEXT - KEPT_END)} … ${text.slice(-KEPT_END)}`
      : text;
  return shown.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** An error with its row's text and a detail: the given value, the expected one, the remedy. */
export function makeError(
  code: WebSocketErrorCode,
  detail: string,
  details?: WebSocketErrorDetails,
): WebSocketError {
  const { text } = rowOf(code);
  return new WebSocketError(code, detail === '' ? text : oneLine(`${text}: ${detail}`), details);
}

/** Header fields in the form of Node's `IncomingMessage.headers`. */
export function groupHeaders(pairs: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null) as never;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = (pairs[i] ?? '').toLowerCase();
    const value = pairs[i + 1] ?? '';
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [before, value];
  }
  return headers;
}

function detailsOf(failure: NativeFailure): WebSocketErrorDetails {
  const details: WebSocketErrorDetails = ownOf({});
  if (failure.errno !== undefined) details.errno = failure.errno;
  if (failure.syscall !== undefined) details.syscall = failure.syscall;
  if (failure.address !== undefined) details.address = failure.address;
  if (failure.port !== undefined) details.port = failure.port;
  if (failure.httpStatus !== undefined) {
    details.httpStatus = failure.httpStatus;
    details.httpHeaders = groupHeaders(failure.httpHeaders ?? []);
    details.httpBody = failure.httpBody ?? '';
  }
  if (failure.transient === true) details.retryable = true;
  if (failure.certificateErrors !== undefined) {
    const sslErrors: Partial<Record<SslErrorKeyword, string>> = {};
    for (const { keyword, text } of failure.certificateErrors) sslErrors[keyword] ??= oneLine(text);
    details.sslErrors = sslErrors;
    details.certificateErrors = failure.certificateErrors;
  }
  return details;
}

/** The error for an exception of a native function that was called for `url`. */
export function thrownError(cause: unknown, url: string): WebSocketError {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const known = code === 'WSFD_OUT_OF_MEMORY' ? code : 'WSFD_INTERNAL';
  return makeError(known, `${String(message)} (${url})`, { cause });
}

/** The error for a failure that native code reports for `url`. */
export function errorOf(failure: NativeFailure, url: string): WebSocketError {
  const row = ERROR_ROWS[failure.row - 1];
  if (row === undefined) throw new TypeError(`no error has the row ${String(failure.row)}`);
  const details = detailsOf(failure);
  if (row.closeCode !== 0 && row.category !== 'internal') details.closeCode = row.closeCode;
  const detail = failure.detail === '' ? '' : `: ${failure.detail}`;
  const peer =
    failure.address === undefined ? url : `${url}, ${failure.address} port ${String(failure.port)}`;
  return new WebSocketError(row.code, oneLine(`${row.text}${detail} (${peer})`), details);
}
