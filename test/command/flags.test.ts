// Flags of `wsfd`: those of TLS in real connections, and those that do not exist.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { runCommand } from '../support/command';
import { startWsServer } from '../support/servers';

const unknown: [args: readonly string[], advice: string][] = [
  [['--timout', '5'], '--timout is no option of wsfd URL; the nearest one is --timeout'],
  [['--server_name', 'x'], 'the nearest one is --server-name'],
  [['--insecure'], 'here it is --ignore-ssl-errors'],
  [['-k'], 'here it is --ignore-ssl-errors'],
  [['--cacert', 'x'], 'here it is --ca'],
  [['--jsn'], 'the nearest one is --json'],
  [['inspect', '--cuont', '5'], '--cuont is no option of wsfd inspect; the nearest one is'],
  [['inspect', '--count', '5'], '--count is no option of wsfd inspect; the nearest one is'],
  [['bench', '--durations', '5'], 'wsfd bench; the nearest one is --duration'],
];

for (const [args, advice] of unknown) {
  test(`wsfd ${args.join(' ')} is answered with what there is`, async () => {
    const { code, stderr } = await runCommand([...args, 'ws://127.0.0.1:1/']);
    assert.equal(code, 2);
    assert.ok(stderr.includes(advice), stderr);
  });
}

test('bench --help and inspect --help have the options of the connection', async () => {
  for (const command of ['bench', 'inspect']) {
    const { stdout } = await runCommand([command, '--help']);
    for (const flag of ['--header', '--cert', '--key', '--ca', '--pin', '--proxy', '--timeout']) {
      assert.ok(stdout.includes(flag), `${command} ${flag}`);
    }
  }
});

test('every flag is in the help of each subcommand that has it', async () => {
  const { stdout } = await runCommand(['--help']);
  for (const flag of [
    '--key',
    '--tls-min',
    '--tls-max',
    '--ciphers',
    '--groups',
    '--close-at-end',
    '--version',
  ]) {
    assert.ok(stdout.includes(flag), flag);
  }
});

test('--tls-min, --tls-max and --ciphers are what the connection has', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const tlsOf = async (...args: string[]): Promise<unknown> => {
    const all = [server.url, '--ignore-ssl-errors', 'all', '--json', '-n', '1', ...args];
    const { stdout } = await runCommand(all, 'x\n');
    return (JSON.parse(stdout.split('\n')[0] ?? '') as { tls: unknown }).tls;
  };
  const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256';
  assert.deepEqual(await tlsOf('--tls-max', '1.2', '--ciphers', ciphers), {
    version: 'TLSv1.2',
    cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  });
  const { version } = (await tlsOf('--tls-min', 'TLSv1.3')) as { version: string };
  assert.equal(version, 'TLSv1.3');
  const { code, stderr } = await runCommand([server.url, '--tls-min', '1.9']);
  assert.equal(code, 2);
  assert.match(stderr, /minTlsVersion: expected one of .*TLSv1\.2/);
});

test('--groups is what the key exchange is made with', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key, ecdhCurve: 'P-256:P-384:X25519' } });
  t.after(() => server.close());
  for (const [groups, expected] of [
    ['P-384', /384/],
    ['X25519', /25519/],
  ] as const) {
    const args = [
      'inspect',
      server.url,
      '--ignore-ssl-errors',
      'all',
      '--groups',
      groups,
      '--json',
    ];
    const { stdout } = await runCommand(args);
    const { steps } = JSON.parse(stdout) as { steps: { event: { group?: string } }[] };
    const used = steps.map(({ event }) => event.group).find((group) => group !== undefined);
    assert.match(used ?? '', expected);
  }
});

test('--pin may be repeated; one of them has to be the key', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const shown = await runCommand(['inspect', server.url]);
  const [, pin = ''] = / pin (\S+)/.exec(shown.stdout) ?? [];
  const other = `sha256/${Buffer.alloc(32).toString('base64')}`;
  const args = [server.url, '--ignore-ssl-errors', 'SelfSignedCertificate', '-n', '1'];
  assert.equal((await runCommand([...args, '--pin', other], 'x\n')).code, 4);
  assert.equal((await runCommand([...args, '--pin', other, '--pin', pin], 'x\n')).code, 0);
});
