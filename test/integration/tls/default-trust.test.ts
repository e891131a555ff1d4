// Whom a connection trusts that names no certificates: whomever `tls.connect` trusts in that process,
// whatever flags and variables it was started with.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as nodeTls from 'node:tls';
import type * as WorkerThreads from 'node:worker_threads';
import type { OpenOptions } from 'wsfd';
import { addonEnvironment } from '../../support/addon';
import { makeCertificate, makeRevocationList, nameOf } from '../../support/certificates';
import { runInChild, threadSource } from '../../support/child';
import type { ChildOptions, Inside } from '../../support/child';
import { startWsServer } from '../../support/servers';
import type { WsServer } from '../../support/servers';

/** Where each root is put; nobody is told of the last one. */
const places = ['file', 'folder', 'extra', 'own', 'nowhere'] as const;
type Place = (typeof places)[number];

const makeRoot = (place: Place) => makeCertificate({ subject: `Root In ${place}`, ca: true });
const roots = Object.fromEntries(places.map((place) => [place, makeRoot(place)])) as Record<
  Place,
  ReturnType<typeof makeRoot>
>;

/** Roots of the same names with other keys: they must not hide those. */
const namesakes = places.map((place) => makeRoot(place).cert);

const folder = mkdtempSync(join(tmpdir(), 'wsfd-test-'));
const pathOf = (name: string): string => join(folder, name);

/** The name by which OpenSSL finds a root in a folder: X509_NAME_hash() of its canonical subject. */
function hashedName(commonName: string): string {
  const sequence = nameOf(commonName.toLowerCase());
  const digest = createHash('sha1').update(sequence.subarray(2)).digest();
  return `${digest.readUInt32LE(0).toString(16).padStart(8, '0')}.0`;
}

writeFileSync(pathOf('file.pem'), roots.file.cert);
mkdirSync(pathOf('folder'));
writeFileSync(join(pathOf('folder'), hashedName('Root In folder')), roots.folder.cert);
writeFileSync(pathOf('extra.pem'), roots.extra.cert);
writeFileSync(pathOf('marked.pem'), `\ufeff${roots.extra.cert}`);

const servers: (readonly [Place, WsServer])[] = [];

before(async () => {
  for (const place of places) {
    const { cert, key } = makeCertificate({ issuer: roots[place], san: ['DNS:localhost'] });
    servers.push([place, await startWsServer({ tls: { cert, key } })]);
  }
});

after(async () => {
  await Promise.all(servers.map(([, server]) => server.close()));
  rmSync(folder, { recursive: true });
});

/** Whose servers were trusted. */
interface Verdict {
  node: Place[];
  wsfd: Place[];
}

interface Question {
  readonly urls: readonly (readonly [Place, string])[];
  /** For wsfd alone. */
  readonly options?: OpenOptions;
  /** PEM for tls.setDefaultCACertificates, in turn: a verdict before the first, and after each. */
  readonly defaults?: readonly (readonly string[])[];
  /** `tls.createSecureContext` gives a context that was made before. */
  readonly patched?: boolean;
}

/** In the child: asks `tls.connect` and wsfd of every server. */
async function compare({ wsfd, load }: Inside, question: Question): Promise<Verdict[]> {
  const tls = load('node:tls') as typeof nodeTls & {
    setDefaultCACertificates(certificates: readonly string[]): void;
    createSecureContext: typeof nodeTls.createSecureContext;
  };
  if (question.patched === true) {
    const older = tls.createSecureContext();
    tls.createSecureContext = () => older;
  }
  const ask = async (): Promise<Verdict> => {
    const verdict: Verdict = { node: [], wsfd: [] };
    for (const [place, url] of question.urls) {
      const port = Number(new URL(url).port);
      const options = { port, host: 'localhost', servername: 'localhost' };
      const client = tls.connect({ ...options, rejectUnauthorized: false });
      await new Promise((resolve, reject) => {
        client.once('secureConnect', resolve).once('error', reject);
      });
      if (client.authorized) verdict.node.push(place);
      client.destroy();
      const socket = await wsfd.webSocketOpen(url, question.options);
      if (socket >= 0) verdict.wsfd.push(place);
      else if (wsfd.getLastError()[0]?.code !== 'WSFD_CERTIFICATE_REFUSED') {
        throw wsfd.getLastError()[0] as Error;
      }
      await wsfd.webSocketClose(socket);
    }
    return verdict;
  };
  const verdicts = [await ask()];
  for (const certificates of question.defaults ?? []) {
    tls.setDefaultCACertificates(certificates);
    verdicts.push(await ask());
  }
  return verdicts;
}

/** The environment with all that is said of certificates, and nothing else of that kind. */
const told: NodeJS.ProcessEnv = {
  SSL_CERT_FILE: pathOf('file.pem'),
  SSL_CERT_DIR: pathOf('folder'),
  NODE_EXTRA_CA_CERTS: pathOf('extra.pem'),
  NODE_OPTIONS: undefined,
  NODE_USE_SYSTEM_CA: undefined,
};

const urlsOf = (): Question['urls'] => servers.map(([place, { url }]) => [place, url] as const);

async function ask(started: ChildOptions, question?: Partial<Question>): Promise<Verdict[]> {
  const env = { ...told, ...started.env };
  const { value, stderr } = await runInChild(
    compare,
    { urls: urlsOf(), ...question },
    {
      ...started,
      env,
    },
  );
  assert.ok(value !== undefined, stderr);
  return value;
}

/** True for a Node.js that was built to trust what OpenSSL does, as Debian's is. */
const trustsOpenSsl = (
  (process.config.target_defaults as { defines?: string[] }).defines ?? []
).includes('NODE_OPENSSL_CERT_STORE');

const ofOpenSsl: readonly Place[] = ['file', 'folder'];
const byDefault: readonly Place[] = trustsOpenSsl ? ofOpenSsl : [];
/** What is in the system's own store: on Windows and macOS nothing that the environment names. */
const ofSystem: readonly Place[] = ['win32', 'darwin'].includes(process.platform)
  ? byDefault
  : ofOpenSsl;
const knows = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);
const hasUseSystemCaVariable = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 6) || (major === 22 && minor >= 19);
};
const withoutExtra: NodeJS.ProcessEnv = { NODE_EXTRA_CA_CERTS: undefined };

interface Case {
  readonly name: string;
  readonly started: ChildOptions;
  readonly trusted: readonly Place[];
  /** Why this Node.js has no such case. */
  readonly skip?: string | false;
}

const systemCa = !knows('--use-system-ca') && 'this Node.js has no --use-system-ca';
const systemCaVariable = !hasUseSystemCaVariable() && 'this Node.js has no NODE_USE_SYSTEM_CA';

const cases: readonly Case[] = [
  { name: 'no flag', started: {}, trusted: [...byDefault, 'extra'] },
  { name: 'no flag, nothing extra', started: { env: withoutExtra }, trusted: byDefault },
  {
    name: '--use-openssl-ca',
    started: { execArgv: ['--use-openssl-ca'] },
    trusted: [...ofOpenSsl, 'extra'],
  },
  {
    name: '--use-openssl-ca, SSL_CERT_FILE alone',
    started: { execArgv: ['--use-openssl-ca'], env: { ...withoutExtra, SSL_CERT_DIR: folder } },
    trusted: ['file'],
  },
  {
    name: '--use-openssl-ca, SSL_CERT_DIR alone',
    started: {
      execArgv: ['--use-openssl-ca'],
      env: { ...withoutExtra, SSL_CERT_FILE: pathOf('none') },
    },
    trusted: ['folder'],
  },
  {
    name: '--use-openssl-ca in NODE_OPTIONS',
    started: { env: { NODE_OPTIONS: '--use-openssl-ca' } },
    trusted: [...ofOpenSsl, 'extra'],
  },
  {
    name: '--use-bundled-ca',
    started: { execArgv: ['--use-bundled-ca'] },
    trusted: ['extra'],
  },
  {
    name: '--use-system-ca',
    started: { execArgv: ['--use-system-ca'] },
    trusted: [...ofSystem, 'extra'],
    skip: systemCa,
  },
  {
    name: '--use-system-ca in NODE_OPTIONS',
    started: { env: { NODE_OPTIONS: '--use-system-ca' } },
    trusted: [...ofSystem, 'extra'],
    skip: systemCa,
  },
  {
    name: 'NODE_USE_SYSTEM_CA',
    started: { env: { NODE_USE_SYSTEM_CA: '1' } },
    trusted: [...ofSystem, 'extra'],
    skip: systemCaVariable,
  },
  {
    name: 'a byte order mark in NODE_EXTRA_CA_CERTS',
    started: { env: { NODE_EXTRA_CA_CERTS: pathOf('marked.pem') } },
    trusted: [...byDefault, 'extra'],
  },
  {
    name: 'NODE_EXTRA_CA_CERTS that is not there',
    started: { env: { NODE_EXTRA_CA_CERTS: pathOf('none') } },
    trusted: byDefault,
  },
];

for (const { name, started, trusted, skip } of cases) {
  test(`the same as tls.connect: ${name}`, { skip }, async () => {
    assert.deepEqual(await ask(started), [{ node: trusted, wsfd: trusted }]);
  });

  test(`beside certificates of the caller's: ${name}`, { skip }, async () => {
    const options: OpenOptions = {
      caCertificates: [roots.own.cert, ...namesakes],
      addDefaultCaCertificates: true,
    };
    const [verdict] = await ask(started, { options });
    assert.deepEqual(verdict, { node: trusted, wsfd: [...trusted, 'own'] });
  });

  test(`with revocation lists: ${name}`, { skip }, async () => {
    const listed = places.map((place) => makeRevocationList(roots[place], []));
    const [verdict] = await ask(started, { options: { certificateRevocationLists: listed } });
    assert.deepEqual(verdict, { node: trusted, wsfd: trusted });
  });
}

const resettable =
  !('setDefaultCACertificates' in nodeTls) && 'this Node.js has no tls.setDefaultCACertificates';

test(
  'what tls.setDefaultCACertificates sets counts from then on',
  { skip: resettable },
  async () => {
    const defaults = [[roots.nowhere.cert], [roots.own.cert, roots.file.cert], []];
    const trusted: readonly (readonly Place[])[] = [
      ...([[...byDefault, 'extra'] as const, ['nowhere'], ['file', 'own'], []] as const),
    ];
    assert.deepEqual(
      await ask({}, { defaults }),
      trusted.map((one) => ({ node: one, wsfd: one })),
    );
  },
);

test('a worker thread that does not see the flags and variables of its process', async () => {
  const { value, stderr } = await runInChild(
    async ({ load }, { source, question, env }) => {
      const { Worker } = load('node:worker_threads') as typeof WorkerThreads;
      const worker = new Worker(source, {
        ...{ eval: true, workerData: question, execArgv: [], env },
      });
      return new Promise<Verdict[]>((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
      });
    },
    {
      source: threadSource(compare),
      question: { urls: urlsOf() } satisfies Question,
      env: addonEnvironment,
    },
    { execArgv: ['--use-openssl-ca'], env: told },
  );
  const trusted: Place[] = [...ofOpenSsl, 'extra'];
  assert.deepEqual(value, [{ node: trusted, wsfd: trusted }], stderr);
});

test('a patched createSecureContext that makes no context: the roots that Node lists', async () => {
  for (const [extra, trusted] of [
    ['extra.pem', ['extra']],
    ['missing.pem', []],
  ] as const) {
    const env = { NODE_EXTRA_CA_CERTS: pathOf(extra) };
    const [verdict] = await ask({ env }, { patched: true });
    assert.deepEqual(verdict?.wsfd, trusted, extra);
  }
});
