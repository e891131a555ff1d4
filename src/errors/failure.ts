/** A failure as native code reports it (failure_value.h). */
import type { SslErrorKeyword } from './ssl-errors.js';

/** src/errors/errors.ts makes a WebSocketError of it. */
export interface NativeFailure {
  /** Row number in ERROR_ROWS, from 1. */
  row: number;
  detail: string;
  /** Error::transient. */
  transient?: boolean;
  errno?: number;
  syscall?: string;
  address?: string;
  port?: number;
  httpStatus?: number;
  /** Name and value in turn. */
  httpHeaders?: string[];
  httpBody?: string;
  certificateErrors?: NativeCertificateError[];
}

export interface NativeCertificateError {
  keyword: SslErrorKeyword;
  /** OpenSSL's X509_V_ERR_* code; 0 where the error is not OpenSSL's. */
  code: number;
  depth: number;
  subject: string;
  text: string;
  ignored: boolean;
}
