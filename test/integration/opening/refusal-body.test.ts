// A refusal is told once its head has come and its body has had a moment, also where the body never
// ends. The servers here hold it open for ever: what does not settle by itself hangs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { getLastError, webSocketOpen } from 'wsfd';
import type { OpenOptions, WebSocketError } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';
import { close, fails, open } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import { runInThread } from '../../support/child';
import { runCommand } from '../../support/command';
import { bodies, bodyNames, startEndlessServer } from '../../support/endless-server';
import type { BodyName, EndlessOptions } from '../../support/endless-server';
import { response, startRawServer } from '../../support/raw-server';
import { startWsServer } from '../../support/servers';

const statuses = [200, 302, 401, 407, 503];
const tls = makeCertificate({ san: ['DNS:localhost'] });
const trust: OpenOptions = { caCertificates: tls.cert };

async function start(t: TestContext, options: EndlessOptions): Promise<string> {
  const server = await startEndlessServer(options);
  t.after(() => server.close());
  return server.url;
}

type Known = Pick<WebSocketError, 'code' | 'httpStatus' | 'httpHeaders' | 'httpBody'>;

function checkRefusal(error: Known, body: BodyName, status: number): void {
  const { headers, first, more } = bodies[body];
  assert.deepEqual([error.code, error.httpStatus], ['WSFD_HANDSHAKE_REFUSED', status]);
  checkAnswer(error, headers, first, more);
}

function checkAnswer(error: Known, headers: object, first: string, more: string): void {
  for (const [name, value] of Object.entries(headers)) {
    assert.equal(error.httpHeaders?.[name.toLowerCase()], String(value));
  }
  // Of what comes later some may have come.
  const { httpBody = '' } = error;
  assert.equal(httpBody.slice(0, first.length), first);
  assert.equal(httpBody.slice(first.length).replaceAll(more, ''), '');
}

for (const body of bodyNames) {
  describe(body, () => {
    test('each status: webSocketOpen, ws and wss', async (t) => {
      const code = 'WSFD_HANDSHAKE_REFUSED';
      const refused = async (status: number, secure: boolean): Promise<void> => {
        const url = await start(t, { body, status, ...(secure ? { tls } : {}) });
        const call = () => webSocketOpen(url, secure ? trust : {});
        checkRefusal(await fails(call, code), body, status);
      };
      await Promise.all(
        statuses.flatMap((status) => [refused(status, false), refused(status, true)]),
      );
    });

    test('less is left of the timeout, and it is no timeout', async (t) => {
      const url = await start(t, { body, status: 401 });
      let error: WebSocketError | undefined;
      let result = -2;
      // (a head that takes so long is a timeout, and this machine may be busy)
      for (let i = 0; i < 20 && result === -2; i++) {
        result = await webSocketOpen(url, { timeout: 0.2 });
        [error] = getLastError();
      }
      checkRefusal(error ?? assert.fail(), body, 401);
    });

    test('each status: class WebSocket', async (t) => {
      const refused = async (status: number): Promise<void> => {
        const socket = new WebSocket(await start(t, { body, status }));
        const seen: string[] = [];
        let error: Known | undefined;
        await new Promise<void>((resolve) => {
          socket.onerror = (event) => {
            seen.push(event.type);
            error = event.error;
          };
          socket.onclose = (event) => {
            seen.push(event.type);
            resolve();
          };
        });
        assert.deepEqual(seen, ['error', 'close']);
        checkRefusal(error ?? assert.fail(), body, status);
      };
      await Promise.all(statuses.map(refused));
    });

    test('each status: webSocketOpenSync', async (t) => {
      const urls = await Promise.all(statuses.map((status) => start(t, { body, status })));
      const secure = await start(t, { body, status: 401, tls });
      const results = await runInThread(
        ({ wsfd }, given) =>
          given.map(([url, options]) => {
            const returned = wsfd.webSocketOpenSync(url, options);
            const [error] = wsfd.getLastError();
            const { code, httpStatus, httpHeaders, httpBody } = error ?? {};
            return { returned, code, httpStatus, httpHeaders, httpBody } as Known & {
              returned: number;
            };
          }),
        [...urls.map((url) => [url, {}] as const), [secure, trust] as const],
      );
      [...statuses, 401].forEach((status, i) => {
        const result = results[i] ?? assert.fail();
        assert.equal(result.returned, -1);
        checkRefusal(result, body, status);
      });
    });

    test('the command', async (t) => {
      for (const [status, secure] of [
        [401, false],
        [503, true],
      ] as const) {
        const url = await start(t, { body, status, ...(secure ? { tls } : {}) });
        const { code, stderr } = await runCommand([url, '--ignore-ssl-errors', 'all']);
        assert.equal(code, 5, stderr);
        assert.match(stderr, new RegExp(`HTTP ${status} `));
        assert.ok(stderr.includes(`the server says: ${bodies[body].first.trim()}`), stderr);
      }
    });

    test('of a proxy, http and https', async (t) => {
      const refused = async ([status, secure]: readonly [number, boolean]): Promise<void> => {
        const url = await start(t, { body, status, ...(secure ? { tls } : {}) });
        const given = { proxy: url.replace(/^ws/, 'http'), ...trust };
        // (a redirect of a proxy's is not followed)
        const call = () => webSocketOpen('ws://127.0.0.1:9/', { ...given, followRedirects: 3 });
        const error = await fails(call, 'WSFD_PROXY_REFUSED');
        assert.equal(error.httpStatus, status);
        const { headers, first, more } = bodies[body];
        checkAnswer(error, headers, first, more);
      };
      const cases = [302, 407, 503].flatMap((status) => [
        [status, false] as const,
        [status, true] as const,
      ]);
      await Promise.all(cases.map(refused));
    });

    test('a redirect is followed on its head alone', async (t) => {
      const target = await startWsServer();
      t.after(() => target.close());
      const headers = { Location: target.url };
      const url = await start(t, { body, status: 302, headers });
      // At least one of ten takes less than the moment that a body is given.
      const took: number[] = [];
      for (let i = 0; i < 10; i++) {
        const begun = performance.now();
        const socket = await open(url, { followRedirects: 1 });
        took.push(performance.now() - begun);
        await close(socket);
      }
      assert.ok(Math.min(...took) < 250, took.join(' '));
    });
  });
}

test('a body that comes in time, and takes long to be asked for', async (t) => {
  const server = await startRawServer({
    answer: (_request, { socket }) => {
      socket.write(response('503 Busy', ['Content-Length: 8'], 'half'));
      // Both halves have come when the client looks, and so has the end of its timer.
      const answerAndBlock = (): void => {
        socket.write('half');
        const until = performance.now() + 500;
        while (performance.now() < until);
      };
      // (behind an immediate the loop runs timers before it looks for input)
      setTimeout(() => setImmediate(answerAndBlock), 20);
      return undefined;
    },
  });
  t.after(() => server.close());
  const error = await fails(() => webSocketOpen(server.url), 'WSFD_HANDSHAKE_REFUSED');
  assert.equal(error.httpBody, 'halfhalf');
});

for (const secure of [false, true]) {
  test(`a refusal whose body is cut off by RST, ${secure ? 'wss' : 'ws'}`, async (t) => {
    const server = await startRawServer({
      ...(secure ? { tls } : {}),
      answer: (_request, connection) => {
        const refusal = response('401 No', ['Content-Length: 100'], 'half');
        // (together with the data some systems report it as an end of the stream)
        connection.socket.write(refusal, () => setTimeout(() => connection.reset(), 20));
        return undefined;
      },
    });
    t.after(() => server.close());
    const call = () => webSocketOpen(server.url, secure ? trust : {});
    const error = await fails(call, 'WSFD_HANDSHAKE_REFUSED');
    const { httpStatus, httpBody, errno, retryable } = error;
    assert.deepEqual([httpStatus, httpBody, errno, retryable], [401, 'half', undefined, false]);
  });
}
