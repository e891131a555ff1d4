/** The options of webSocketOpen for TLS: trust, and our own certificate. */
import { domainToASCII } from 'node:url';
import { types } from 'node:util';

import {
  describe,
  invalidOption,
  readBoolean,
  readList,
  readRecord,
  redactLongText,
} from '../errors/argument.js';
import { isIP } from '../base/builtin.js';
import { makeError } from '../errors/errors.js';
import type { KeyLog } from './key-log.js';
import type { NativeTlsOptions } from '../native/open-tuple.js';
import { KEY_ALGORITHMS } from '../native/shared.js';
import { nearest } from '../base/nearest.js';
import { foreignKeyword } from '../errors/foreign-options.js';
import { readPem, readPems } from './pem.js';
import type { TlsOptions } from './table.js';
import { TLS_VERSIONS } from './tls-names.js';
import type { KeyAlgorithm, TlsVersion } from './tls-names.js';
import { SSL_ERROR_KEYWORDS } from '../errors/ssl-errors.js';
import type { SslErrorKeyword } from '../errors/ssl-errors.js';

/** TLS options that were read. */
export interface TlsSettings {
  /** True if there was a TLS option at all. */
  given: boolean;
  serverName: string | undefined;
  addDefaultCaCertificates: boolean;
  keyLog: KeyLog | undefined;
  native: NativeTlsOptions;
}

/** The defaults. */
export function defaultTlsSettings(): TlsSettings {
  return {
    given: false,
    serverName: undefined,
    addDefaultCaCertificates: false,
    keyLog: undefined,
    native: {
      serverName: '',
      certificateHost: '',
      useDefaultStore: true,
      caCertificates: [],
      certificateRevocationLists: [],
      pinnedPublicKeys: [],
      ignoreBits: 0,
      localCertificate: '',
      privateKey: '',
      keyAlgorithm: 0,
      passphrase: undefined,
      pkcs12: undefined,
      minVersion: 0,
      maxVersion: 0,
      cipherSuites: '',
      keyExchangeGroups: '',
      legacyServerConnect: false,
      keylog: false,
    },
  };
}

const ALL_BITS = 2 ** SSL_ERROR_KEYWORDS.length - 1;

/** The advice for a value that would switch all verification off in CTRL. */
const IGNORE_ADVICE =
  'expected a list of keywords such as ["CertificateExpired"], or true to ignore every TLS error; ' +
  'to ignore none, leave the option out';

function readIgnoreList(value: unknown): number {
  if (value === true || value === '') return ALL_BITS;
  if (!Array.isArray(value)) {
    const detail = `ignoreSslErrors: ${IGNORE_ADVICE}; got ${describe(value)}`;
    throw makeError('WSFD_INVALID_OPTION', detail);
  }
  const bits = readList(value, readKeyword);
  return bits.length === 0 ? ALL_BITS : bits.reduce((all, bit) => all | bit, 0);
}

/** The bit of a keyword. */
function readKeyword(keyword: unknown): number {
  if (typeof keyword !== 'string') {
    throw makeError(
      'WSFD_INVALID_OPTION',
      `ignoreSslErrors: ${IGNORE_ADVICE}; got ${describe(keyword)} in it`,
    );
  }
  const index = SSL_ERROR_KEYWORDS.indexOf(keyword as SslErrorKeyword);
  if (index >= 0) return 1 << index;
  const here = foreignKeyword(keyword);
  const guess = here ?? nearest(keyword, SSL_ERROR_KEYWORDS);
  const advice = here === undefined ? 'the nearest one is' : 'here it is';
  const detail = `ignoreSslErrors: there is no keyword ${describe(keyword)}; ${advice} "${guess}"`;
  throw makeError('WSFD_INVALID_OPTION', detail);
}

function readString(name: string, value: unknown): string {
  // The value is not shown: it may be a key.
  if (typeof value !== 'string') throw invalidOption(name, 'a string', typeof value);
  if (value === '') throw invalidOption(name, 'a non-empty string', value);
  // Native strings end at a NUL: the text behind it would be ignored silently.
  if (value.includes('\0')) throw makeError('WSFD_INVALID_OPTION', `${name}: has a NUL in it`);
  return value;
}

function readStrings(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [readString(name, value)];
  const read = readList(value, (entry, i) => readString(`${name}[${String(i)}]`, entry));
  if (read.length !== 0) return read;
  throw invalidOption(name, 'a string or a non-empty array of strings', value);
}

function readPrivateKey(value: unknown, to: NativeTlsOptions): void {
  const { key, algorithm } = readRecord('sslConfig.privateKey', value, ['key', 'algorithm']);
  const index = KEY_ALGORITHMS.indexOf(algorithm as KeyAlgorithm);
  if (index < 0) {
    const name = 'sslConfig.privateKey.algorithm';
    throw invalidOption(name, `one of ${KEY_ALGORITHMS.join(', ')}`, redactLongText(algorithm));
  }
  to.keyAlgorithm = index;
  to.privateKey = readPem('sslConfig.privateKey.key', key, 'pkey');
}

function readSslConfig(value: unknown, to: NativeTlsOptions): void {
  const keys = ['localCertificate', 'privateKey', 'pkcs12'];
  const { localCertificate, privateKey, pkcs12 } = readRecord('sslConfig', value, keys);
  if (pkcs12 !== undefined) {
    if (localCertificate !== undefined || privateKey !== undefined) {
      const detail = 'sslConfig: give either pkcs12 or localCertificate and privateKey, not both';
      throw makeError('WSFD_INVALID_OPTION', detail);
    }
    // (a copy of the elements: the caller may have replaced methods and properties)
    const file = types.isUint8Array(pkcs12) ? new Uint8Array(pkcs12) : new Uint8Array();
    if (file.length === 0) {
      throw invalidOption('sslConfig.pkcs12', 'a non-empty Uint8Array (the file as it is)', pkcs12);
    }
    to.pkcs12 = Buffer.from(file.buffer);
    if (to.pkcs12.includes('-----BEGIN ')) {
      const advice = 'give it as localCertificate and privateKey';
      throw makeError('WSFD_INVALID_OPTION', `sslConfig.pkcs12: is PEM; ${advice}`);
    }
    return;
  }
  if (privateKey !== undefined) readPrivateKey(privateKey, to);
  if (localCertificate === undefined && privateKey === undefined) return;
  if (localCertificate === undefined || privateKey === undefined) {
    const missing = privateKey === undefined ? 'privateKey' : 'localCertificate';
    throw makeError(
      'WSFD_INVALID_OPTION',
      `sslConfig.${missing} is missing: it takes both to identify us`,
    );
  }
  to.localCertificate = readPem('sslConfig.localCertificate', localCertificate, 'x509');
}

/** SHA-256 digests as 64 hex digits (colons allowed) or base64, with or without "sha256/". */
function readPins(value: unknown): Buffer[] {
  return readStrings('pinnedPublicKeys', value).map((pin) => {
    const hex = pin.replaceAll(':', '');
    const digest = /^[0-9a-fA-F]{64}$/.test(hex)
      ? Buffer.from(hex, 'hex')
      : Buffer.from(pin.replace(/^sha256\//, ''), 'base64');
    if (digest.length !== 32) {
      throw invalidOption('pinnedPublicKeys', 'a SHA-256 digest in base64 or hex', pin);
    }
    return digest;
  });
}

/** A host name or an address; letters beyond ASCII are encoded as in RFC 5891. */
function readServerName(value: unknown): string {
  const name = readString('serverName', value);
  if (isIP(name) !== 0) return name;
  if (/^[^\s/:?#@[\]\\]+$/.test(name)) {
    const ascii = /^[\x00-\x7f]*$/.test(name) ? name : domainToASCII(name);
    // RFC 1035 section 2.3.4: names have 255 octets or less.
    if (ascii !== '' && ascii.length <= 255) return ascii;
  }
  throw invalidOption('serverName', 'a host name or IP address', value);
}

function readVersion(name: string, value: unknown): number {
  if (typeof value !== 'string' || !Object.hasOwn(TLS_VERSIONS, value)) {
    throw invalidOption(name, `one of ${Object.keys(TLS_VERSIONS).join(', ')}`, value);
  }
  return TLS_VERSIONS[value as TlsVersion];
}

/** The store follows from both options, in either order. */
function chooseStore(settings: TlsSettings): void {
  const own = settings.native.caCertificates.length !== 0;
  settings.native.useDefaultStore = !own || settings.addDefaultCaCertificates;
}

const readers: {
  [Name in keyof TlsOptions]-?: (value: unknown, settings: TlsSettings) => void;
} = {
  ignoreSslErrors: (value, { native }) => {
    native.ignoreBits = readIgnoreList(value);
  },
  sslConfig: (value, { native }) => {
    readSslConfig(value, native);
  },
  passphrase: (value, { native }) => {
    native.passphrase = value === '' ? '' : readString('passphrase', value);
  },
  caCertificates: (value, settings) => {
    settings.native.caCertificates = readPems('caCertificates', value, 'x509');
    chooseStore(settings);
  },
  addDefaultCaCertificates: (value, settings) => {
    settings.addDefaultCaCertificates = readBoolean('addDefaultCaCertificates', value);
    chooseStore(settings);
  },
  certificateRevocationLists: (value, { native }) => {
    native.certificateRevocationLists = readPems('certificateRevocationLists', value, 'crl');
  },
  pinnedPublicKeys: (value, { native }) => {
    native.pinnedPublicKeys = readPins(value);
  },
  serverName: (value, settings) => {
    settings.serverName = readServerName(value);
  },
  minTlsVersion: (value, { native }) => {
    native.minVersion = readVersion('minTlsVersion', value);
  },
  maxTlsVersion: (value, { native }) => {
    native.maxVersion = readVersion('maxTlsVersion', value);
  },
  cipherSuites: (value, { native }) => {
    native.cipherSuites = readString('cipherSuites', value);
  },
  keyExchangeGroups: (value, { native }) => {
    native.keyExchangeGroups = readString('keyExchangeGroups', value);
  },
  legacyServerConnect: (value, { native }) => {
    native.legacyServerConnect = readBoolean('legacyServerConnect', value);
  },
  keylog: (value, settings) => {
    if (typeof value !== 'function') {
      throw invalidOption('keylog', 'a function that takes a line of text', value);
    }
    settings.keyLog = value as KeyLog;
  },
};

export const TLS_OPTIONS: readonly string[] = Object.keys(readers);

export function readTlsOption(name: keyof TlsOptions, value: unknown, settings: TlsSettings): void {
  settings.given = true;
  readers[name](value, settings);
}
