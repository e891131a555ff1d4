// jest, vitest and sinon with their fake timers, from before the package is loaded or after: every
// function works, fails and times out as ever.
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { everyFunction, everyOutcome, startServers } from '../support/every-function';
import type { Urls } from '../support/every-function';
import { Consumer } from './consumer';

const tools = join(process.env['WSFD_PACKAGE_TOOLS'] ?? '', 'node_modules');
assert.ok(existsSync(join(tools, 'jest')), 'WSFD_PACKAGE_TOOLS has no jest: npm run check:package');

/** Calls every function, and throws where something comes of it that should not. */
const exercise = (urls: Urls): string => `{
  const outcome = await ${everyFunction}(wsfd, WebSocket, ${JSON.stringify(urls)});
  require('node:assert').deepStrictEqual({ ...outcome }, ${JSON.stringify(everyOutcome)}); }`;

const load = `
  const wsfd = require('wsfd');
  const { WebSocket } = require('wsfd/websocket');`;

async function start(t: TestContext): Promise<{ consumer: Consumer; urls: Urls }> {
  const consumer = new Consumer();
  t.after(() => {
    consumer.remove();
  });
  await consumer.install('--no-audit', '--no-fund');
  // (resolved from where they really are, with all that they need)
  for (const name of ['jest', 'vitest', 'sinon']) {
    symlinkSync(join(tools, name), join(consumer.folder, 'node_modules', name), 'junction');
  }
  const { urls, close } = await startServers();
  t.after(close);
  return { consumer, urls };
}

async function passes(consumer: Consumer, ...program: string[]): Promise<void> {
  const { code, output } = await consumer.run(process.execPath, program);
  assert.equal(code, 0, output);
}

/** A test file whose fake timers are there before the package is loaded, or after, or come and go. */
const orders = (fake: string, real: string, urls: Urls): [name: string, body: string][] => [
  ['before', `${fake} ${load} ${exercise(urls)}`],
  ['after', `${load} ${fake} ${exercise(urls)}`],
  ['between', `${fake} ${load} ${real} ${exercise(urls)} ${fake} ${exercise(urls)}`],
];

test('jest, with fake timers for all tests, and with those of a test', async (t) => {
  const { consumer, urls } = await start(t);
  const minute = 60_000;
  for (const [name, body] of orders('jest.useFakeTimers();', 'jest.useRealTimers();', urls)) {
    consumer.write(`${name}.test.js`, `test('${name}', async () => { ${body} }, ${minute});\n`);
  }
  await passes(consumer, join(tools, 'jest/bin/jest.js'), '--runInBand');
  const config = JSON.stringify({ fakeTimers: { enableGlobally: true } });
  await passes(
    consumer,
    join(tools, 'jest/bin/jest.js'),
    '--runInBand',
    `--config=${config}`,
    'before',
  );
});

test('vitest', async (t) => {
  const { consumer, urls } = await start(t);
  const everything = JSON.stringify({
    toFake: [
      ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'],
      ...['clearImmediate', 'Date', 'performance', 'hrtime', 'queueMicrotask'],
    ],
  });
  const fakes = [
    ['usual', 'vi.useFakeTimers();'],
    ['all', `vi.useFakeTimers(${everything});`],
  ] as const;
  for (const [kind, fake] of fakes) {
    for (const [name, body] of orders(fake, 'vi.useRealTimers();', urls)) {
      consumer.write(
        `${name}-${kind}.test.mjs`,
        `import { createRequire } from 'node:module';
        import { test, vi } from 'vitest';
        const require = createRequire(import.meta.url);
        test('${name}', async () => { ${body} vi.useRealTimers(); }, 60_000);\n`,
      );
    }
  }
  await passes(
    consumer,
    join(tools, 'vitest/vitest.mjs'),
    'run',
    '--pool=forks',
    '--no-file-parallelism',
  );
});

test('sinon, whose fakes reach node:timers too', async (t) => {
  const { consumer, urls } = await start(t);
  const fake = 'clock = sinon.useFakeTimers();';
  for (const [name, body] of orders(fake, 'clock.restore();', urls)) {
    consumer.write(
      `${name}.js`,
      `const sinon = require('sinon');
      let clock;
      (async () => { ${body} })().then(() => process.exit(0), (error) => {
        console.error(error);
        process.exit(1);
      });\n`,
    );
    await passes(consumer, join(consumer.folder, `${name}.js`));
  }
});
