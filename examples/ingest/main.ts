// Feeds into a NATS JetStream stream, by any number of processes on any number of machines, each feed
// by one of them at a time; or, for a first look, into a file. docs/SCALING.md tells of it.
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { Coordinator } from './coordinator';
import { readFeeds } from './feeds';
import type { Feed } from './feeds';
import { Follower } from './follow';
import { JetStreamSink } from './jetstream';
import { FileSink, Source } from './sink';
import type { Log, Sink } from './sink';

const usage = `Usage: npm run ingest -- --feeds feeds.json --to messages.ndjson
       npm run ingest -- --nats nats://127.0.0.1:4222 [--feeds feeds.json]

--feeds FILE     {"NAME": {"url": "wss://…", "options": {…}, "subscription": ["…"]}, …}; with --nats,
                 they are put into KV, where they stay
--to FILE        append the messages to this file; no broker, no other processes
--nats URL       NATS servers, with commas between; nats://user:password@host:port
--creds FILE     credentials for them
--stream NAME    stream and KV bucket (default feeds); messages have the subject NAME.FEED
--replicas N     of both, where they are made (default 1)
--ttl SECONDS    a process that is gone is replaced within twice this time (default 10)
--window N       most messages on their way to the stream (default 4096)
--name NAME      of this process (default: host and process id)`;

const options = {
  feeds: { type: 'string' },
  to: { type: 'string' },
  nats: { type: 'string' },
  creds: { type: 'string' },
  stream: { type: 'string', default: 'feeds' },
  replicas: { type: 'string', default: '1' },
  ttl: { type: 'string', default: '10' },
  window: { type: 'string', default: '4096' },
  name: { type: 'string', default: `${hostname()}-${process.pid}` },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

const log: Log = (text) => console.error(`${new Date().toISOString()} ${text}`);

function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && number < 2 ** 31) return number;
  throw new Error(`--${name}: expected a number over 0, got ${text}`);
}

/** A line every ten seconds, where something came. */
function reportOn(sink: Sink, feeds: () => number): void {
  let before = 0;
  const seconds = 10;
  setInterval(() => {
    const { acknowledged, unacknowledged } = sink;
    const rate = Math.round((acknowledged - before) / seconds);
    before = acknowledged;
    log(`${feeds()} feeds, ${rate} messages/s, ${unacknowledged} unacknowledged`);
  }, seconds * 1000).unref();
}

/** Calls `end` on the first SIGTERM or SIGINT; the second one ends the process as it is. */
function onSignal(sink: Sink, end: () => Promise<void>): void {
  let ending = false;
  const onSignalled = (signal: string): void => {
    if (ending) {
      log(`ended at once; ${sink.unacknowledged} messages are not acknowledged`);
      process.exit(1);
    }
    ending = true;
    log(`${signal}: handing over`);
    void end().then(() => process.exit(0));
  };
  process.on('SIGTERM', onSignalled).on('SIGINT', onSignalled);
}

function toFile(path: string, feeds: ReadonlyMap<string, Feed>): void {
  const sink = new FileSink(path);
  // Lines of different runs have different names.
  const term = Date.now();
  const always = { isHeld: () => true, holds: () => Promise.resolve(true) };
  const followers = [...feeds].map(([name, feed]) => {
    return new Follower(new Source(name, term, always), feed, sink, log);
  });
  reportOn(sink, () => followers.length);
  onSignal(sink, async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
  });
}

async function connectTo(urls: string, creds: string | undefined, ttlMs: number) {
  const servers = urls
    .split(',')
    .map((url) => new URL(url.includes('://') ? url : `nats://${url}`));
  const { username, password, protocol } = servers[0] ?? new URL('nats://127.0.0.1');
  return connect({
    servers: servers.map(({ host }) => host),
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    ...(password === '' ? {} : { pass: decodeURIComponent(password) }),
    ...(protocol === 'tls:' ? { tls: {} } : {}),
    ...(creds === undefined ? {} : { authenticator: credsAuthenticator(readFileSync(creds)) }),
    // It waits for a server that is down, for as long as that takes.
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: Math.min(1000, ttlMs / 10),
    pingInterval: ttlMs / 2,
  });
}

/** Makes the stream where there is none. One that is there is used as it is. */
async function ensureStream(connection: NatsConnection, name: string, num_replicas: number) {
  const { streams } = await jetstreamManager(connection);
  const settings = { name, subjects: [`${name}.*`], num_replicas };
  await streams.info(name).catch(() => streams.add(settings));
}

/** Takes away what KV keeps of each session that was deleted. Its id does not come again. */
async function forgetSessions(connection: NatsConnection, kv: KV, bucket: string) {
  const { streams } = await jetstreamManager(connection);
  const subjects_filter = `$KV.${bucket}.session.*`;
  const { state } = await streams.info(`KV_${bucket}`, { subjects_filter });
  for (const filter of Object.keys(state.subjects ?? {})) {
    const entry = await kv.get(filter.slice(`$KV.${bucket}.`.length));
    if (entry !== null && entry.operation !== 'PUT')
      await streams.purge(`KV_${bucket}`, { filter });
  }
}

async function putFeeds(kv: KV, feeds: ReadonlyMap<string, Feed>): Promise<void> {
  for (const [name, feed] of feeds) {
    const text = JSON.stringify(feed);
    const entry = await kv.get(`feed.${name}`);
    if (entry?.operation !== 'PUT' || entry.string() !== text) await kv.put(`feed.${name}`, text);
  }
}

async function toStream(values: Values, urls: string, feeds: ReadonlyMap<string, Feed>) {
  const ttlMs = positive('ttl', values.ttl) * 1000;
  const connection = await connectTo(urls, values.creds, ttlMs);
  const replicas = positive('replicas', values.replicas);
  await ensureStream(connection, values.stream, replicas);
  const kv = await new Kvm(jetstream(connection)).create(values.stream, { replicas });
  await forgetSessions(connection, kv, values.stream);
  await putFeeds(kv, feeds);
  const window = positive('window', values.window);
  const sink = new JetStreamSink(connection, `${values.stream}.`, window, log);
  const name = values.name.replace(/[^\w-]/g, '-');
  const coordinator = new Coordinator(connection, kv, { name, ttlMs, sink, log });
  reportOn(sink, () => coordinator.heldFeeds);
  onSignal(sink, async () => {
    await coordinator.end();
    await connection.close();
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage);
    return;
  }
  const feeds = values.feeds === undefined ? new Map<string, Feed>() : readFeeds(values.feeds);
  if (values.to !== undefined && feeds.size === 0)
    throw new Error('--to: expected --feeds FILE too');
  if (values.to !== undefined) toFile(values.to, feeds);
  else if (values.nats !== undefined) await toStream(values, values.nats, feeds);
  else throw new Error(`expected --to FILE or --nats URL\n\n${usage}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
