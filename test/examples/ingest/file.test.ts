// examples/ingest without a broker: `--to FILE`, and what it says of what it cannot do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startWsServer } from '../../support/servers';
import { startIngest } from './stand';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-ingest-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves with a file's lines once there are so many. */
async function linesOf(folder: string, name: string, count: number): Promise<string[]> {
  const watcher = watch(folder);
  try {
    for (;;) {
      const lines = readFileSync(join(folder, name), { encoding: 'utf8', flag: 'a+' }).split('\n');
      if (lines.length > count) return lines.slice(0, -1);
      await once(watcher, 'change');
    }
  } finally {
    watcher.close();
  }
}

// Windows has no signals: kill() ends the process there.
const noSignals = process.platform === 'win32' && 'Windows has no signals';

test('messages are appended as lines, until SIGTERM', { skip: noSignals }, async (t) => {
  const server = await startWsServer({
    onConnection: (socket) => {
      socket.on('message', (text: Buffer) => {
        socket.send(`{"subscribed":${text.toString()}}`);
        socket.send(Buffer.of(1, 2, 255));
      });
    },
    echo: false,
  });
  t.after(() => server.close());
  const folder = folderOf(t);
  const feeds = { pumps: { url: server.url, subscription: '"all"' }, valves: { url: server.url } };
  writeFileSync(join(folder, 'feeds.json'), JSON.stringify(feeds));
  const ingest = startIngest(t, 'a', [
    ...['--feeds', join(folder, 'feeds.json')],
    ...['--to', join(folder, 'messages.ndjson')],
  ]);
  const lines = await linesOf(folder, 'messages.ndjson', 2);
  ingest.child.kill('SIGTERM');
  assert.equal(await ingest.ended, 0, ingest.log());
  const values = lines.map((line) => JSON.parse(line) as Record<string, string>);
  assert.deepEqual(
    values.map(({ id: _, ...rest }) => rest),
    [{ text: '{"subscribed":"all"}' }, { base64: 'AQL/' }],
  );
  assert.deepEqual(
    values.map(({ id = '' }) => id.replace(/\.\d+\./, '.TERM.')),
    ['pumps.TERM.1.1', 'pumps.TERM.1.2'],
  );
});

test('a file that cannot be written to is told at once', async (t) => {
  const feeds = join(folderOf(t), 'feeds.json');
  writeFileSync(feeds, '{"pumps":{"url":"ws://127.0.0.1:1/"}}');
  const ingest = startIngest(t, 'a', ['--feeds', feeds, '--to', '/does/not/exist']);
  assert.equal(await ingest.ended, 1);
  assert.match(ingest.log(), /^ENOENT: no such file or directory, open '.*does.+not.+exist'\n$/);
});

for (const [args, expected] of [
  [[], /^expected --to FILE or --nats URL\n\nUsage: /],
  [['--too', 'file'], /^Unknown option '--too'/],
  [['--nats', '127.0.0.1:1', '--ttl', 'never'], /^--ttl: expected a number over 0, got never$/m],
  [['--to', 'x', '--feeds', '/does/not/exist'], /^\/does\/not\/exist: ENOENT/],
  [['--to', 'x'], /^--to: expected --feeds FILE too/],
] as const) {
  test(`ingest ${args.join(' ')} says what is wrong`, async (t) => {
    const ingest = startIngest(t, 'a', args);
    assert.equal(await ingest.ended, 1);
    assert.match(ingest.log(), expected);
  });
}
