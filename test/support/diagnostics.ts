// What is published on the channels, for tests to look at.
//
//   const events = record(t);
//   ...
//   events.of('wsfd:open')
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { TestContext } from 'node:test';
import type { WebSocketDiagnostics } from 'wsfd';

export type ChannelName = keyof WebSocketDiagnostics;

export const channelNames: readonly ChannelName[] = [
  'wsfd:attempt',
  'wsfd:proxy',
  'wsfd:tls',
  'wsfd:handshake',
  'wsfd:open',
  'wsfd:messages',
  'wsfd:control',
  'wsfd:close',
  'wsfd:error',
];

/** Calls `listener` with what is published on a channel until the test ends. */
export function listen<Name extends ChannelName>(
  t: TestContext,
  name: Name,
  listener: (event: WebSocketDiagnostics[Name]) => void,
): void {
  const onMessage = (event: unknown): void => listener(event as WebSocketDiagnostics[Name]);
  subscribe(name, onMessage);
  t.after(() => unsubscribe(name, onMessage));
}

export interface Recording {
  /** In order: the channel's name without its prefix, and the event's phase, type or call. */
  readonly steps: string[];
  of<Name extends ChannelName>(name: Name): readonly WebSocketDiagnostics[Name][];
  /** The one event of a channel; throws if there is none or more. */
  one<Name extends ChannelName>(name: Name): WebSocketDiagnostics[Name];
  /** Everything, as JSON. */
  text(): string;
}

/** Records what these channels publish until the test ends. */
export function record(t: TestContext, names: readonly ChannelName[] = channelNames): Recording {
  const steps: string[] = [];
  const all: { name: ChannelName; event: WebSocketDiagnostics[ChannelName] }[] = [];
  for (const name of names) {
    listen(t, name, (event) => {
      const parts: Partial<Record<string, string>> = { ...(event as object) };
      const { phase, direction, type, call } = parts;
      const step = [name.replace('wsfd:', ''), phase, direction, type, call];
      steps.push(step.filter((part) => part !== undefined).join(' '));
      all.push({ name, event });
    });
  }
  const of = <Name extends ChannelName>(name: Name): readonly WebSocketDiagnostics[Name][] =>
    all
      .filter((entry) => entry.name === name)
      .map(({ event }) => event as WebSocketDiagnostics[Name]);
  return {
    steps,
    of,
    one: (name) => {
      const [event, ...more] = of(name);
      if (event === undefined || more.length !== 0) {
        throw new Error(`${more.length + (event === undefined ? 0 : 1)} events on ${name}`);
      }
      return event;
    },
    text: () => JSON.stringify(all),
  };
}
