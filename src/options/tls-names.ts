/** Names in TLS options: algorithms of keys, and versions. */
import type { KEY_ALGORITHMS } from '../native/shared.js';

/** The algorithm of a private key; ED25519 and ED448 go beyond CTRL. */
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** TLS versions by name, with OpenSSL's number. */
export const TLS_VERSIONS = {
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
} as const;
/** A TLS version that wsfd supports. */
export type TlsVersion = keyof typeof TLS_VERSIONS;
