// The command in a real pseudo-terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { startInTerminal } from '../support/command';
import { startWsServer } from '../support/servers';

const plain = (text: string): string => text.replaceAll('\r\n', '\n');

test('lines that are typed are sent, and Ctrl-D closes', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const command = startInTerminal([server.url]);
  await command.printed('connected to');
  command.type('hello\n');
  assert.equal(await server.messages.next(), 'hello');
  // Once as the terminal's own echo, once as the server's.
  await command.printed('hello\r\nhello\r\n');
  command.type('\x04');
  assert.equal((await command.end()).code, 0);
  assert.equal((await server.closes.next()).code, 1000);
});

test('Ctrl-C closes in order', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const command = startInTerminal([server.url]);
  await command.printed('connected to');
  command.type('\x03');
  assert.equal((await command.end()).code, 130);
  assert.equal((await server.closes.next()).code, 1000);
});

test('a server cannot write to the terminal but text', async (t) => {
  const server = await startWsServer({
    onConnection: (socket) => {
      socket.send('\x1b]0;owned\x07\x1b[2Jtext');
      socket.close(1000, 'a\x1b[31mb');
    },
  });
  t.after(() => server.close());
  const { stdout } = await startInTerminal([server.url]).end();
  assert.match(plain(stdout), /^\\x1b\]0;owned\\x07\\x1b\[2Jtext$/m);
  assert.match(plain(stdout), /closed by the server: 1000 a\\x1b\[31mb$/m);
});

test('inspect is in colour there, and without where NO_COLOR is set', async (t) => {
  const { cert, key } = makeSelfSigned();
  const server = await startWsServer({ tls: { cert, key } });
  t.after(() => server.close());
  const { stdout, code } = await startInTerminal(['inspect', server.url]).end();
  assert.equal(code, 4);
  assert.match(stdout, /\x1b\[31m {3}SelfSignedCertificate: /);
  for (const line of plain(stdout).split('\n')) {
    assert.ok(line.replace(/\x1b\[\d+m/g, '').length <= 160, line);
  }
  const bare = await startInTerminal(['inspect', server.url], { NO_COLOR: '1' }).end();
  assert.doesNotMatch(bare.stdout, /\x1b\[/);
});

test('bench shows its progress and a bar for each percentile', async (t) => {
  const server = await startWsServer();
  t.after(() => server.close());
  const command = startInTerminal(['bench', server.url, '-c', '2', '-r', '50', '-d', '1.5']);
  await command.printed('1/1.5 s');
  const { stdout, code } = await command.end();
  assert.equal(code, 0);
  assert.match(stdout, /2 connections, opened in/);
  assert.match(stdout, /sent {6}150 /);
  assert.match(stdout, /received {2}150 /);
  assert.match(stdout, /p99\.9 +\d+\.\d+ ms .*█/);
});
