// `wsfd URL` in pipes: what it prints, what it sends, and what it ends with.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeCertificate, makeSelfSigned } from '../support/certificates';
import { runCommand, startCommand } from '../support/command';
import { refusal } from '../support/connections';
import { close as closeFrame, opcodes, pong, text as textFrame } from '../support/frames';
import { startRawServer, switching } from '../support/raw-server';
import type { RawConnection } from '../support/raw-server';
import { startTcpServer, startWsServer } from '../support/servers';
import type { WsServer, WsServerOptions } from '../support/servers';

async function serve(t: TestContext, options: WsServerOptions = {}): Promise<WsServer> {
  const server = await startWsServer(options);
  t.after(() => server.close());
  return server;
}

const eventsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('messages', () => {
  test('each line of the input is one, and each that comes is a line', async (t) => {
    const { url } = await serve(t);
    const { code, stdout } = await runCommand([url, '--count', '3'], 'one\ntwo\r\nµ three');
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'one\ntwo\nµ three\n' });
  });

  test('JSON with U+2028 in it is one line, and so is text with CR in it', async (t) => {
    const server = await serve(t, { echo: false });
    const lines = ['{"a":"x\u2028y\u2029"}', 'a\rb', '', 'end'];
    const input = lines.map((line) => `${line}\r\n`).join('');
    const { code } = await runCommand([server.url, '--close-at-end'], input);
    assert.deepEqual({ code, sent: server.messages.all }, { code: 0, sent: lines });
  });

  test('no more than --count are printed', async (t) => {
    const { url } = await serve(t, {
      onConnection: (socket) => {
        for (const text of 'abcdef') socket.send(text);
      },
    });
    const { code, stdout } = await runCommand([url, '-n', '2']);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'a\nb\n' });
  });

  test('binary ones are shown, or printed as they are with --binary', async (t) => {
    const bytes = Buffer.from([0, 1, 10, 255]);
    const server = await serve(t, { onConnection: (socket) => socket.send(bytes) });
    const shown = await runCommand([server.url, '-n', '1']);
    assert.equal(shown.stdout, '<4 bytes: 00 01 0a ff>\n');
    const raw = startCommand([server.url, '--binary', '-n', '1']);
    const printed: Buffer[] = [];
    raw.child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    assert.equal((await raw.end()).code, 0);
    assert.deepEqual(Buffer.concat(printed), bytes);
  });

  test('--binary sends the input as binary messages', async (t) => {
    const server = await serve(t);
    const input = Buffer.from([0, 10, 13, 200]);
    const { code } = await runCommand([server.url, '--binary', '-n', '1'], input);
    assert.equal(code, 0);
    assert.deepEqual(await server.messages.next(), input);
  });

  test('a large input arrives whole, past what may wait to be sent', async (t) => {
    const server = await serve(t, { echo: false });
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'x'.repeat(100)}`);
    const done = runCommand([server.url, '--close-at-end'], lines.join('\n'));
    for (const line of lines) assert.equal(await server.messages.next(), line);
    assert.equal((await done).code, 0);
  });

  test('a reader that goes away ends it, and that is no error', async (t) => {
    const { url } = await serve(t, {
      onConnection: (socket) => {
        const timer = setInterval(() => socket.send('x'.repeat(1000)), 1);
        socket.on('close', () => {
          clearInterval(timer);
        });
      },
    });
    const command = startCommand([url]);
    await command.printed('xxx');
    command.child.stdout.destroy();
    assert.deepEqual((await command.end()).code, 0);
  });
});

test('nobody has to hear what is said of it', async (t) => {
  const { url } = await serve(t, {
    onConnection: (socket) => {
      socket.on('message', () => {
        socket.close(1000, 'heard by nobody');
      });
    },
  });
  const command = startCommand([url]);
  await command.printed('connected to');
  command.child.stderr.destroy();
  command.child.stdin.write('close\n');
  assert.equal((await command.end()).code, 0);
});

test('a message larger than all that may wait is refused, and ends it', async (t) => {
  const server = await serve(t, { echo: false });
  const tooLarge = Buffer.alloc(64 * 2 ** 20 + 1, 'x');
  const { code, stderr } = await runCommand([server.url], tooLarge);
  assert.equal(code, 7);
  assert.match(stderr, /limit: .*WSFD_SEND_BUFFER_FULL/);
  assert.equal((await server.closes.next()).code, 1000);
});

describe('the end', () => {
  test('of the input is not that of the connection, unless --close-at-end', async (t) => {
    const server = await serve(t, { echo: false });
    const command = startCommand([server.url]);
    command.child.stdin.end('question\n');
    await server.messages.next();
    const { socket } = await server.connections.next();
    socket.send('answer');
    socket.close(1000);
    assert.equal((await command.end()).stdout, 'answer\n');
    assert.equal((await runCommand([server.url, '--close-at-end'], 'x')).code, 0);
    assert.equal((await server.closes.next()).code, 1000);
  });

  test('with --close-at-end comes behind the answers to all of the input', async (t) => {
    const server = await serve(t);
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}`);
    const { code, stdout } = await runCommand([server.url, '--close-at-end'], lines.join('\n'));
    assert.deepEqual({ code, lines: stdout.trimEnd().split('\n') }, { code: 0, lines });
    assert.equal((await server.closes.next()).code, 1000);
  });

  test('with --close-at-end of a server that ends first is told as ever', async (t) => {
    const server = await serve(t, {
      echo: false,
      onConnection: (socket) => {
        socket.on('message', () => {
          socket.terminate();
        });
      },
    });
    const { code, stderr } = await runCommand([server.url, '--close-at-end'], 'x\n');
    assert.equal(code, 9);
    assert.match(stderr, /WSFD_/);
  });

  test('by the server has its code in the exit code and on stderr', async (t) => {
    for (const [close, expected] of [
      [1000, 0],
      [1001, 0],
      [1008, 9],
      [4000, 9],
    ] as const) {
      const { url } = await serve(t, {
        onConnection: (socket) => {
          socket.close(close, 'why');
        },
      });
      const { code, stderr } = await runCommand([url]);
      assert.equal(code, expected);
      assert.match(stderr, new RegExp(`closed by the server: ${close} why`));
    }
  });

  test('without a close frame is an error', async (t) => {
    const { url } = await serve(t, {
      onConnection: (socket) => {
        socket.terminate();
      },
    });
    const { code, stderr } = await runCommand([url]);
    assert.equal(code, 9);
    assert.match(stderr, /WSFD_CLOSED_ABNORMALLY/);
  });

  for (const [scheme, tls] of [
    ['ws', undefined],
    ['wss', makeSelfSigned()],
  ] as const) {
    const ends = {
      FIN: (connection: RawConnection) => connection.socket.destroy(),
      RST: (connection: RawConnection) => connection.reset(),
    };
    for (const [how, end] of Object.entries(ends)) {
      test(`by ${how} over ${scheme} is one without a close frame: 9`, async (t) => {
        const server = await startRawServer(tls === undefined ? {} : { tls });
        t.after(() => server.close());
        const command = startCommand([server.url, '--ignore-ssl-errors', 'all']);
        command.type('ready\n');
        const connection = await server.connections.next();
        await connection.frames.next();
        end(connection);
        const { code, stderr } = await command.end();
        assert.equal(code, 9, stderr);
      });
    }

    test(`an opening that ends by FIN over ${scheme} is no matter of TLS`, async (t) => {
      const server = await startTcpServer((socket) => void socket.end());
      t.after(() => server.close());
      const { code, stderr } = await runCommand([`${scheme}://127.0.0.1:${server.port}/`]);
      assert.equal(code, scheme === 'ws' ? 5 : 3, stderr);
    });
  }
});

describe('an opening that fails', () => {
  test('says why, and whose fault it is by the exit code', async (t) => {
    const gone = await startTcpServer();
    await gone.close();
    const silent = await startTcpServer();
    t.after(() => silent.close());
    const refusing = await startTcpServer((socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    });
    t.after(() => refusing.close());
    const { cert, key } = makeSelfSigned();
    const secure = await serve(t, { tls: { cert, key } });
    const cases: [string[], number, RegExp][] = [
      [[gone.url.replace(/^tcp/, 'ws')], 3, /network: .*WSFD_/],
      [[secure.url], 4, /SelfSignedCertificate/],
      [[refusing.url, '-t', '10'], 5, /403[^]*the server says: no/],
      [[silent.url, '--timeout', '0.05'], 8, /timeout: /],
      [['gopher://x/'], 2, /usage: /],
      [[secure.url, '--ignore-ssl-errors', 'Expired'], 2, /CertificateExpired/],
    ];
    for (const [args, code, text] of cases) {
      const outcome = await runCommand(args);
      assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.stderr}`);
      assert.match(outcome.stderr, text);
      assert.equal(outcome.stdout, '');
    }
  });

  test('a wrong command line says what was expected', async () => {
    for (const [args, text] of [
      [[], /a URL is expected/],
      [['ws://a/', 'ws://b/'], /one URL is expected/],
      [['ws://a/', '--cuont', '3'], /--cuont/],
      [['ws://a/', '--count', 'three'], /--count: expected a whole number of 1 or more/],
      [['ws://a/', '-H', 'no colon'], /--header: expected 'Name: value'/],
      [['ws://a/', '-H', 'X-A: 1', '-H', 'x-a : 2'], /--header: "x-a" is given twice/],
      [['ws://a/', '--cert', 'x.pem'], /--cert and --key go together/],
      [['ws://a/', '--ca', '/does/not/exist'], /--ca: ENOENT/],
      [['inspect', 'ws://a/', '--count', '1'], /--count is no option of wsfd inspect/],
    ] as const) {
      const { code, stderr } = await runCommand(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, text);
    }
  });
});

describe('options', () => {
  test('headers, subprotocols and compression reach the server', async (t) => {
    const server = await serve(t, {
      settings: { handleProtocols: () => 'v2', perMessageDeflate: true },
    });
    const args = ['-H', 'X-Plant: 7', '-H', 'Authorization: Basic eDp5'];
    const { stderr } = await runCommand(
      [server.url, ...args, '-s', 'v1', '-s', 'v2', '--compress', '-n', '1'],
      'x\n',
    );
    assert.match(stderr, /subprotocol v2/);
    const { request } = await server.connections.next();
    assert.equal(request.headers['x-plant'], '7');
    assert.equal(request.headers.authorization, 'Basic eDp5');
    assert.equal(request.headers['sec-websocket-protocol'], 'v1, v2');
    assert.match(String(request.headers['sec-websocket-extensions']), /permessage-deflate/);
  });

  test('a header may have any name', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const names = ['__proto__', 'constructor', 'toString'];
    const command = startCommand([server.url, ...names.flatMap((name) => ['-H', `${name}: own`])]);
    const connection = await server.connections.next();
    for (const name of names) {
      assert.ok(connection.request.head.includes(`\r\n${name}: own\r\n`), name);
    }
    connection.send(closeFrame(1000));
    assert.equal((await command.end()).code, 0);
  });

  test('certificates: a root, a list of errors, one of our own', async (t) => {
    const root = makeCertificate({ subject: 'Root', ca: true });
    const own = makeCertificate({ issuer: root, extendedKeyUsage: ['clientAuth'] });
    const { cert, key } = makeSelfSigned();
    const server = await serve(t, { tls: { cert, key, ca: root.cert, requestCert: true } });
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-command-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const fileOf = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const identity = ['--cert', fileOf('own.pem', own.cert), '--key', fileOf('key.pem', own.key)];
    for (const trust of [
      ['--ca', fileOf('ca.pem', cert)],
      ['--ignore-ssl-errors', 'all'],
      ['--ignore-ssl-errors', 'all'],
    ]) {
      const { stdout, code } = await runCommand([server.url, ...trust, ...identity, '-n1'], 'x');
      assert.deepEqual({ stdout, code }, { stdout: 'x\n', code: 0 });
      assert.notEqual((await server.tls.handshakes.next()).clientCertificate, undefined);
    }
  });

  test('--json makes each event a line', async (t) => {
    const { url } = await serve(t, {
      onConnection: (socket) => {
        socket.send('text\nof two lines');
        socket.send(Buffer.from([1, 2]));
        socket.close(4001, 'bye');
      },
    });
    const { stdout, stderr } = await runCommand([url, '--json']);
    const [open, ...rest] = eventsOf(stdout);
    assert.equal(open?.['event'], 'open');
    assert.equal(open['url'], url);
    assert.deepEqual(rest, [
      { event: 'message', type: 'text', data: 'text\nof two lines' },
      { event: 'message', type: 'binary', base64: 'AQI=' },
      { event: 'close', code: 4001, reason: 'bye' },
    ]);
    assert.equal(stderr, '');
    const [error] = eventsOf((await runCommand(['ws://127.0.0.1:1/', '--json'])).stdout);
    assert.deepEqual([error?.['event'], error?.['category']], ['error', 'network']);
  });

  test('--json leaves no control character of a message as it is', async (t) => {
    const text = String.fromCharCode(...Array.from({ length: 0xa1 }, (_, i) => i));
    const { url } = await serve(t, { onConnection: (socket) => socket.send(text) });
    const { stdout } = await runCommand([url, '--json', '-n', '1']);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.equal(eventsOf(stdout)[1]?.['data'], text);
  });

  test('--help fits a screen, for each subcommand', async () => {
    for (const args of [[], ['inspect'], ['bench']]) {
      const { stdout, code } = await runCommand([...args, '--help']);
      assert.equal(code, 0);
      const lines = stdout.trimEnd().split('\n');
      assert.ok(lines.length <= 24, `${lines.length} lines`);
      for (const line of lines) assert.ok(line.length <= 80, line);
    }
  });

  test('--version is the package’s', async () => {
    const { version } = JSON.parse(
      await new Promise<string>((resolve) =>
        execFile(
          process.execPath,
          ['-p', 'JSON.stringify(require("wsfd/package.json"))'],
          {
            cwd: __dirname,
          },
          (_error, stdout) => {
            resolve(stdout);
          },
        ),
      ),
    ) as { version: string };
    assert.equal((await runCommand(['--version'])).stdout, `wsfd ${version}\n`);
  });
});

describe('--reconnect', () => {
  test('goes on after a loss; what is piped in goes out on the next connection', async (t) => {
    let count = 0;
    const server = await serve(t, {
      echo: false,
      onConnection: (socket) => {
        if (++count === 1) socket.once('message', () => socket.terminate());
        else socket.on('message', (data: Buffer) => socket.send(data.toString()));
      },
    });
    const command = startCommand([server.url, '--reconnect', '--json', '--count', '2']);
    command.child.stdin.write('one\n');
    await command.printed('"event":"retry"');
    command.child.stdin.write('two\n');
    command.child.stdin.write('three\n');
    const { code, stdout } = await command.end();
    assert.equal(code, 0);
    const events = eventsOf(stdout);
    const names = events.map(({ event }) => event).filter((event) => event !== 'message');
    assert.deepEqual(names, ['open', 'error', 'retry', 'open']);
    const texts = events.filter(({ event }) => event === 'message').map(({ data }) => data);
    assert.deepEqual(texts, ['two', 'three']);
  });

  test('the first attempt is repeated too, and what is not retryable ends it', async (t) => {
    let asked = 0;
    const server = await startRawServer({
      answer: () => refusal(++asked === 1 ? '503 Busy' : '403 Forbidden'),
    });
    t.after(() => server.close());
    const { code, stderr } = await runCommand([server.url, '--reconnect']);
    assert.equal(code, 5);
    assert.match(stderr, /HTTP 503 .*\nthe next attempt is in \d\.\d s\n.*HTTP 403 /);
  });

  test('a server that closes in order is told, and connected to again', async (t) => {
    const server = await serve(t, {
      onConnection: (socket) => {
        if (server.connections.all.length === 0) socket.close(1001, 'restart');
        else socket.send('again');
      },
    });
    const { code, stdout, stderr } = await runCommand([server.url, '--reconnect', '-n', '1']);
    assert.deepEqual([code, stdout], [0, 'again\n']);
    assert.match(stderr, /closed by the server: 1001 restart\nthe next attempt is in /);
  });

  test('with --close-at-end, a loss before the pong leaves the end to the next one', async (t) => {
    const server = await startRawServer();
    t.after(() => server.close());
    const outcome = runCommand([server.url, '--reconnect', '--close-at-end'], 'x\n');
    const lost = await server.connections.next();
    await lost.next(opcodes.ping);
    lost.reset();
    const connection = await server.connections.next();
    const { payload } = await connection.next(opcodes.ping);
    connection.send(textFrame('late'), pong(payload));
    assert.equal(await connection.nextCloseCode(), 1000);
    const { code, stdout } = await outcome;
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'late\n' });
  });
});

describe('--quiet-for', () => {
  test('ends it in order after so much silence', async (t) => {
    const server = await serve(t, { echo: false });
    const { code } = await runCommand([server.url, '--quiet-for', '0.2'], 'one\n');
    assert.equal(code, 0);
    assert.equal(await server.messages.next(), 'one');
    assert.equal((await server.closes.next()).code, 1000);
  });

  test('with --reconnect it ends a pause, too', async (t) => {
    let asked = 0;
    const server = await startRawServer({
      answer: (request) =>
        ++asked === 1 ? switching(request) : refusal('503 Busy', ['Retry-After: 3600']),
    });
    t.after(() => server.close());
    const command = startCommand([server.url, '--reconnect', '--quiet-for', '1.5']);
    await command.printed('connected to');
    (await server.connections.next()).reset();
    assert.equal((await command.end()).code, 0);
  });

  test('a number of seconds is asked for', async () => {
    const { code, stderr } = await runCommand(['ws://127.0.0.1:1/', '--quiet-for', 'long']);
    assert.equal(code, 2);
    assert.match(stderr, /--quiet-for: expected a number of 0.001 or more, got "long"/);
  });
});
