// Ctrl-C at `wsfd URL` in pipes: exit code 130, with the connection closed in order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { startCommand } from '../support/command';
import { text } from '../support/frames';
import { startRawServer } from '../support/raw-server';
import { startTcpServer } from '../support/servers';

const skip =
  process.platform === 'win32' && 'Windows has no signal that one process could send another';

describe('Ctrl-C', { skip }, () => {
  test('closes the connection in order', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const command = startCommand([server.url]);
    await command.printed('connected to');
    command.child.kill('SIGINT');
    assert.equal((await command.end()).code, 130);
    assert.equal(await (await server.connections.next()).nextCloseCode(), 1000);
  });

  test('does not wait for a reader that does not read', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const command = startCommand([server.url]);
    command.child.stdout.pause();
    const connection = await server.connections.next();
    // More than a pipe takes.
    await connection.sendAndWait(text('x'.repeat(8 * 2 ** 20)), text('never printed'));
    const exit = once(command.child, 'exit');
    command.child.kill('SIGINT');
    assert.equal(await connection.nextCloseCode(), 1000);
    assert.deepEqual(await exit, [130, null]);
    command.child.stdout.resume();
    assert.doesNotMatch((await command.end()).stdout, /never/);
  });

  test('ends an opening, too', async (t) => {
    const server = await startTcpServer();
    t.after(() => server.close());
    const command = startCommand([server.url]);
    await server.connections.next();
    command.child.kill('SIGINT');
    assert.deepEqual(await command.end(), { code: 130, signal: null, stdout: '', stderr: '' });
  });
});
