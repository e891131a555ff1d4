/**
 * WSFD_DEBUG=1: what happens to connections, as lines on stderr. A subscriber of the channels like
 * any other, loaded only when the variable is set.
 */
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

import { workerThreads } from '../base/builtin.js';
import { printableLine } from '../base/printable.js';
import { now } from '../native/schedule.js';
import type {
  WebSocketAttemptEvent,
  WebSocketCloseEvent,
  WebSocketControlEvent,
  WebSocketDiagnostics,
  WebSocketErrorEvent,
  WebSocketHandshakeEvent,
  WebSocketMessagesEvent,
  WebSocketOpenEvent,
  WebSocketProxyEvent,
  WebSocketTlsEvent,
} from './events.js';

/** What comes often is shown so many times; then in sums, one in a second at the most. */
const SHOWN_SINGLY = 5;
const SUM_EVERY_MS = 1000;

const STDERR = 2;

type Named = Pick<WebSocketErrorEvent, 'id' | 'socket' | 'url' | 'elapsedMs'>;

/** Of what comes often: what was not shown yet. */
interface Sum {
  seen: number;
  times: number;
  messages: number;
  bytes: number;
  shownAt: number;
}

/** What is remembered of a connection until it is over. */
interface Life {
  url: string | undefined;
  socket: number | undefined;
  startedAt: number;
  sums: Map<string, Sum>;
}

const lives = new Map<number | undefined, Life>();

function write({ id, socket, elapsedMs }: Named, text: string): void {
  const { isMainThread, threadId } = workerThreads();
  const thread = isMainThread ? '' : `${threadId}`;
  const who = `${thread}#${id ?? '-'}${socket === undefined ? '' : ` socket ${socket}`}`;
  const when = elapsedMs === undefined ? '' : ` +${elapsedMs.toFixed(1)} ms`;
  try {
    // At once, so that the last words of a process are not lost.
    writeSync(STDERR, `wsfd ${who}${when}  ${printableLine(text)}\n`);
  } catch {
    // Nobody is there to read it.
  }
}

function lifeOf({ id, socket, url, elapsedMs = 0 }: Named): Life {
  const known = lives.get(id);
  if (known !== undefined) {
    known.socket = socket;
    return known;
  }
  const startedAt = now() - elapsedMs;
  const life = { url, socket, startedAt, sums: new Map<string, Sum>() };
  lives.set(id, life);
  return life;
}

/** A line for an event; what was summed up before it comes first. */
function say(event: Named, ...texts: string[]): void {
  const known = lives.get(event.id);
  const life = lifeOf(event);
  if (known === undefined && event.url !== undefined) {
    write({ ...event, elapsedMs: 0 }, `opening ${event.url}`);
  } else if (known !== undefined && known.url !== event.url) {
    write(event, `redirected to ${String(event.url)}`);
    known.url = event.url;
  }
  showSums(event.id, life);
  for (const text of texts) write(event, text);
}

const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : plural}`;

/** The words for something that happened several times. */
function sumText(what: string, { times, messages, bytes }: Sum): string {
  if (messages === 0) return `${times} x ${what}`;
  const batches = count(times, 'batch', 'batches');
  return `${what} ${count(messages, 'message')}, ${count(bytes, 'byte')} in ${batches}`;
}

function showSums(id: number | undefined, life: Life): void {
  for (const [what, sum] of life.sums) {
    if (sum.times === 0) continue;
    const { socket, url, startedAt } = life;
    const time = now();
    write({ id, socket, url, elapsedMs: time - startedAt }, sumText(what, sum));
    Object.assign(sum, { times: 0, messages: 0, bytes: 0, shownAt: time });
  }
}

/** An event of those that come often. `what` is its kind, of which there are few. */
function sayOften(event: Named, what: string, text: string, messages = 0, bytes = 0): void {
  const { sums } = lifeOf(event);
  const time = now();
  const sum = sums.get(what) ?? { seen: 0, times: 0, messages: 0, bytes: 0, shownAt: time };
  sums.set(what, sum);
  if (++sum.seen <= SHOWN_SINGLY) {
    sum.shownAt = time;
    say(event, text);
    return;
  }
  sum.times++;
  sum.messages += messages;
  sum.bytes += bytes;
  if (time - sum.shownAt >= SUM_EVERY_MS) say(event);
}

const quoted = (reason: string): string => (reason === '' ? '' : ` ${JSON.stringify(reason)}`);

function onAttempt(event: WebSocketAttemptEvent): void {
  const { phase, host, proxy, address, port, addresses = [], error } = event;
  const place = address === undefined ? host : `${address} port ${String(port)}`;
  const where = proxy === undefined ? place : `${place} (the proxy ${proxy})`;
  const texts = {
    lookup: `looking up ${host}`,
    resolved: `${host} is ${addresses.join(', ')}`,
    connecting: `connecting to ${where}`,
    connected: `connected to ${where}`,
    failed: `${event.syscall ?? 'connecting'} failed: ${error?.message ?? where}`,
    abandoned: `no longer connecting to ${where}`,
  };
  say(event, texts[phase]);
}

function onProxy(event: WebSocketProxyEvent): void {
  const { phase, proxy, request, status, error } = event;
  const answer = status === undefined ? '' : `, HTTP ${status}`;
  const texts = {
    asked: `asking the proxy ${proxy}: ${request}`,
    opened: `the proxy made the tunnel${answer}`,
    refused: `the proxy made no tunnel: ${error?.message ?? answer}`,
  };
  say(event, texts[phase]);
}

function onTls(event: WebSocketTlsEvent): void {
  const { accepted, version, cipher, group, resumed, chain, certificateErrors, error } = event;
  const peer = event.proxy === undefined ? 'the server' : `the proxy ${event.proxy}`;
  const ignored = certificateErrors.length;
  const verified = ignored === 0 ? 'verified' : `${count(ignored, 'TLS error')} ignored`;
  const agreed = [version, cipher, group, resumed ? 'resumed' : 'new session', verified];
  const outcome = accepted
    ? `TLS with ${peer}: ${agreed.filter((part) => part !== '').join(', ')}`
    : `TLS with ${peer} failed: ${error?.message ?? ''}`;
  const certificates = chain.map(
    ({ subject, issuer, validFrom, validTo, keyType, keyBits }, i) =>
      `  certificate ${i}: ${subject}, issued by ${issuer}, ${validFrom} to ${validTo}, ` +
      `${keyType} ${keyBits} bits`,
  );
  const found = certificateErrors.map(
    ({ keyword, text, depth, subject, ignored: passed }) =>
      `  ${keyword} (${passed ? 'ignored' : 'not ignored'}): ${text} (depth ${depth}, ${subject})`,
  );
  say(event, outcome, ...certificates, ...found);
}

function onHandshake({ phase, request, status, reason, ...event }: WebSocketHandshakeEvent): void {
  const answer = `answered HTTP ${String(status)} ${reason ?? ''}`.trimEnd();
  say(event, phase === 'request' ? `asking ${request[0] ?? ''}` : answer);
}

function onOpen(event: WebSocketOpenEvent): void {
  const { remoteAddress, remotePort, subprotocol, extensions } = event;
  const parts = [
    remoteAddress === '' ? '' : ` with ${remoteAddress} port ${remotePort}`,
    subprotocol === '' ? '' : `, subprotocol ${subprotocol}`,
    extensions === '' ? '' : `, extensions ${extensions}`,
  ];
  say(event, `open${parts.join('')}`);
}

function onMessages(event: WebSocketMessagesEvent): void {
  const { messages } = event;
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  const text = `received ${count(messages.length, 'message')}, ${count(bytes, 'byte')}`;
  sayOften(event, 'received', text, messages.length, bytes);
}

function onControl(event: WebSocketControlEvent): void {
  const { type, bytes, code, reason = '' } = event;
  const what = `${event.direction === 'in' ? 'received' : 'sent'} ${type}`;
  if (type !== 'close') sayOften(event, what, `${what}, ${count(bytes, 'byte')}`);
  else say(event, `${what}${code === undefined ? ' without a code' : ` ${code}`}${quoted(reason)}`);
}

function onClose(event: WebSocketCloseEvent): void {
  const { closedBy, code, reason, error, counters } = event;
  const { messagesIn, bytesIn, messagesOut, bytesOut } = counters;
  const how = {
    server: `closed by the server: ${code}${quoted(reason)}`,
    client: `closed from here: ${code}${quoted(reason)}`,
    failure: 'ended',
  };
  const why = error === undefined ? '' : `: ${error.message}`;
  const received = `received ${count(messagesIn, 'message')}, ${count(bytesIn, 'byte')}`;
  const sent = `sent ${count(messagesOut, 'message')}, ${count(bytesOut, 'byte')}`;
  say(event, `${how[closedBy]}${why}; ${received}; ${sent}`);
  lives.delete(event.id);
}

function onError(event: WebSocketErrorEvent): void {
  const { call, result, errors } = event;
  const texts = errors.map((error) => `${call} gave ${result}: ${error.code} ${error.message}`);
  if (call === 'webSocketOpen' || call === 'webSocketOpenSync') {
    say(event, ...texts);
    lives.delete(event.id);
    return;
  }
  const known = lives.has(event.id);
  const what = `${call} gave ${result}: ${errors[0]?.code ?? ''}`;
  if (known || event.id === undefined) sayOften(event, what, texts.join('; '));
  // A call on a connection that is over begins no new life.
  else for (const text of texts) write(event, text);
}

const handlers: {
  [Name in keyof WebSocketDiagnostics]: (event: WebSocketDiagnostics[Name]) => void;
} = {
  'wsfd:attempt': onAttempt,
  'wsfd:proxy': onProxy,
  'wsfd:tls': onTls,
  'wsfd:handshake': onHandshake,
  'wsfd:open': onOpen,
  'wsfd:messages': onMessages,
  'wsfd:control': onControl,
  'wsfd:close': onClose,
  'wsfd:error': onError,
};

for (const [name, handle] of Object.entries(handlers)) {
  subscribe(name, handle as (event: unknown) => void);
}
process.on('exit', () => {
  for (const [id, life] of lives) showSums(id, life);
});
