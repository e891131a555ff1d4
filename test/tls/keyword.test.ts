import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { tls } from '../support/tls-core';

/** The numbers of openssl/x509_vfy.h, which are part of OpenSSL's interface. */
const codes: Record<string, readonly number[]> = {
  UnableToGetIssuerCertificate: [2],
  UnableToDecryptCertificateSignature: [4],
  UnableToDecodeIssuerPublicKey: [6],
  CertificateSignatureFailed: [7],
  CertificateNotYetValid: [9],
  CertificateExpired: [10],
  InvalidNotBeforeField: [13],
  InvalidNotAfterField: [14],
  SelfSignedCertificate: [18],
  SelfSignedCertificateInChain: [19],
  UnableToGetLocalIssuerCertificate: [20],
  UnableToVerifyFirstCertificate: [21],
  CertificateRevoked: [23],
  InvalidCaCertificate: [79],
  PathLengthExceeded: [25],
  InvalidPurpose: [26],
  CertificateUntrusted: [27],
  CertificateRejected: [28],
  SubjectIssuerMismatch: [29],
  AuthorityIssuerSerialNumberMismatch: [31],
  HostNameMismatch: [62, 64],
};

test('every code of OpenSSL has its keyword, and those without one are UnspecifiedError', () => {
  const keywords = new Map<number, string>();
  for (const [keyword, numbers] of Object.entries(codes)) {
    for (const code of numbers) keywords.set(code, keyword);
  }
  for (let code = 1; code <= 200; code++) {
    assert.equal(tls.tlsKeywordOf(code), keywords.get(code) ?? 'UnspecifiedError', `${code}`);
  }
});

test('the keywords of JavaScript are those of C++, in the same order', () => {
  // This file runs as out/test/tls/keyword.test.js.
  const load = createRequire(__filename);
  const { SSL_ERROR_KEYWORDS } = load(
    join(__dirname, '..', '..', '..', 'modules', 'errors', 'ssl-errors.js'),
  ) as { SSL_ERROR_KEYWORDS: readonly string[] };
  assert.deepEqual(tls.tlsKeywords(), [...SSL_ERROR_KEYWORDS]);
  assert.equal(tls.tlsKeywords().length, 25);
});
