// No free descriptor: a code of its own, and nothing that stays broken.
import assert from 'node:assert/strict';
import type * as Fs from 'node:fs';
import { describe, test } from 'node:test';
import { runInChild } from '../../support/child';
import { startWsServer } from '../../support/servers';

// The limit is set by a POSIX shell.
describe(
  'with a limit on open files',
  { skip: process.platform === 'win32' && 'Windows has no ulimit' },
  () => {
    test('with few free descriptors a name lookup that fails says so', async (t) => {
      const server = await startWsServer();
      t.after(() => server.close());
      const { value, stderr } = await runInChild(
        async ({ wsfd, load }, url) => {
          const { closeSync, openSync } = load('node:fs') as typeof Fs;
          // What stays for the life of the process is made before.
          await wsfd.webSocketClose(await wsfd.webSocketOpen(url));
          const seen = new Set<string>();
          for (const free of [0, 1, 2, 3, 4, 5, 6, 8, 10, 12]) {
            const files: number[] = [];
            try {
              for (;;) files.push(openSync('/dev/null', 'r'));
            } catch {
              // There is none left.
            }
            for (const file of files.splice(0, free)) closeSync(file);
            const attempts = Array.from({ length: 20 }, async () => {
              const socket = await wsfd.webSocketOpen(url);
              const [error] = wsfd.getLastError();
              seen.add(socket >= 0 ? 'open' : String(error?.code));
              return socket;
            });
            const open = (await Promise.all(attempts)).filter((socket) => socket >= 0);
            await Promise.all(open.map((socket) => wsfd.webSocketClose(socket)));
            for (const file of files) closeSync(file);
          }
          return [...seen].sort();
        },
        server.url.replace('127.0.0.1', 'localhost'),
        { maxFiles: 80 },
      );
      assert.deepEqual(value, ['WSFD_NO_FREE_SOCKETS', 'open'], stderr);
    });

    test('a lookup that fails with fewer free descriptors than lookups need', async () => {
      const { value, stderr } = await runInChild(
        async ({ wsfd, load }, url) => {
          const { closeSync, openSync } = load('node:fs') as typeof Fs;
          await wsfd.webSocketOpen(url);
          const codes: (string | undefined)[] = [];
          for (const free of [0, 1, 2, 10, 40]) {
            const files: number[] = [];
            try {
              for (;;) files.push(openSync('/dev/null', 'r'));
            } catch {
              // There is none left.
            }
            for (const file of files.splice(0, free)) closeSync(file);
            await wsfd.webSocketOpen(url);
            codes.push(wsfd.getLastError()[0]?.code);
            for (const file of files) closeSync(file);
          }
          return codes;
        },
        'ws://no-such-host.invalid/',
        { maxFiles: 80 },
      );
      const without = Array<string>(4).fill('WSFD_NO_FREE_SOCKETS');
      assert.deepEqual(value, [...without, 'WSFD_NAME_NOT_RESOLVED'], stderr);
    });

    for (const host of ['127.0.0.1', 'localhost']) {
      test(`without a free descriptor for ${host}: -1, until some are closed`, async (t) => {
        const server = await startWsServer();
        t.after(() => server.close());
        const { value, exitCode, stderr } = await runInChild(
          async ({ wsfd }, url) => {
            const open: number[] = [];
            let socket = await wsfd.webSocketOpen(url);
            for (; socket >= 0; socket = await wsfd.webSocketOpen(url)) open.push(socket);
            const errors = wsfd.getLastError().map(({ code, category, errno }) => ({
              code,
              category,
              hasErrno: typeof errno === 'number',
            }));
            const atOnce = await Promise.all(
              Array.from({ length: 20 }, async () => {
                const result = await wsfd.webSocketOpen(url);
                return `${result} ${wsfd.getLastError()[0]?.code ?? ''}`;
              }),
            );
            const freed = open.splice(0, 5);
            const closed = await Promise.all(freed.map((it) => wsfd.webSocketClose(it)));
            const reopened = await wsfd.webSocketOpen(url);
            const data: { value?: string | Buffer } = {};
            wsfd.webSocketWrite(reopened, 'works again');
            await wsfd.webSocketRead(reopened, data);
            open.push(reopened);
            await Promise.all(open.map((it) => wsfd.webSocketClose(it)));
            return { errors, atOnce: [...new Set(atOnce)], closed, data, count: open.length };
          },
          server.url.replace('127.0.0.1', host),
          { maxFiles: 60 },
        );
        assert.equal(exitCode, 0, stderr);
        assert.ok(value !== undefined && value.count > 5 && value.count < 60, stderr);
        const { errors, atOnce, closed, data } = value;
        assert.deepEqual(errors[0], {
          code: 'WSFD_NO_FREE_SOCKETS',
          category: 'limit',
          hasErrno: true,
        });
        assert.deepEqual(atOnce, ['-1 WSFD_NO_FREE_SOCKETS']);
        assert.deepEqual(closed, [0, 0, 0, 0, 0]);
        assert.deepEqual(data, { value: 'works again' });
      });
    }
  },
);
