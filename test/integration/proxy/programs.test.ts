// squid and dante-server, as plants run them: credentials that are right, wrong and missing, TLS to
// the target, messages of many sizes through the tunnel, and a target that is not there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { webSocketOpen, webSocketReadMany, webSocketWriteMany } from 'wsfd';
import type { Message, OpenOptions, WebSocketError } from 'wsfd';
import { close, fails, ok, open } from '../../support/calls';
import { makeCertificate } from '../../support/certificates';
import type { Fixture } from '../../support/fixture';
import { without } from '../../support/programs';
import { danteCredentials, withoutDante, startDante, startSquid } from '../../support/proxies';
import { randomMessages } from '../../support/random-messages';
import { startWsServer } from '../../support/servers';

const root = makeCertificate({ subject: 'Proxy Programs', ca: true });
const { cert, key } = makeCertificate({ issuer: root, san: ['DNS:localhost'] });
const trust: OpenOptions = { caCertificates: root.cert };
const messages: Message[] = [...randomMessages(500, 1), 'x'.repeat(2 ** 20), Buffer.alloc(2 ** 21)];

async function echoAll(url: string, proxy: string): Promise<void> {
  const socket = await open(url, { proxy, ...trust });
  await ok(webSocketWriteMany(socket, messages));
  const echoes: Message[] = [];
  while (echoes.length < messages.length) await ok(webSocketReadMany(socket, echoes, 60));
  assert.deepEqual(echoes, messages);
  await close(socket);
}

interface Program {
  name: string;
  skip: string | false;
  scheme: string;
  start: () => Promise<Fixture>;
  user: readonly [string, string];
  /** The errors for credentials that are wrong, that are missing, and for a closed port. */
  wrong: (error: WebSocketError) => void;
  missing: (error: WebSocketError) => void;
  unreachable: (error: WebSocketError) => void;
}

const asks = (error: WebSocketError): void => {
  assert.equal(error.httpStatus, 407);
  assert.equal(error.httpHeaders?.['proxy-authenticate'], 'Basic realm="plant"');
  assert.match(error.message, /HTTP 407 Proxy Authentication Required; .*"Basic"/);
};

const programs: Program[] = [
  {
    name: 'squid',
    skip: without('squid'),
    scheme: 'http:',
    start: () => startSquid(['ka rl', 'ge:heim']),
    user: ['ka rl', 'ge:heim'],
    wrong: asks,
    missing: asks,
    unreachable: (error) => assert.equal(error.httpStatus, 503),
  },
  {
    name: 'dante',
    skip: withoutDante(),
    scheme: 'socks5:',
    start: startDante,
    user: danteCredentials,
    wrong: (error) => assert.match(error.message, /refused the user name or password/),
    missing: (error) => assert.match(error.message, /authentication/),
    unreachable: (error) => assert.match(error.message, /SOCKS reply 5, connection refused/),
  },
];

for (const { name, skip, scheme, start, user, ...errors } of programs) {
  describe(name, { skip }, () => {
    let proxy: Fixture | undefined;
    before(async () => (proxy = await start()));
    after(() => proxy?.close());
    const urlOf = (credentials?: readonly [string, string]): string => {
      const encoded = credentials?.map(encodeURIComponent).join(':');
      return `${scheme}//${encoded === undefined ? '' : `${encoded}@`}${proxy?.url ?? ''}`;
    };

    for (const secure of [false, true]) {
      test(`messages there and back over ${secure ? 'wss' : 'ws'}`, async (t) => {
        const server = await startWsServer(secure ? { tls: { cert, key } } : {});
        t.after(() => server.close());
        await echoAll(server.url, urlOf(user));
      });
    }

    test('credentials that are wrong or missing, and a target that is not there', async (t) => {
      const server = await startWsServer();
      t.after(() => server.close());
      const refused = async (given: string): Promise<WebSocketError> => {
        const error = await fails(
          () => webSocketOpen(server.url, { proxy: given }),
          'WSFD_PROXY_REFUSED',
        );
        assert.doesNotMatch(JSON.stringify([error.message, error]), /rl:|falsch|heim/);
        return error;
      };
      errors.wrong(await refused(urlOf([user[0], 'falsch'])));
      errors.missing(await refused(urlOf()));
      assert.deepEqual(server.connections.all, []);
      await server.close();
      errors.unreachable(await refused(urlOf(user)));
    });
  });
}
