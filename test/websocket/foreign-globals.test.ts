// Globals of another implementation, as the environments of test runners have them (jsdom): all of
// them or some, since those environments leave out different ones. The class works, on Node's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as Wsfd from 'wsfd/websocket';
import { runInChild } from '../support/child';
import type { Inside } from '../support/child';
import { startTcpServer, startWsServer } from '../support/servers';
import { isPlatform } from '../support/websocket';

interface Argument {
  path: string;
  url: string;
  /** Nobody listens there. */
  closed: string;
}

/** What a program sees of sockets that echo, fail, and are given up by a signal. */
async function useSockets({ wsfd, load }: Inside, argument: Argument): Promise<unknown> {
  const { path, url, closed } = argument;
  const { WebSocket, MessageEvent, CloseEvent, ErrorEvent } = load(path) as typeof Wsfd;
  const classes = { open: undefined, message: MessageEvent, close: CloseEvent, error: ErrorEvent };

  /** Runs a socket until it is closed. */
  const run = async (to: string, signal?: AbortSignal): Promise<unknown[]> => {
    const seen: unknown[] = [];
    const socket = new WebSocket(to, [], signal === undefined ? {} : { signal });
    for (const type of ['open', 'message', 'error', 'close'] as const) {
      socket.addEventListener(type, (event: Event) => {
        const isOwn = event instanceof (classes[type] ?? Object);
        const isHere = event.target === socket && event.currentTarget === socket;
        seen.push([event.type, isOwn, isHere, event.eventPhase]);
      });
    }
    socket.onopen = () => socket.send('x');
    socket.onmessage = ({ data }) => {
      seen.push(data);
      socket.close(1000, 'bye');
    };
    socket.onerror = ({ error }) => seen.push(error.code, error.cause);
    const end = await new Promise<Wsfd.CloseEvent>((resolve) => (socket.onclose = resolve));
    return [...seen, [end.code, end.reason, end.wasClean]];
  };

  const aborted = new AbortController();
  aborted.abort('before');
  const later = new AbortController();
  const opening = run(url, later.signal);
  later.abort('after');
  // (a signal that is never aborted)
  const echoed = await run(url, new AbortController().signal);
  const failed = (await run(closed)).filter((one) => one !== undefined);
  const given = [await run(url, aborted.signal), await opening];
  const { signal } = new AbortController();
  const opened = await wsfd.webSocketOpen(url, { signal });
  wsfd.webSocketTerminate(opened);
  const refused = await wsfd.webSocketOpen(url, { signal: aborted.signal });
  const [error] = wsfd.getLastError();
  return { echoed, failed, given, opened: opened >= 0, refused, code: error?.code };
}

const event = (type: string): unknown[] => [type, true, true, 2];
const abnormal = [event('close'), [1006, '', false]];
const expected = {
  echoed: [event('open'), event('message'), 'x', event('close'), [1000, 'bye', true]],
  failed: [event('error'), 'WSFD_CONNECT_FAILED', ...abnormal],
  given: [
    [event('error'), 'WSFD_ABORTED', 'before', ...abnormal],
    [event('error'), 'WSFD_ABORTED', 'after', ...abnormal],
  ],
  opened: true,
  refused: -1,
  code: 'WSFD_ABORTED',
};

const messages = ['MessageEvent', 'CloseEvent', 'ErrorEvent'];
const signals = ['AbortController', 'AbortSignal'];
const all = ['Event', 'EventTarget', ...signals, ...messages];

const replacements: [names: string[], env?: NodeJS.ProcessEnv][] = [
  [all],
  [['Event']],
  [['EventTarget']],
  [['Event', 'EventTarget']],
  [signals],
  [messages],
  [all, { WSFD_TEST_OLD_NODE: '1' }],
  [['Event', 'EventTarget'], { WSFD_TEST_OLD_NODE: '1' }],
];

for (const [names, env = {}] of replacements) {
  const old = 'WSFD_TEST_OLD_NODE' in env ? ', Node before 18.11' : '';
  test(`another ${names.join(', ')}${old}`, { skip: isPlatform }, async (t) => {
    const server = await startWsServer();
    t.after(() => server.close());
    const gone = await startTcpServer();
    await gone.close();
    const path = require.resolve('wsfd/websocket');
    const { value, exitCode, stderr } = await runInChild(
      useSockets,
      { path, url: server.url, closed: gone.url },
      {
        execArgv: ['--require', require.resolve('../support/foreign-globals')],
        env: { ...env, WSFD_TEST_FOREIGN_GLOBALS: names.join() },
      },
    );
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.deepEqual(value, expected);
  });
}

/** What a program reads from events that it makes itself. */
function makeEvents({ load }: Inside, { path }: { path: string }): unknown[] {
  const { MessageEvent, CloseEvent, ErrorEvent } = load(path) as typeof Wsfd;
  const message = new MessageEvent('message', { data: 'x', origin: 'o', lastEventId: '1' });
  const { wasClean, code, reason } = new CloseEvent('close', { code: 3000, reason: 'bye' });
  const fault = new ErrorEvent('error', { message: 'm', filename: 'f', lineno: 1, colno: 2 });
  return [
    [message.type, message.data, message.origin, message.lastEventId, message.source],
    [message.ports, Object.isFrozen(message.ports), wasClean, code, reason],
    [fault.message, fault.filename, fault.lineno, fault.colno],
    [MessageEvent, CloseEvent, ErrorEvent].map((one) => one === Reflect.get(globalThis, one.name)),
  ];
}

test(`another ${messages.join(', ')}: wsfd's own can be made`, { skip: isPlatform }, async () => {
  const { value } = await runInChild(
    makeEvents,
    { path: require.resolve('wsfd/websocket') },
    {
      execArgv: ['--require', require.resolve('../support/foreign-globals')],
      env: { WSFD_TEST_FOREIGN_GLOBALS: messages.join() },
    },
  );
  assert.deepEqual(value, [
    ['message', 'x', 'o', '1', null],
    [[], true, false, 3000, 'bye'],
    ['m', 'f', 1, 2],
    [false, false, false],
  ]);
});
