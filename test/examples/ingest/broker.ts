// A nats-server with JetStream for one test, and the test's own connection to it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { connect, nanos } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { without, programEnvironment, runProgram } from '../../support/programs';

/** Why tests of it are left out; false where it is installed. */
export const withoutBroker =
  process.platform === 'win32' ? 'Windows has no signals' : without('nats-server');

/**
 * Where servers listen that are started anew on their port, this test process's own: others take
 * ports of 127.0.0.1 meanwhile. Linux alone has all of 127.0.0.0/8.
 */
const { pid } = process;
export const ownHost =
  process.platform === 'linux' ? `127.77.${(pid >> 8) & 255}.${pid & 255}` : '127.0.0.1';

/** The name of the stream and of the bucket. */
const stream = 'feeds';
/** Windows have to be short where millions of names are kept. */
const duplicateWindowSeconds = 30;

export interface Broker {
  readonly url: string;
  readonly connection: NatsConnection;
  readonly kv: KV;
  /** The process, which may be stopped and told to go on. */
  child(): ChildProcess;
  /** Ends it, and starts it anew on the same port, with what it has stored. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** How many messages the stream has. */
  messages(): Promise<number>;
  /** The name of a feed's last message in the stream; empty while it has none. */
  lastNameOf(feed: string): Promise<string>;
  /** Calls `visit` with the name, the text and the place of each message that the stream has. */
  read(visit: (name: string, text: string, place: number) => void): Promise<void>;
}

const nameHeader = 'Nats-Msg-Id';

const commandFor = (port: number, folder: string): string[] => {
  const place = ['--addr', ownHost, '--port', String(port)];
  return ['nats-server', '--jetstream', '--store_dir', `${folder}/store`, ...place];
};

async function readStream(connection: NatsConnection, visit: (message: JsMsg) => void) {
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(stream);
  const consumer = await jetstream(connection).consumers.get(stream);
  const messages = await consumer.consume({ max_messages: 5000 });
  for await (const message of messages) {
    visit(message);
    if (message.seq === state.last_seq) break;
  }
}

async function reconnected(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') return;
}

export async function startBroker(t: TestContext): Promise<Broker> {
  const program = await runProgram(commandFor, ownHost);
  let { child } = program;
  const connection = await connect({
    servers: program.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  let ended = once(child, 'exit');
  t.after(async () => {
    await connection.close();
    child.kill('SIGKILL');
    await ended;
    await program.close();
  });
  const { streams } = await jetstreamManager(connection);
  const duplicate_window = nanos(duplicateWindowSeconds * 1000);
  await streams.add({ name: stream, subjects: [`${stream}.*`], duplicate_window });
  return {
    url: program.url,
    connection,
    kv: await new Kvm(jetstream(connection)).create(stream),
    child: () => child,
    messages: async () => (await streams.info(stream)).state.messages,
    restart: async (signal) => {
      const isBack = reconnected(connection);
      child.kill(signal);
      await ended;
      const [name = '', ...parameters] = commandFor(program.port, program.folder);
      child = spawn(name, parameters, { stdio: 'ignore', env: programEnvironment() });
      ended = once(child, 'exit');
      await isBack;
      // JetStream reads what it has stored, and answers nothing before.
      while (!(await streams.info(stream).then(Boolean, () => false)));
    },
    lastNameOf: async (feed) => {
      const last = await streams.getMessage(stream, { last_by_subj: `${stream}.${feed}` });
      return last?.header.get(nameHeader) ?? '';
    },
    read: (visit) =>
      readStream(connection, (message) =>
        visit(message.headers?.get(nameHeader) ?? '', message.string(), message.seq),
      ),
  };
}
