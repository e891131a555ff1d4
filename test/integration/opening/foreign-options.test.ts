// Names that other clients have for an option are answered with what they are here, and what the
// answer says to write is taken by webSocketOpen as it stands there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { webSocketConnections, webSocketOpen, WebSocketError } from 'wsfd';
import type { OpenOptions, ReconnectOptions } from 'wsfd';
import { failure, fails } from '../../support/calls';
import { makeRevocationList, makeSelfSigned } from '../../support/certificates';
import { fileOf } from '../../support/pkcs12-files';

// This file runs as out/test/integration/opening/foreign-options.test.js.
const root = join(__dirname, '..', '..', '..', '..');
const load = createRequire(__filename);
const { FOREIGN_NAMES } = load(join(root, 'modules', 'errors', 'foreign-options.js')) as {
  FOREIGN_NAMES: readonly { names: readonly string[]; write?: string; why: string }[];
};
const { OPTION_NAMES } = load(join(root, 'modules', 'options', 'open-options.js')) as {
  OPTION_NAMES: readonly string[];
};
const { SSL_ERROR_KEYWORDS } = load(join(root, 'modules', 'errors', 'ssl-errors.js')) as {
  SSL_ERROR_KEYWORDS: readonly string[];
};

// Nobody listens there: what gets past the check of its arguments fails with another category.
const url = 'wss://127.0.0.1:1/';

const own = makeSelfSigned();
/** What the answers have instead of files. */
const files = {
  cert: own.cert,
  key: own.key,
  ca: own.cert,
  crl: makeRevocationList(own, []),
  pkcs12: fileOf('plain'),
  AbortSignal,
  process,
};

/** An option, or one within options that are objects. */
const given = (path: string): OpenOptions =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), 1) as OpenOptions;

const no = (): boolean => false;
const isOfReconnect = ([name = '']: readonly string[]): boolean => name.startsWith('reconnect.');

for (const { names, write, why } of FOREIGN_NAMES.filter((row) => !isOfReconnect(row.names))) {
  test(`${names.join(', ')}: ${write ?? why}`, async () => {
    for (const name of names) {
      const error = await fails(() => webSocketOpen(url, given(name)), 'WSFD_UNKNOWN_OPTION');
      assert.ok(error.message.includes(`"${name}"; `), error.message);
      assert.ok(error.message.endsWith(why), error.message);
      assert.doesNotMatch(error.message, /nearest/);
    }
    if (write !== undefined) {
      const options = runInNewContext(`({ ${write} })`, files) as OpenOptions;
      for (const name of Object.keys(options)) assert.ok(OPTION_NAMES.includes(name), name);
      const error = await failure(() => webSocketOpen(url, options));
      assert.notEqual(error.category, 'usage', error.message);
    }
  });
}

/** The error that ends webSocketConnections. */
async function failureOf(reconnect: unknown): Promise<WebSocketError> {
  const connections = webSocketConnections(url, {}, reconnect as ReconnectOptions);
  const error: unknown = await connections.next().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof WebSocketError);
  return error;
}

for (const { names, write, why } of FOREIGN_NAMES.filter((row) => isOfReconnect(row.names))) {
  test(`${names.join(', ')}: ${write ?? why}`, async () => {
    for (const name of names) {
      const { code, message } = await failureOf(Object.values(given(name))[0]);
      assert.equal(code, 'WSFD_UNKNOWN_OPTION');
      assert.ok(message.includes(`"${name}"; `) && message.endsWith(why), message);
    }
    if (write !== undefined) {
      const options = runInNewContext(`({ ${write} })`) as object;
      const once = { maxAttempts: 1, ...options, shouldRetry: no };
      const { category, message } = await failureOf(once);
      assert.notEqual(category, 'usage', message);
    }
  });
}

test('no name stands twice, and none is an option here', () => {
  const keyOf = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();
  const keys = FOREIGN_NAMES.flatMap(({ names }) => names.map(keyOf));
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
  assert.deepEqual(twice, []);
  const names = FOREIGN_NAMES.flatMap((row) => row.names);
  assert.deepEqual(
    names.filter((name) => OPTION_NAMES.includes(name)),
    [],
  );
});

test('the documents and environment variables that the answers name are there', () => {
  const named = FOREIGN_NAMES.flatMap(
    ({ why }) => why.match(/\b(docs|examples)\/[\w./-]+\w/g) ?? [],
  );
  assert.ok(named.length >= 2);
  for (const name of named) assert.ok(readFileSync(join(root, name)).length > 0, name);
});

test('spelling, case and what joins words make no difference', async () => {
  for (const name of ['reject_unauthorized', 'RejectUnauthorized', 'reject-unauthorized']) {
    const error = await fails(() => webSocketOpen(url, given(name)), 'WSFD_UNKNOWN_OPTION');
    assert.match(error.message, /"; write \{ ignoreSslErrors: /, error.message);
  }
});

test('a name that nobody has is answered with the nearest one', async () => {
  const error = await fails(() => webSocketOpen(url, given('timout')), 'WSFD_UNKNOWN_OPTION');
  assert.match(error.message, /: "timout"; the nearest one is "timeout"$/);
});

// What OpenSSL and node:tls call an error, and its keyword (docs/TLS.md).
const keywords: [name: string, keyword: string][] = [
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SelfSignedCertificate'],
  ['X509_V_ERR_CERT_HAS_EXPIRED', 'CertificateExpired'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UnableToVerifyFirstCertificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UnableToGetLocalIssuerCertificate'],
  ['self_signed_cert_in_chain', 'SelfSignedCertificateInChain'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'HostNameMismatch'],
];

for (const [name, keyword] of keywords) {
  test(`ignoreSslErrors: ['${name}'] is answered with ${keyword}`, async () => {
    assert.ok(SSL_ERROR_KEYWORDS.includes(keyword));
    const ignoreSslErrors = [name] as unknown as [];
    const error = await fails(() => webSocketOpen(url, { ignoreSslErrors }), 'WSFD_INVALID_OPTION');
    assert.ok(error.message.endsWith(`here it is "${keyword}"`), error.message);
  });
}
