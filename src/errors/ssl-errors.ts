/** The keywords of netGet's sslErrors, in the order of tls::Keyword: the index is the bit. */
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
