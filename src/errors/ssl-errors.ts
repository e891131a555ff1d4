// Made by scripts/generate-keywords.mjs from native/tls/keywords.inc: edit that, not this.

/** The keywords of netGet's sslErrors; the index is the bit in NativeTlsOptions.ignoreBits. */
export const SSL_ERROR_KEYWORDS = [
  'UnableToGetIssuerCertificate',
  'UnableToDecryptCertificateSignature',
  'UnableToDecodeIssuerPublicKey',
  'CertificateSignatureFailed',
  'CertificateNotYetValid',
  'CertificateExpired',
  'InvalidNotBeforeField',
  'InvalidNotAfterField',
  'SelfSignedCertificate',
  'SelfSignedCertificateInChain',
  'UnableToGetLocalIssuerCertificate',
  'UnableToVerifyFirstCertificate',
  'CertificateRevoked',
  'InvalidCaCertificate',
  'PathLengthExceeded',
  'InvalidPurpose',
  'CertificateUntrusted',
  'CertificateRejected',
  'SubjectIssuerMismatch',
  'AuthorityIssuerSerialNumberMismatch',
  'NoPeerCertificate',
  'HostNameMismatch',
  'NoSslSupport',
  'CertificateBlacklisted',
  'UnspecifiedError',
] as const;

/** A TLS error that `ignoreSslErrors` may name; docs/TLS.md says what each means. */
export type SslErrorKeyword = (typeof SSL_ERROR_KEYWORDS)[number];
