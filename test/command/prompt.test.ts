// What is typed at `wsfd URL` in a real pseudo-terminal: the prompt, editing, history, commands.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { startInTerminal } from '../support/command';
import type { RunningCommand } from '../support/command';
import { refusal } from '../support/connections';
import { startRawServer, switching } from '../support/raw-server';
import { Screen } from '../support/screen';
import { startWsServer } from '../support/servers';
import type { WsServer, WsServerOptions } from '../support/servers';

const skip = process.platform === 'win32' && "needs Python's pty module, which makes the terminal";

const keys = {
  up: '\x1b[A',
  home: '\x01',
  interrupt: '\x03',
  end: '\x04',
  enter: '\r',
};

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-prompt-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

interface Started {
  readonly server: WsServer;
  readonly command: RunningCommand;
  /** What is on the screen. */
  lines(): string[];
  /** Waits until these are the last lines of the screen. */
  shows(...last: readonly string[]): Promise<void>;
  /** Waits until the cursor is in this column. */
  cursorAt(column: number): Promise<void>;
}

async function start(
  t: TestContext,
  options: WsServerOptions = {},
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  columns = 80,
): Promise<Started> {
  const server = await startWsServer(options);
  t.after(() => server.close());
  const command = startInTerminal([server.url, ...args], env, columns);
  const screenOf = (stdout: string): Screen => new Screen(columns).write(stdout);
  const started: Started = {
    server,
    command,
    lines: () => screenOf(command.stdout).lines,
    shows: (...last) =>
      command.shows((stdout) => {
        const lines = screenOf(stdout).lines.slice(-last.length);
        return lines.length === last.length && lines.every((line, i) => line === last[i]);
      }),
    cursorAt: (column) => command.shows((stdout) => screenOf(stdout).cursor[1] === column),
  };
  await started.shows('>');
  return started;
}

/** Sends this from the server to the one client. */
const sendFrom = async ({ server }: Started, text: string): Promise<void> => {
  const [connection = await server.connections.next()] = server.connections.all;
  connection.socket.send(text);
};

describe('in a terminal', { skip }, () => {
  test('a line can be edited before it is sent', async (t) => {
    const { command, server } = await start(t);
    command.type(`world${keys.home}hello ${keys.enter}`);
    assert.equal(await server.messages.next(), 'hello world');
    command.type(keys.end);
    assert.equal((await command.end()).code, 0);
  });

  test('the prompt, and what is typed behind it, stay below messages that come', async (t) => {
    const started = await start(t, { echo: false });
    started.command.type('half a li');
    await started.shows('> half a li');
    await sendFrom(started, 'one');
    await started.shows('one', '> half a li');
    await sendFrom(started, 'two');
    await started.shows('one', 'two', '> half a li');
    started.command.type(`ne${keys.enter}`);
    assert.equal(await started.server.messages.next(), 'half a line');
    await started.shows('one', 'two', '> half a line', '>');
    started.command.type(keys.interrupt);
    assert.equal((await started.command.end()).code, 130);
  });

  test('also where it takes several rows, with the cursor in the first', async (t) => {
    const started = await start(t, { echo: false }, [], {}, 20);
    const typed = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLM';
    const rows = [`> ${typed.slice(0, 18)}`, typed.slice(18, 38), typed.slice(38)];
    started.command.type(typed);
    await started.shows(...rows);
    await sendFrom(started, 'one');
    await started.shows('one', ...rows);
    started.command.type(keys.home);
    await started.cursorAt(2);
    await sendFrom(started, 'two');
    await started.shows('one', 'two', ...rows);
    await started.cursorAt(2);
    started.command.type('X');
    await started.cursorAt(3);
    started.command.type(keys.enter);
    assert.equal(await started.server.messages.next(), `X${typed}`);
    started.command.type(keys.end);
    assert.equal((await started.command.end()).code, 0);
  });

  test('and where its characters take two columns each', async (t) => {
    const started = await start(t, { echo: false }, [], {}, 20);
    // One column is left in the first row, which the next character does not fit into.
    const rows = ['> a日本語日本語日本', '語日本語👍é'];
    const typed = `a日本語日本語日本語日本語👍é`;
    started.command.type(typed);
    await started.shows(...rows);
    await sendFrom(started, 'one');
    await started.shows('one', ...rows);
    await sendFrom(started, '日');
    await started.shows('one', '日', ...rows);
    started.command.type(`\x7f\x7f${keys.enter}`);
    assert.equal(await started.server.messages.next(), typed.slice(0, -3));
    started.command.type(keys.end);
    assert.equal((await started.command.end()).code, 0);
  });

  test('each of several lines that are pasted stands behind a prompt', async (t) => {
    const { command, server, shows } = await start(t, { echo: false });
    command.type(`one${keys.enter}two${keys.enter}half`);
    await shows('> one', '> two', '> half');
    for (const line of ['one', 'two']) assert.equal(await server.messages.next(), line);
    command.type(keys.interrupt);
    await command.end();
  });

  test('history goes across runs, in a file of the state folder that nobody else may read', async (t) => {
    const folder = folderOf(t);
    const env = { XDG_STATE_HOME: folder };
    const first = await start(t, {}, [], env);
    first.command.type(`one${keys.enter}two${keys.enter}${keys.end}`);
    assert.equal((await first.command.end()).code, 0);
    const file = join(folder, 'wsfd', 'history');
    assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const second = await start(t, {}, [], env);
    for (const line of ['two', 'one']) {
      second.command.type(keys.up);
      await second.shows(`> ${line}`);
    }
    second.command.type(keys.enter);
    assert.equal(await second.server.messages.next(), 'one');
    second.command.type(keys.end);
    await second.command.end();
  });

  test('what comes is in colour, and not where NO_COLOR is set', async (t) => {
    for (const [env, expected] of [
      [{}, /\x1b\[32mhello\x1b\[0m/],
      [{ NO_COLOR: '1' }, /^(?!.*\x1b\[\d*m)/s],
    ] as const) {
      const { command, shows } = await start(t, {}, [], env);
      command.type(`hello${keys.enter}`);
      await shows('> hello', 'hello', '>');
      command.type(keys.end);
      assert.match((await command.end()).stdout, expected);
    }
  });

  test('/ping', async (t) => {
    const { command, lines } = await start(t);
    command.type(`/ping${keys.enter}`);
    await command.printed('pong after');
    command.type(keys.end);
    await command.end();
    assert.ok(
      lines().some((line) => /^pong after \d+\.\d\d ms$/.test(line)),
      lines().join('\n'),
    );
  });

  test('/close with a code and a reason', async (t) => {
    const { command, server } = await start(t);
    command.type(`/close 4001 all done${keys.enter}`);
    assert.equal((await command.end()).code, 0);
    assert.deepEqual(await server.closes.next(), { code: 4001, reason: 'all done' });
  });

  test('/close with a code that cannot be sent leaves the connection open', async (t) => {
    const { command, server } = await start(t);
    command.type(`/close 1006${keys.enter}`);
    await command.printed('/close: an argument is not valid: code');
    command.type(`still here${keys.enter}`);
    assert.equal(await server.messages.next(), 'still here');
    command.type(`/close${keys.enter}`);
    assert.equal((await command.end()).code, 0);
    assert.deepEqual(await server.closes.next(), { code: 1000, reason: '' });
  });

  test('/binary sends a file as one message, and says what is wrong with one', async (t) => {
    const file = join(folderOf(t), 'a file');
    const bytes = Buffer.from([0, 10, 13, 255]);
    writeFileSync(file, bytes);
    const { command, server } = await start(t);
    command.type(`/binary ${file}.none${keys.enter}`);
    await command.printed('/binary: ENOENT');
    command.type(`/binary ${file}${keys.enter}`);
    assert.deepEqual(await server.messages.next(), bytes);
    command.type(keys.end);
    assert.equal((await command.end()).code, 0);
  });

  test('/binary of more than may wait to be sent says so, and the connection stays', async (t) => {
    const file = join(folderOf(t), 'large');
    writeFileSync(file, Buffer.alloc(64 * 2 ** 20 + 1));
    const { command, server } = await start(t);
    command.type(`/binary ${file}${keys.enter}`);
    await command.printed('WSFD_SEND_BUFFER_FULL');
    command.type(`still here${keys.enter}`);
    assert.equal(await server.messages.next(), 'still here');
    command.type(keys.end);
    assert.equal((await command.end()).code, 0);
  });

  test('/help lists the commands; // sends a /; another name is answered with the nearest', async (t) => {
    const { command, server } = await start(t);
    command.type(`/help${keys.enter}`);
    await command.printed('//TEXT');
    command.type(`/pin${keys.enter}`);
    await command.printed('the nearest one is /ping');
    command.type(`//help${keys.enter}`);
    assert.equal(await server.messages.next(), '/help');
    command.type(keys.end);
    assert.equal((await command.end()).code, 0);
  });

  test('the terminal is as it was when the command has ended', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const script = 'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo unchanged';
    const command = startInTerminal([server.url], {}, 80, ['/bin/sh', '-c', script, 'sh']);
    await command.printed('connected to');
    command.type(keys.interrupt);
    await command.printed('unchanged');
    await command.end();
  });

  test('--json and --binary have no prompt, and no colours', async (t) => {
    for (const option of ['--json', '--binary']) {
      const server = await startWsServer();
      t.after(() => server.close());
      const command = startInTerminal([server.url, option]);
      await command.shows((stdout) => /connected to|"open"/.test(stdout));
      command.type(keys.interrupt);
      assert.doesNotMatch((await command.end()).stdout, /\x1b|^> /m);
    }
  });

  test('--reconnect goes on after a loss, and Ctrl-C ends a pause', async (t) => {
    let asked = 0;
    const server = await startRawServer({
      answer: (request) =>
        ++asked <= 2 ? switching(request) : refusal('503 Busy', ['Retry-After: 60']),
    });
    t.after(() => server.close());
    const command = startInTerminal([server.url, '--reconnect']);
    for (const count of [1, 2]) {
      const connection = await server.connections.next();
      await command.shows((stdout) => stdout.split('connected to').length === count + 1);
      connection.reset();
      await command.shows((stdout) => stdout.split('the connection was lost').length === count + 1);
    }
    await command.printed('the next attempt is in 60.0 s');
    command.type(`to nobody${keys.enter}`);
    await command.printed('not sent: there is no connection');
    command.type(keys.interrupt);
    assert.equal((await command.end()).code, 130);
  });
});
