// Server certificates that a client has to refuse, each with every error that is in it.
import type { SslErrorKeyword } from 'wsfd';
import { daysFromNow, makeCertificate, withTrust } from './certificates';
import type { Certificate, CertificateOptions } from './certificates';
import * as der from './der';

export interface CertificateCase {
  readonly name: string;
  /** PEM of what the server sends, its own certificate first. */
  readonly chain: string;
  /** PEM of its key. */
  readonly key: string;
  /** The host in the client's URL. */
  readonly host: string;
  /** The roots that the client trusts; absent: the default ones, none of which is in the chain. */
  readonly caCertificates?: string;
  /** What a client finds, no more and no less. */
  readonly keywords: readonly SslErrorKeyword[];
  /** OpenSSL's names of the alerts that may tell the server why. */
  readonly alert: RegExp;
}

const root = makeCertificate({ subject: 'Test Root', ca: true });
const intermediate = makeCertificate({ subject: 'Test Intermediate', issuer: root, ca: true });

/** A certificate for this machine, but for what `options` say. */
const leaf = (options: CertificateOptions): Certificate =>
  makeCertificate({ san: ['DNS:localhost', 'IP:127.0.0.1'], ...options });

const past = { notBefore: daysFromNow(-20), notAfter: daysFromNow(-10) };
const future = { notBefore: daysFromNow(10), notAfter: daysFromNow(20) };

const selfSigned = leaf({});
const ofUnknownRoot = leaf({ issuer: intermediate });
const noCa = makeCertificate({ subject: 'Test No CA', issuer: root, ca: false });
const unmarked = makeCertificate({ subject: 'Test Unmarked', issuer: root });
const upper = makeCertificate({ subject: 'Test Upper', issuer: root, ca: true, pathLength: 0 });
const rsaRoot = makeCertificate({ subject: 'Test RSA Root', ca: true, keyType: 'RSA' });
const unreadable = withUnreadableKey();
const lower = makeCertificate({ subject: 'Test Lower', issuer: upper, ca: true });

/** A UTCTime in the 13th month. */
const noTime = der.element(0x17, Buffer.from('261322000000Z'));

/** A root whose public key is of an algorithm that nobody knows. */
function withUnreadableKey(): Certificate {
  const { keys } = root;
  const algorithm = der.sequence(der.objectIdentifier('1.2.3.4.5'));
  const publicKeyInfo = der.sequence(algorithm, der.bitString(Buffer.from('a key')));
  return makeCertificate({ subject: 'Test Unreadable', ca: true, keys, publicKeyInfo });
}

/** The case of a server that sends the certificate and its intermediates. */
const serving = (certificate: Certificate) => ({
  chain: certificate.chain,
  key: certificate.key,
  host: 'localhost',
});
/** As `serving`, to a client that trusts the test's root. */
const servingTrusted = (certificate: Certificate) => ({
  ...serving(certificate),
  caCertificates: root.cert,
});

const unknownCa = /UNKNOWN_CA/;
const badCertificate = /BAD_CERTIFICATE/;
const certificateExpired = /CERTIFICATE_EXPIRED/;

const issuerCases: readonly CertificateCase[] = [
  {
    name: 'self-signed',
    ...serving(selfSigned),
    keywords: ['SelfSignedCertificate'],
    alert: unknownCa,
  },
  {
    name: 'unknown issuer',
    ...serving(leaf({ issuer: root })),
    keywords: ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
    alert: unknownCa,
  },
  {
    name: 'unknown issuer of an intermediate',
    ...serving(ofUnknownRoot),
    keywords: ['UnableToGetLocalIssuerCertificate'],
    alert: unknownCa,
  },
  {
    name: 'known root, intermediate not sent',
    ...servingTrusted(ofUnknownRoot),
    chain: ofUnknownRoot.cert,
    keywords: ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
    alert: unknownCa,
  },
  {
    name: 'full chain with an unknown root',
    ...serving(ofUnknownRoot),
    chain: ofUnknownRoot.fullChain,
    keywords: ['SelfSignedCertificateInChain'],
    alert: unknownCa,
  },
  {
    name: 'intermediate that is no CA',
    ...servingTrusted(leaf({ issuer: noCa })),
    keywords: ['InvalidCaCertificate', 'InvalidPurpose'],
    alert: /UNKNOWN_CA|UNSUPPORTED_CERTIFICATE/,
  },
  {
    name: 'intermediate that does not say that it is a CA',
    ...servingTrusted(leaf({ issuer: unmarked })),
    keywords: ['InvalidCaCertificate', 'InvalidPurpose'],
    alert: /UNKNOWN_CA|UNSUPPORTED_CERTIFICATE/,
  },
  {
    name: 'more intermediates than allowed',
    ...servingTrusted(leaf({ issuer: lower })),
    keywords: ['PathLengthExceeded'],
    alert: unknownCa,
  },
  {
    name: 'wrong signature',
    ...servingTrusted(leaf({ issuer: root, brokenSignature: true })),
    keywords: ['CertificateSignatureFailed'],
    alert: /DECRYPT_ERROR/,
  },
  {
    name: 'RSA signature that cannot be decrypted',
    ...serving(leaf({ issuer: rsaRoot, brokenSignature: true })),
    caCertificates: rsaRoot.cert,
    keywords: ['CertificateSignatureFailed'],
    alert: /DECRYPT_ERROR/,
  },
  {
    name: 'intermediate trusted, its root unknown',
    ...serving(ofUnknownRoot),
    caCertificates: intermediate.cert,
    keywords: ['UnableToGetIssuerCertificate'],
    alert: unknownCa,
  },
  {
    name: 'trusted root whose key cannot be read',
    ...serving(leaf({ issuer: unreadable })),
    caCertificates: unreadable.cert,
    keywords: ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
    alert: unknownCa,
  },
  {
    name: 'issuer named by a serial number that is not its',
    ...servingTrusted(leaf({ issuer: root, authority: selfSigned })),
    keywords: ['UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'],
    alert: unknownCa,
  },
  {
    name: 'root rejected for TLS servers',
    ...serving(leaf({ issuer: root })),
    caCertificates: withTrust(root, [], ['serverAuth']),
    keywords: ['CertificateRejected', 'InvalidPurpose', 'SelfSignedCertificateInChain'],
    alert: /UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE/,
  },
  {
    name: 'root trusted for TLS clients alone',
    ...serving(leaf({ issuer: root })),
    caCertificates: withTrust(root, ['clientAuth']),
    keywords: ['CertificateRejected', 'InvalidPurpose', 'SelfSignedCertificateInChain'],
    alert: /UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE/,
  },
];

const contentCases: readonly CertificateCase[] = [
  {
    name: 'expired',
    ...servingTrusted(leaf({ issuer: root, ...past })),
    keywords: ['CertificateExpired'],
    alert: certificateExpired,
  },
  {
    name: 'not yet valid',
    ...servingTrusted(leaf({ issuer: root, ...future })),
    keywords: ['CertificateNotYetValid'],
    alert: badCertificate,
  },
  {
    name: 'a beginning that is no time',
    ...servingTrusted(leaf({ issuer: root, notBefore: noTime })),
    keywords: ['InvalidNotBeforeField'],
    alert: badCertificate,
  },
  {
    name: 'an end that is no time',
    ...servingTrusted(leaf({ issuer: root, notAfter: noTime })),
    keywords: ['InvalidNotAfterField'],
    alert: badCertificate,
  },
  {
    name: 'wrong host',
    ...servingTrusted(leaf({ issuer: root, san: ['DNS:elsewhere.test', 'IP:127.0.0.1'] })),
    keywords: ['HostNameMismatch'],
    alert: badCertificate,
  },
  {
    name: 'wrong IP',
    ...servingTrusted(leaf({ issuer: root, san: ['DNS:localhost', 'IP:127.0.0.2'] })),
    host: '127.0.0.1',
    keywords: ['HostNameMismatch'],
    alert: badCertificate,
  },
  {
    name: 'clientAuth-only leaf',
    ...servingTrusted(leaf({ issuer: root, extendedKeyUsage: ['clientAuth'] })),
    keywords: ['InvalidPurpose'],
    alert: /UNSUPPORTED_CERTIFICATE/,
  },
];

const combinedCases: readonly CertificateCase[] = [
  {
    name: 'expired and unknown issuer',
    ...serving(leaf({ issuer: root, ...past })),
    keywords: [
      'CertificateExpired',
      'UnableToGetLocalIssuerCertificate',
      'UnableToVerifyFirstCertificate',
    ],
    alert: /CERTIFICATE_EXPIRED|UNKNOWN_CA/,
  },
  {
    name: 'expired, self-signed and wrong host',
    ...serving(leaf({ san: ['DNS:elsewhere.test'], ...past })),
    keywords: ['CertificateExpired', 'HostNameMismatch', 'SelfSignedCertificate'],
    alert: /CERTIFICATE_EXPIRED|UNKNOWN_CA|BAD_CERTIFICATE/,
  },
  {
    name: 'expired root and expired leaf',
    ...servingExpiredRoot(),
    keywords: ['CertificateExpired'],
    alert: certificateExpired,
  },
];

/** The same error at two depths. */
function servingExpiredRoot(): Pick<CertificateCase, 'chain' | 'key' | 'host' | 'caCertificates'> {
  const expiredRoot = makeCertificate({ subject: 'Test Expired Root', ca: true, ...past });
  return {
    ...serving(leaf({ issuer: expiredRoot, ...past })),
    caCertificates: expiredRoot.cert,
  };
}

export const certificateCases: readonly CertificateCase[] = [
  ...issuerCases,
  ...contentCases,
  ...combinedCases,
];
