// What `wsfd inspect` says of a certificate that is refused is true of that very certificate.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import { daysFromNow, makeCertificate, makeSelfSigned } from '../support/certificates';
import type { Certificate, KeyType } from '../support/certificates';
import { runCommand } from '../support/command';
import { startTcpServer, startTlsServer, startWsServer } from '../support/servers';

const folder = mkdtempSync(join(tmpdir(), 'wsfd-advice-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const root = makeCertificate({ subject: 'Plant Root', ca: true });
const otherRoot = makeCertificate({ subject: 'Other Root', ca: true });
const ca = ['--ca', fileOf('root.pem', root.cert)];
const otherCa = ['--ca', fileOf('other.pem', otherRoot.cert)];
const san = ['DNS:localhost', 'IP:127.0.0.1'];

const pinOf = ({ cert }: Certificate): string => {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(key).digest('base64')}`;
};

async function serve(t: TestContext, { chain: cert, key }: Certificate): Promise<string> {
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  return server.url;
}

const keywordsIn = (stdout: string): string =>
  /--ignore-ssl-errors (\S+) …/.exec(stdout)?.[1] ?? '';

const cases: [
  name: string,
  certificate: Certificate,
  args: readonly string[],
  said: RegExp,
  unsaid: RegExp,
][] = [
  [
    'a self-signed one: anyone can make one; itself is what to trust',
    makeSelfSigned(),
    [],
    /for SelfSignedCertificate:\n +trust this certificate itself[^]*of their own making, can answer/,
    /root of the server's CA|renewed/,
  ],
  [
    'one of an unknown root: the root is what to trust',
    makeCertificate({ issuer: root, san }),
    [],
    /UnableToVerifyFirstCertificate:\n +the root of the server's CA[^]*of their own making, can answer/,
    /itself/,
  ],
  [
    'one of another root than --ca: no --ca file has its root',
    makeCertificate({ issuer: root, san }),
    otherCa,
    /the root that signed it, which no --ca file has/,
    /the root of the server's CA/,
  ],
  [
    'an expired one of a trusted root: it is about keys that got out since',
    makeCertificate({
      issuer: root,
      san,
      notBefore: daysFromNow(-20),
      notAfter: daysFromNow(-10),
    }),
    ca,
    /for CertificateExpired:\n +a renewed certificate[^]*since it expired, can answer/,
    /caCertificates|their own making/,
  ],
  [
    'one of a trusted root for another name: it is about all of its certificates',
    makeCertificate({ issuer: root, san: ['DNS:other.example'] }),
    ca,
    /for HostNameMismatch:\n +a name that[^]*for any other name, can answer/,
    /caCertificates|their own making/,
  ],
  [
    'one of a trusted root for clients',
    makeCertificate({ issuer: root, san, extendedKeyUsage: ['clientAuth'] }),
    ca,
    /for InvalidPurpose:\n [^]*for any other purpose, can answer/,
    /caCertificates|their own making/,
  ],
];

for (const [name, certificate, args, said, unsaid] of cases) {
  test(`inspect of ${name}; and the list with the pin lets it pass`, async (t) => {
    const url = await serve(t, certificate);
    const { code, stdout } = await runCommand(['inspect', url, ...args]);
    assert.equal(code, 4);
    // Lines are broken to fit a terminal.
    const words = stdout.replaceAll(/(?<=\S)\n(?=[^ \n])/g, ' ');
    assert.match(words, said);
    assert.doesNotMatch(words, unsaid);
    const [, advice = ''] = stdout.split('\nWhat is better:\n');
    for (const line of advice.split('\n\n')[0]?.split('\n') ?? []) {
      assert.ok(line.length <= 80, line);
    }
    const pin = pinOf(certificate);
    assert.ok(stdout.includes(`   pin ${pin}\n`), stdout);
    assert.ok(stdout.includes(`pinnedPublicKeys: '${pin}'\n`), stdout);
    assert.ok(stdout.includes(`wsfd --pin ${pin} …\n`), stdout);
    const safe = [...args, '--ignore-ssl-errors', keywordsIn(stdout), '--pin', pin];
    assert.equal((await runCommand([url, ...safe, '-n', '1'], 'x\n')).code, 0);
  });
}

test('inspect with the right --pin says that the pin holds beside the list', async (t) => {
  const certificate = makeSelfSigned();
  const url = await serve(t, certificate);
  const { stdout } = await runCommand(['inspect', url, '--pin', pinOf(certificate)]);
  assert.match(stdout, /^The pin holds beside the list: the server alone/m);
  assert.doesNotMatch(stdout, /Warning/);
});

test('inspect with another --pin says what ignoring that comes to', async (t) => {
  const url = await serve(t, makeCertificate({ issuer: root, san }));
  const { stdout } = await runCommand(['inspect', url, ...ca, '--pin', pinOf(root)]);
  assert.match(stdout, /for CertificateBlacklisted:\n +the pin of this key/);
  assert.match(stdout, /^Warning: [^]*^The pin that was given is without effect then\.$/m);
});

test('inspect shows the pin of a certificate that is good, of every kind of key', async (t) => {
  for (const keyType of ['EC', 'RSA', 'ED25519'] satisfies KeyType[]) {
    const certificate = makeCertificate({ issuer: root, san, keyType });
    const url = await serve(t, certificate);
    const { code, stdout } = await runCommand(['inspect', url, ...ca]);
    assert.equal(code, 0);
    assert.ok(stdout.includes(`   pin ${pinOf(certificate)}\n`), stdout);
    const { stdout: json } = await runCommand(['inspect', url, ...ca, '--json']);
    assert.equal((JSON.parse(json) as { pin: string }).pin, pinOf(certificate));
  }
});

test('inspect gives the pin of the server that was redirected to', async (t) => {
  const target = makeSelfSigned();
  const url = await serve(t, target);
  const { chain: cert, key } = makeCertificate({ issuer: root, san });
  const first = await startTlsServer({ cert, key }, (socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url}\r\n\r\n`));
  });
  t.after(() => first.close());
  const args = [first.url, ...ca, '--follow', '1', '--json'];
  const { code, stdout } = await runCommand(['inspect', ...args]);
  assert.equal(code, 4);
  assert.equal((JSON.parse(stdout) as { pin: string }).pin, pinOf(target));
});

test('inspect with --cert does not ask for the certificate that it withholds', async (t) => {
  const own = makeCertificate({ issuer: root, subject: 'client' });
  const identity = ['--cert', fileOf('own.pem', own.cert), '--key', fileOf('own.key', own.key)];
  const { cert, key } = makeSelfSigned();
  // TLS 1.2 tells of a missing certificate within the handshake.
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const tls = {
      cert,
      key,
      ca: root.cert,
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion,
    };
    const server = await startWsServer({ tls });
    t.after(() => server.close());
    const { stdout } = await runCommand(['inspect', server.url, ...identity]);
    assert.match(stdout, /it may want our certificate, which was not shown to it/);
    assert.doesNotMatch(stdout, /sslConfig/);
    const without = await runCommand(['inspect', server.url]);
    assert.doesNotMatch(without.stdout, /which was not shown/);
  }
});

/** A server that asks for a certificate; its alerts get lost, as those before a reset may. */
async function serveWithoutAlerts(t: TestContext): Promise<string> {
  const { cert, key } = makeSelfSigned();
  // The alerts of TLS 1.3 are encrypted.
  const tls = { cert, key, ca: root.cert, requestCert: true, maxVersion: 'TLSv1.2' } as const;
  const server = await startWsServer({ tls });
  t.after(() => server.close());
  const relay = await startTcpServer((client) => {
    const behind = connect(server.port, '127.0.0.1');
    client.on('error', () => undefined).pipe(behind);
    behind.on('error', () => undefined).on('end', () => client.end());
    behind.on('data', (bytes) => {
      const isAlert = bytes[0] === 21;
      if (!isAlert) client.write(bytes);
    });
  });
  t.after(() => relay.close());
  return `wss://127.0.0.1:${relay.port}/`;
}

test('it does not where the alert of such a server gets lost', async (t) => {
  const own = makeCertificate({ issuer: root, subject: 'client' });
  const identity = ['--cert', fileOf('own.pem', own.cert), '--key', fileOf('own.key', own.key)];
  const { stdout } = await runCommand(['inspect', await serveWithoutAlerts(t), ...identity]);
  assert.match(stdout, /it may want our certificate, which was not shown to it/);
  assert.doesNotMatch(stdout, /without an alert/);
});
