// The command in a real pseudo-terminal.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeCertificate, makeSelfSigned } from '../support/certificates';
import { startInTerminal } from '../support/command';
import { Screen } from '../support/screen';
import { startWsServer } from '../support/servers';

const linesOf = (stdout: string): string[] => new Screen().write(stdout).lines;
const plain = (text: string): string => text.replaceAll('\r\n', '\n');

/** The line that the table of certificates begins in. */
const tableAt = (text: string): number =>
  text.split('\n').findIndex((line) => /^ +subject +issued by/.test(line));

const skip = process.platform === 'win32' && "needs Python's pty module, which makes the terminal";

describe('in a terminal', { skip }, () => {
  test('lines that are typed are sent, and Ctrl-D closes', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const command = startInTerminal([server.url]);
    await command.printed('connected to');
    command.type('hello\n');
    assert.equal(await server.messages.next(), 'hello');
    // Once behind the prompt, once as the server's.
    await command.shows((stdout) => linesOf(stdout).join('|').includes('> hello|hello|>'));
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

  for (const options of [[], ['--binary']]) {
    test(`a server cannot write to the terminal but text: ${options.join(' ')}`, async (t) => {
      const server = await startWsServer({
        onConnection: (socket) => {
          socket.send('\x1b]0;owned\x07\x1b[2Jtext\u009b31m');
          socket.send(Buffer.from('\x1b[31m'));
          socket.close(1000, 'a\x1b[31mb');
        },
      });
      t.after(() => server.close());
      const { stdout } = await startInTerminal([server.url, ...options]).end();
      const shown = linesOf(stdout).join('\n');
      assert.match(shown, /^\\x1b\]0;owned\\x07\\x1b\[2Jtext\\x9b31m$/m);
      assert.match(shown, /^<5 bytes: 1b 5b 33 31 6d>$/m);
      assert.match(shown, /closed by the server: 1000 a\\x1b\[31mb$/m);
    });
  }

  test('inspect is in colour there, and without where NO_COLOR is set', async (t) => {
    const { cert, key } = makeSelfSigned();
    const server = await startWsServer({ tls: { cert, key } });
    t.after(() => server.close());
    const { stdout, code } = await startInTerminal(['inspect', server.url]).end();
    assert.equal(code, 4);
    assert.match(stdout, /\x1b\[31m {3}SelfSignedCertificate: /);
    const bare = await startInTerminal(['inspect', server.url], { NO_COLOR: '1' }).end();
    assert.doesNotMatch(bare.stdout, /\x1b\[/);
  });

  test('the table of certificates fits the terminal', async (t) => {
    const { cert, key } = makeCertificate({ subject: `gateway-${'7'.repeat(50)}` });
    const server = await startWsServer({ tls: { cert, key } });
    t.after(() => server.close());
    const { stdout } = await startInTerminal(['inspect', server.url], { NO_COLOR: '1' }).end();
    const [head = '', row = ''] = plain(stdout)
      .split('\n')
      .slice(tableAt(plain(stdout)));
    assert.match(
      row,
      /^ {3}0 {2}CN=gateway-7+… {2}CN=gateway-7+… {2}[\d-]{10} {2}[\d-]{10} {2}\d+ days left$/,
    );
    assert.ok(head.length <= 80 && row.length <= 80, row);
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

  test('bench on a narrow terminal keeps each line within it', async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const args = ['bench', server.url, '-c', '2', '-r', '50', '-d', '2.1'];
    const { stdout } = await startInTerminal(args, { NO_COLOR: '1' }, 40).end();
    for (const line of stdout.replaceAll('\x1b[K', '').split(/[\r\n]+/)) {
      assert.ok(line.length <= 40, line);
    }
    assert.match(stdout, /^ {10}[▁▂▃▄▅▆▇█]{2}\r$/m);
  });
});
