// addEventListener and its options at a WebSocket: what it does is what an EventTarget does.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type * as Wsfd from 'wsfd/websocket';
import type * as MessageEvents from '../../dist/websocket/message-event.js';
import { runInChild } from '../support/child';
import { close as closeFrame, text } from '../support/frames';
import { startRawServer, switching } from '../support/raw-server';
import { next, openEcho } from '../support/websocket';

// Not part of the package's interface.
const { CheapMessageEvent, PlainMessageEvent, dispatchMessage } = createRequire(
  require.resolve('wsfd'),
)('../modules/websocket/message-event.js') as typeof MessageEvents;

/** What is done with an EventTarget, and what is seen of it. */
type Scenario = (target: EventTarget, seen: unknown[]) => void;

const on = (seen: unknown[], name: string) => (): number => seen.push(name);

const scenarios: Record<string, Scenario> = {
  'duplicates are one listener, and capture makes two': (target, seen) => {
    const listener = on(seen, 'called');
    target.addEventListener('message', listener);
    target.addEventListener('message', listener);
    target.addEventListener('message', listener, { capture: false });
    target.addEventListener('message', listener, true);
    target.removeEventListener('message', listener, { capture: true });
    target.removeEventListener('message', on(seen, 'called'));
  },
  once: (target, seen) => {
    target.addEventListener('message', on(seen, 'once'), { once: true });
    target.addEventListener('message', on(seen, 'always'), { once: false });
  },
  'a listener that an object has': (target, seen) => {
    const object = {
      name: 'first',
      handleEvent(this: unknown, event: Event) {
        seen.push(this === object, object.name, event.type);
        object.handleEvent = function () {
          seen.push(this === object, 'replaced');
        };
      },
    };
    target.addEventListener('message', object);
  },
  'removal by a signal': (target, seen) => {
    const controller = new AbortController();
    const { signal } = controller;
    target.addEventListener('message', on(seen, 'signalled'), { signal });
    target.addEventListener('message', () => controller.abort());
    target.addEventListener('message', on(seen, 'later'), { signal });
    target.addEventListener('message', on(seen, 'never'), { signal: AbortSignal.abort() });
  },
  'removal while it is dispatched': (target, seen) => {
    const second = on(seen, 'second');
    target.addEventListener('message', () => {
      seen.push('first');
      target.removeEventListener('message', second);
    });
    target.addEventListener('message', second);
    target.addEventListener('message', on(seen, 'third'));
  },
  'stopping it': (target, seen) => {
    target.addEventListener('message', (event) => {
      event.stopPropagation();
      seen.push(event.cancelBubble);
    });
    target.addEventListener('message', (event) => {
      event.stopImmediatePropagation();
    });
    target.addEventListener('message', on(seen, 'stopped'));
  },
  'what it is like inside': (target, seen) => {
    const look = (event: Event): void => {
      event.preventDefault();
      event.cancelBubble = false;
      seen.push(event.type, event.target === target, event.currentTarget === target);
      seen.push(event.eventPhase, event.composedPath().length, event.cancelBubble);
      seen.push(event.bubbles, event.cancelable, event.composed, event.defaultPrevented);
      seen.push(event.returnValue, event.isTrusted, Object.keys(event).length);
    };
    target.addEventListener('message', look, { passive: true });
    target.addEventListener('message', (event) => look(event));
  },
  'dispatching it again inside': (target, seen) => {
    target.addEventListener('message', (event) => {
      try {
        target.dispatchEvent(event);
      } catch (thrown) {
        seen.push((thrown as Error).name);
      }
    });
  },
};

const dispatchers = {
  plain: (target: EventTarget): object => PlainMessageEvent.dispatch(target, 'data', 'origin'),
  cheap: (target: EventTarget): object => CheapMessageEvent.dispatch(target, 'data', 'origin', 5),
};

/** What is seen when two events are dispatched, and of the second afterwards. */
function outcome(scenario: Scenario, dispatch: (target: EventTarget) => object): unknown[] {
  const target = new EventTarget();
  const seen: unknown[] = [];
  scenario(target, seen);
  dispatch(target);
  const event = dispatch(target) as Event & { data: unknown; origin: unknown };
  // (Node 18 has none)
  if ('initEvent' in Event.prototype) event.initEvent('other');
  return [
    ...seen,
    event.type,
    event.data,
    event.origin,
    event.target === target,
    event.currentTarget,
    event.eventPhase,
    event.composedPath(),
    Object.prototype.toString.call(event),
    event.constructor.name,
  ];
}

describe('the cheap event cannot be told from one that Event made', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(name, () => {
      const plain = outcome(scenario, dispatchers.plain);
      assert.deepEqual(outcome(scenario, dispatchers.cheap), plain);
      assert.ok(plain.length > 9, 'nothing was seen');
    });
  }
});

test('the cheap event is what is used', () => {
  assert.ok(dispatchMessage(new EventTarget(), '', '', 0) instanceof CheapMessageEvent);
});

test('once, and a signal', async (t) => {
  const { socket } = await openEcho(t);
  const seen: string[] = [];
  const controller = new AbortController();
  socket.addEventListener('message', () => seen.push('once'), { once: true });
  socket.addEventListener('message', () => seen.push('signal'), { signal: controller.signal });
  const echo = async (): Promise<void> => {
    socket.send('x');
    await next(socket, 'message');
  };
  await echo();
  await echo();
  controller.abort();
  await echo();
  assert.deepEqual(seen, ['once', 'signal', 'signal']);
});

/** What a process sees in which every listener throws; it handles that, or not. */
const runThrowing = (
  handles: boolean,
  url: string,
): ReturnType<typeof runInChild<unknown, string[]>> =>
  runInChild(
    async ({ load }, argument) => {
      const { path, handled, url: to } = argument;
      const { WebSocket } = load(path) as typeof Wsfd;
      const seen: string[] = [];
      if (handled) process.on('uncaughtException', ({ message }) => seen.push(`caught ${message}`));
      const socket = new WebSocket(to);
      socket.onmessage = ({ data }) => {
        seen.push(`handler ${data as string}`);
        process.nextTick(() => {
          seen.push(`tick ${data as string}`);
          throw new Error(`tick ${data as string}`);
        });
        throw new Error(data as string);
      };
      socket.addEventListener('message', ({ data }) => seen.push(`listener ${data as string}`));
      await new Promise((resolve) => socket.addEventListener('close', resolve));
      return seen;
    },
    { path: require.resolve('wsfd/websocket'), handled: handles, url },
    { endsAnyhow: !handles },
  );

/** A server that sends two messages and a close frame with its handshake. */
async function startTalker(t: TestContext): Promise<string> {
  const server = await startRawServer({
    answer: (request) =>
      Buffer.concat([Buffer.from(switching(request)), text('1'), text('2'), closeFrame(1000)]),
  });
  t.after(() => server.close());
  return server.url;
}

test('what a listener throws is uncaught, and nothing else suffers', async (t) => {
  const { value, exitCode, stderr } = await runThrowing(true, await startTalker(t));
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  assert.ok(value !== undefined);
  const each = (data: string): string[] => [
    `handler ${data}`,
    `listener ${data}`,
    `tick ${data}`,
    `caught ${data}`,
    `caught tick ${data}`,
  ];
  // What is thrown is told before the next message comes.
  assert.deepEqual(value.slice(0, 5).sort(), each('1').sort());
  assert.deepEqual(value.slice(5).sort(), each('2').sort());
});

test('what a listener throws ends a process that does not handle it', async (t) => {
  const { value, exitCode, stderr } = await runThrowing(false, await startTalker(t));
  assert.deepEqual([value, exitCode], [undefined, 1]);
  assert.match(stderr, /Error: tick 1\r?\n/);
});
