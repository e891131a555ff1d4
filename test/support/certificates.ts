// Certificates made at run time with nothing but Node's crypto: good ones, and bad ones of every
// kind that a client has to refuse.
//
//   const root = makeCertificate({ subject: 'Root', ca: true });
//   const leaf = makeCertificate({ subject: 'localhost', issuer: root, san: ['DNS:localhost'] });
//   createServer({ key: leaf.key, cert: leaf.chain });
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der';

export type KeyType = 'RSA' | 'EC' | 'DSA' | 'ED25519' | 'ED448';

export interface KeyPair {
  readonly type: KeyType;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface CertificateOptions {
  /** The common name. */
  subject?: string;
  /** Who signs; absent: the certificate signs itself. */
  issuer?: Certificate;
  /** EC (P-256) if absent. */
  keyType?: KeyType;
  /** The subject's keys; absent: fresh ones, but for RSA and DSA the process's. */
  keys?: KeyPair;
  /** DER that stands in the place of the public key. */
  publicKeyInfo?: Uint8Array;
  /**
   * 'DNS:name', 'IP:address', 'URI:text', 'email:text', or the DER of a GeneralName, whatever it is;
   * empty or absent: no such extension.
   */
  san?: readonly (string | Uint8Array)[];
  /** Yesterday if absent; as bytes: DER, whatever it is. */
  notBefore?: Date | Uint8Array;
  /** In a year if absent; as bytes: DER, whatever it is. */
  notAfter?: Date | Uint8Array;
  /** True: may sign certificates. False: says that it may not. Absent: says nothing. */
  ca?: boolean;
  /** How many CAs may come between this one and a leaf. */
  pathLength?: number;
  /** Absent: no such extension, so every use is allowed. */
  extendedKeyUsage?: readonly ('serverAuth' | 'clientAuth')[];
  /** The issuer is named by this certificate's issuer and serial number, not by its key. */
  authority?: Certificate;
  /** True: one bit of the signature is wrong. */
  brokenSignature?: boolean;
}

export interface Certificate {
  /** PEM of this certificate alone. */
  readonly cert: string;
  /** PEM (PKCS #8) of its private key. */
  readonly key: string;
  /** PEM of this certificate, its issuer and so on, without the root: what a server sends. */
  readonly chain: string;
  /** As `chain`, with the root. */
  readonly fullChain: string;
  readonly keys: KeyPair;
  /** Who signed it; undefined: itself. */
  readonly issuer: Certificate | undefined;
  /** The subject, DER. */
  readonly name: Uint8Array;
  /** The serial number, DER. */
  readonly serialNumber: Uint8Array;
}

const oids = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  crlNumber: '2.5.29.20',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** The signature algorithm of each key type: SHA-256 with it, or what is inherent in it. */
const signatures: Record<KeyType, { algorithm: Buffer; hash: string | null }> = {
  RSA: {
    algorithm: der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.nothing()),
    hash: 'sha256',
  },
  EC: { algorithm: der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2')), hash: 'sha256' },
  DSA: { algorithm: der.sequence(der.objectIdentifier('2.16.840.1.101.3.4.3.2')), hash: 'sha256' },
  ED25519: { algorithm: der.sequence(der.objectIdentifier('1.3.101.112')), hash: null },
  ED448: { algorithm: der.sequence(der.objectIdentifier('1.3.101.113')), hash: null },
};

/** A new key pair. RSA and DSA ones (2048 bits) take tenths of a second. */
export function makeKeys(type: KeyType): KeyPair {
  const { privateKey, publicKey } = {
    RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    EC: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    DSA: () => generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
    ED25519: () => generateKeyPairSync('ed25519'),
    ED448: () => generateKeyPairSync('ed448'),
  }[type]();
  return { type, privateKey, publicKey };
}

const slowKeys = new Map<KeyType, KeyPair>();

/** Keys for a certificate: RSA and DSA ones are made once in a process. */
function keysFor(type: KeyType): KeyPair {
  if (type !== 'RSA' && type !== 'DSA') return makeKeys(type);
  const keys = slowKeys.get(type) ?? makeKeys(type);
  slowKeys.set(type, keys);
  return keys;
}

const publicKeyInfo = (keys: KeyPair): Buffer =>
  keys.publicKey.export({ format: 'der', type: 'spki' });

/** A key identifier: any value that is the same for the same key will do. */
const keyIdentifier = (keys: KeyPair): Buffer =>
  createHash('sha1').update(publicKeyInfo(keys)).digest();

/** The DER of a Name (RFC 5280 section 4.1.2.4) of this common name alone. */
export const nameOf = (commonName: string): Buffer =>
  der.sequence(
    der.set(der.sequence(der.objectIdentifier(oids.commonName), der.utf8String(commonName))),
  );

/** The octets of an IP address. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0');
  const all = [...left, ...zeros, ...right];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** A GeneralName (RFC 5280 section 4.2.1.6) of its 'TYPE:value' form. */
function generalName(text: string | Uint8Array): Uint8Array {
  if (typeof text !== 'string') return text;
  const colon = text.indexOf(':');
  const [type, value] = [text.slice(0, colon), text.slice(colon + 1)];
  if (type === 'IP' && isIP(value) !== 0) return der.implicit(7, addressBytes(value));
  const tags: Record<string, number> = { email: 1, DNS: 2, URI: 6 };
  const tag = tags[type];
  if (tag === undefined) throw new Error(`not a subject alternative name: ${text}`);
  return der.implicit(tag, Buffer.from(value));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(oid), ...flag, der.octetString(value));
}

function basicConstraints(options: CertificateOptions): Buffer[] {
  if (options.ca === undefined) return [];
  const { ca, pathLength } = options;
  // DER leaves out what has its default value, and CA FALSE is the default.
  const contents = ca ? [der.boolean(true)] : [];
  if (pathLength !== undefined) contents.push(der.integer(pathLength));
  const list = [extension(oids.basicConstraints, der.sequence(...contents), true)];
  // keyCertSign and cRLSign are bits 5 and 6.
  if (ca) list.push(extension(oids.keyUsage, der.bitString(Buffer.from([0b110]), 1), true));
  return list;
}

/** An AuthorityKeyIdentifier (RFC 5280 section 4.2.1.1). */
function authorityOf({ authority }: CertificateOptions, issuerKeys: KeyPair): Buffer {
  if (authority === undefined) {
    return der.sequence(der.implicit(0, keyIdentifier(issuerKeys)));
  }
  const name = authority.issuer?.name ?? authority.name;
  return der.sequence(
    der.explicit(1, der.explicit(4, name)),
    // The INTEGER's own contents under the tag [2].
    der.implicit(2, authority.serialNumber.subarray(2)),
  );
}

function extensions(options: CertificateOptions, keys: KeyPair, issuerKeys: KeyPair): Buffer {
  const { san = [], extendedKeyUsage } = options;
  const list = [
    ...basicConstraints(options),
    extension(oids.subjectKeyIdentifier, der.octetString(keyIdentifier(keys))),
    extension(oids.authorityKeyIdentifier, authorityOf(options, issuerKeys)),
  ];
  if (san.length > 0) {
    list.push(extension(oids.subjectAltName, der.sequence(...san.map(generalName))));
  }
  if (extendedKeyUsage !== undefined) {
    const purposes = extendedKeyUsage.map((purpose) => der.objectIdentifier(oids[purpose]));
    list.push(extension(oids.extendedKeyUsage, der.sequence(...purposes)));
  }
  return der.sequence(...list);
}

/** The AlgorithmIdentifier of signatures by these keys. */
const algorithmOf = (keys: KeyPair): Buffer => signatures[keys.type].algorithm;

/** A structure that `keys` have signed: its contents, the algorithm and the signature. */
function signed(contents: Buffer, keys: KeyPair, broken = false): Buffer {
  const signature = sign(signatures[keys.type].hash, contents, keys.privateKey);
  const last = signature.length - 1;
  if (broken) signature[last] = (signature[last] ?? 0) ^ 1;
  return der.sequence(contents, algorithmOf(keys), der.bitString(signature));
}

const day = 24 * 60 * 60 * 1000;

/** `days` from now; negative: before now. */
export const daysFromNow = (days: number): Date => new Date(Date.now() + days * day);

const timeOf = (time: Date | Uint8Array): Uint8Array =>
  time instanceof Date ? der.time(time) : time;

/** A certificate (RFC 5280 section 4.1) and the key that belongs to it. */
export function makeCertificate(options: CertificateOptions = {}): Certificate {
  const { issuer, notBefore = daysFromNow(-1), notAfter = daysFromNow(365) } = options;
  const keys = options.keys ?? keysFor(options.keyType ?? 'EC');
  const issuerKeys = issuer?.keys ?? keys;
  const name = nameOf(options.subject ?? 'localhost');
  const serialNumber = der.integer(randomBytes(16));
  const contents = der.sequence(
    der.explicit(0, der.integer(2)), // version 3
    serialNumber,
    algorithmOf(issuerKeys),
    issuer?.name ?? name,
    der.sequence(timeOf(notBefore), timeOf(notAfter)),
    name,
    options.publicKeyInfo ?? publicKeyInfo(keys),
    der.explicit(3, extensions(options, keys, issuerKeys)),
  );
  const cert = der.toPem('CERTIFICATE', signed(contents, issuerKeys, options.brokenSignature));
  return {
    cert,
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    chain: cert + (issuer?.issuer === undefined ? '' : issuer.chain),
    fullChain: cert + (issuer?.fullChain ?? ''),
    keys,
    issuer,
    name,
    serialNumber,
  };
}

/** A self-signed certificate for this machine's loopback names. */
export const makeSelfSigned = (): Certificate =>
  makeCertificate({ san: ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'] });

/** PEM of the list of certificates that `issuer` has revoked (RFC 5280 section 5.1). */
export function makeRevocationList(
  issuer: Certificate,
  revoked: readonly Certificate[],
  nextUpdate = daysFromNow(365),
): string {
  const since = der.time(daysFromNow(-20));
  const entries = revoked.map(({ serialNumber }) => der.sequence(serialNumber, since));
  const contents = der.sequence(
    der.integer(1), // version 2
    algorithmOf(issuer.keys),
    issuer.name,
    since,
    der.time(nextUpdate),
    // RFC 5280 section 5.1.2.6: "When there are no revoked certificates, the revoked certificates
    // list MUST be absent."
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    der.explicit(0, der.sequence(extension(oids.crlNumber, der.integer(1)))),
  );
  return der.toPem('X509 CRL', signed(contents, issuer.keys));
}

/** The bytes of a PEM text. */
export const derOf = (pem: string): Buffer =>
  Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/**
 * A certificate with trust settings of OpenSSL's, as `openssl x509 -trustout` writes it: it is
 * trusted for the uses in `trusted` (any, if that is empty) and not for those in `rejected`.
 */
export function withTrust(
  { cert }: Certificate,
  trusted: readonly ('serverAuth' | 'clientAuth')[],
  rejected: readonly ('serverAuth' | 'clientAuth')[] = [],
): string {
  const [trust, reject] = [trusted, rejected].map((uses) =>
    uses.map((use) => der.objectIdentifier(oids[use])),
  ) as [Buffer[], Buffer[]];
  const settings = der.sequence(
    ...(trust.length === 0 ? [] : [der.sequence(...trust)]),
    ...(reject.length === 0 ? [] : [der.explicit(0, ...reject)]),
  );
  return der.toPem('TRUSTED CERTIFICATE', Buffer.concat([derOf(cert), settings]));
}
