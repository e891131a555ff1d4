// A line that is cut without a word, as when a cable is pulled: neither FIN nor RST comes. Who
// notices, when, and as what.
import assert from 'node:assert/strict';
import type * as ChildProcess from 'node:child_process';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { runInChild } from '../../support/child';
import { farAddress, linePossible, startLine } from '../../support/line';
import type { Line } from '../../support/line';

interface Outcome {
  result: number;
  code: string | undefined;
  syscall: string | undefined;
  errno: number | undefined;
  address: string | undefined;
  seconds: number;
  /** True: before a wait of 1.5 s was over, and a second one that began then. */
  beforeTwoWaits: boolean;
}

type What = 'read' | 'write and read' | 'close' | 'open' | 'flush';

/**
 * Opens a connection, echoes, cuts the line; then what a call gives, and how long after that: by the
 * clock, and by timers of the same loop, which are as late as those of the connection.
 */
async function afterCut(
  line: Line,
  url: string,
  what: What,
  options: { pingInterval?: number; pongTimeout?: number; closeTimeout?: number; timeout?: number },
): Promise<Outcome> {
  const { value, stderr, exitCode } = await runInChild(
    async ({ wsfd, load }, { to, call, given, cut: [program = '', ...parameters] }) => {
      const { spawnSync } = load('node:child_process') as typeof ChildProcess;
      const socket = await wsfd.webSocketOpen(to, given);
      wsfd.webSocketWrite(socket, 'is there');
      await wsfd.webSocketRead(socket, {});
      if (spawnSync(program, parameters).status !== 0) throw new Error('the line was not cut');
      const start = process.hrtime.bigint();
      let beforeTwoWaits = true;
      const wait = (then: () => void): unknown => setTimeout(then, 1500).unref();
      wait(() => wait(() => (beforeTwoWaits = false)));
      if (call === 'write and read') wsfd.webSocketWrite(socket, 'is lost');
      // More than the system's own buffers hold.
      if (call === 'flush') wsfd.webSocketWrite(socket, Buffer.alloc(32 * 1024 * 1024));
      let result;
      if (call === 'open') result = await wsfd.webSocketOpen(to, given);
      else if (call === 'close') result = await wsfd.webSocketClose(socket);
      else if (call === 'flush') result = await wsfd.webSocketFlush(socket);
      else result = await wsfd.webSocketRead(socket, {});
      const [error] = wsfd.getLastError();
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      wsfd.webSocketTerminate(socket);
      const { code, syscall, errno, address } = error ?? {};
      return { result, code, syscall, errno, address, seconds, beforeTwoWaits };
    },
    { to: url, call: what, given: options, cut: line.cut },
    { launcher: line.near },
  );
  assert.ok(value !== undefined && exitCode === 0, stderr);
  return value;
}

const noticed = (outcome: Outcome): unknown[] => [outcome.result, outcome.code, outcome.address];

// Together: they do little but wait.
describe(
  'a line in namespaces of its own',
  { skip: !linePossible && 'needs network namespaces of Linux, iptables and nsenter' },
  () => {
    describe('a line is cut', { concurrency: true }, () => {
      test('reading: noticed within pingInterval and pongTimeout', async (t) => {
        const line = await startLine(t);
        const outcome = await afterCut(line, await line.startEcho(), 'read', {
          pingInterval: 1,
          pongTimeout: 1,
        });
        assert.deepEqual(noticed(outcome), [-1, 'WSFD_PONG_TIMEOUT', farAddress]);
        // The last interval may have begun before the cut.
        assert.ok(outcome.seconds > 0.9, `${outcome.seconds} s`);
        assert.ok(outcome.beforeTwoWaits);
      });

      test('so it is when something was written, which TCP sends again and again', async (t) => {
        const line = await startLine(t);
        const given = { pingInterval: 1, pongTimeout: 1 };
        const outcome = await afterCut(line, await line.startEcho(), 'write and read', given);
        assert.deepEqual(noticed(outcome), [-1, 'WSFD_PONG_TIMEOUT', farAddress]);
        assert.ok(outcome.beforeTwoWaits);
      });

      for (const what of ['write and read', 'flush'] as const) {
        test(`without pingInterval, ${what}: TCP gives up in the end`, async (t) => {
          const line = await startLine(t, 3);
          const outcome = await afterCut(line, await line.startEcho(), what, {});
          assert.deepEqual(noticed(outcome), [-1, 'WSFD_CONNECTION_LOST', farAddress]);
          assert.equal(outcome.errno, -constants.errno.ETIMEDOUT);
        });
      }

      test('webSocketClose waits for closeTimeout', async (t) => {
        const line = await startLine(t);
        const outcome = await afterCut(line, await line.startEcho(), 'close', {
          closeTimeout: 0.5,
        });
        assert.deepEqual([outcome.result, outcome.code], [-1, 'WSFD_CLOSE_TIMEOUT']);
        assert.ok(outcome.seconds > 0.45, `${outcome.seconds} s`);
      });

      test('webSocketOpen waits for timeout', async (t) => {
        const line = await startLine(t);
        const outcome = await afterCut(line, await line.startEcho(), 'open', { timeout: 0.5 });
        assert.deepEqual([outcome.result, outcome.code], [-2, 'WSFD_OPEN_TIMEOUT']);
        assert.ok(outcome.seconds > 0.45, `${outcome.seconds} s`);
      });

      test('webSocketOpen without a timeout: TCP gives up in the end', async (t) => {
        const line = await startLine(t, 1);
        const outcome = await afterCut(line, await line.startEcho(), 'open', {});
        assert.deepEqual(noticed(outcome), [-1, 'WSFD_CONNECT_FAILED', farAddress]);
        assert.equal(outcome.errno, -constants.errno.ETIMEDOUT);
      });

      test('a line that is back in time has lost nothing', async (t) => {
        const line = await startLine(t);
        const { value, stderr } = await runInChild(
          async ({ wsfd, load }, { to, cut, mend }) => {
            const { spawnSync } = load('node:child_process') as typeof ChildProcess;
            const run = ([program = '', ...parameters]: readonly string[]): number | null =>
              spawnSync(program, parameters).status;
            const socket = await wsfd.webSocketOpen(to, { pingInterval: 0.2, pongTimeout: 60 });
            const results: unknown[] = [run(cut)];
            const messages = Array.from({ length: 1000 }, (_, i) => `${i}`);
            results.push(wsfd.webSocketWriteMany(socket, messages));
            // A ping is due meanwhile, and no byte comes.
            results.push(await wsfd.webSocketRead(socket, {}, 0.5));
            results.push(run(mend));
            const echoes: (string | Buffer)[] = [];
            while (echoes.length < messages.length) {
              if ((await wsfd.webSocketReadMany(socket, echoes, 60)) !== 0) break;
            }
            results.push(
              echoes.every((echo, i) => echo === messages[i]),
              echoes.length,
            );
            results.push(await wsfd.webSocketClose(socket));
            return results;
          },
          { to: await line.startEcho(), cut: line.cut, mend: line.mend },
          { launcher: line.near },
        );
        assert.deepEqual(value, [0, 0, -2, 0, true, 1000, 0], stderr);
      });
    });
  },
);
