/**
 * WSFD_DEBUG=1: writes the events of connections to stderr, as an ordinary subscriber of the
 * channels. Loaded only when the variable is set.
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

/** A frequent event is shown this many times, then in sums, at most one a second. */
const SHOWN_SINGLY = 5;
const SUM_EVERY_MS = 1000;

const STDERR = 2;

type Named = Pick<WebSocketErrorEvent, 'id' | 'socket' | 'url' | 'elapsedMs'>;

/** Frequent events of one kind: the counts not shown yet. */
interface Sum {
  seen: number;
  times: number;
  messages: number;
  bytes: number;
  shownAt: number;
}

/** Of a connection, until its end. */
interface TraceState {
  url: string | undefined;
  socket: number | undefined;
  startedAt: number;
  sums: Map<string, Sum>;
}

const traceStates = new Map<number | undefined, TraceState>();

function write({ id, socket, elapsedMs }: Named, text: string): void {
  const { isMainThread, threadId } = workerThreads();
  const thread = isMainThread ? '' : `${threadId}`;
  const who = `${thread}#${id ?? '-'}${socket === undefined ? '' : ` socket ${socket}`}`;
  const when = elapsedMs === undefined ? '' : ` +${elapsedMs.toFixed(1)} ms`;
  try {
    // Synchronous, so that the last lines of a process are not lost.
    writeSync(STDERR, `wsfd ${who}${when}  ${printableLine(text)}\n`);
  } catch {
    // stderr may be closed.
  }
}

function stateOf({ id, socket, url, elapsedMs = 0 }: Named): TraceState {
  const known = traceStates.get(id);
  if (known !== undefined) {
    known.socket = socket;
    return known;
  }
  const startedAt = now() - elapsedMs;
  const state = { url, socket, startedAt, sums: new Map<string, Sum>() };
  traceStates.set(id, state);
  return state;
}

/** Writes an event's lines, after the sums so far. */
function writeEvent(event: Named, ...texts: string[]): void {
  const known = traceStates.get(event.id);
  const state = stateOf(event);
  if (known === undefined && event.url !== undefined) {
    write({ ...event, elapsedMs: 0 }, `opening ${event.url}`);
  } else if (known !== undefined && known.url !== event.url) {
    write(event, `redirected to ${String(event.url)}`);
    known.url = event.url;
  }
  showSums(event.id, state);
  for (const text of texts) write(event, text);
}

const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : plural}`;

/** The line of a sum. */
function sumText(what: string, { times, messages, bytes }: Sum): string {
  if (messages === 0) return `${times} x ${what}`;
  const batches = count(times, 'batch', 'batches');
  return `${what} ${count(messages, 'message')}, ${count(bytes, 'byte')} in ${batches}`;
}

function showSums(id: number | undefined, state: TraceState): void {
  for (const [what, sum] of state.sums) {
    if (sum.times === 0) continue;
    const { socket, url, startedAt } = state;
    const time = now();
    write({ id, socket, url, elapsedMs: time - startedAt }, sumText(what, sum));
    Object.assign(sum, { times: 0, messages: 0, bytes: 0, shownAt: time });
  }
}

/** Writes or sums up a frequent event. `what` is its kind, of which there are few. */
function writeFrequentEvent(
  event: Named,
  what: string,
  text: string,
  messages = 0,
  bytes = 0,
): void {
  const { sums } = stateOf(event);
  const time = now();
  const sum = sums.get(what) ?? { seen: 0, times: 0, messages: 0, bytes: 0, shownAt: time };
  sums.set(what, sum);
  if (++sum.seen <= SHOWN_SINGLY) {
    sum.shownAt = time;
    writeEvent(event, text);
    return;
  }
  sum.times++;
  sum.messages += messages;
  sum.bytes += bytes;
  if (time - sum.shownAt >= SUM_EVERY_MS) writeEvent(event);
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
  writeEvent(event, texts[phase]);
}

function onProxy(event: WebSocketProxyEvent): void {
  const { phase, proxy, request, status, error } = event;
  const answer = status === undefined ? '' : `, HTTP ${status}`;
  const texts = {
    asked: `asking the proxy ${proxy}: ${request}`,
    opened: `the proxy made the tunnel${answer}`,
    refused: `the proxy made no tunnel: ${error?.message ?? answer}`,
  };
  writeEvent(event, texts[phase]);
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
  writeEvent(event, outcome, ...certificates, ...found);
}

function onHandshake({ phase, request, status, reason, ...event }: WebSocketHandshakeEvent): void {
  const answer = `answered HTTP ${String(status)} ${reason ?? ''}`.trimEnd();
  writeEvent(event, phase === 'request' ? `asking ${request[0] ?? ''}` : answer);
}

function onOpen(event: WebSocketOpenEvent): void {
  const { remoteAddress, remotePort, subprotocol, extensions } = event;
  const parts = [
    remoteAddress === '' ? '' : ` with ${remoteAddress} port ${remotePort}`,
    subprotocol === '' ? '' : `, subprotocol ${subprotocol}`,
    extensions === '' ? '' : `, extensions ${extensions}`,
  ];
  writeEvent(event, `open${parts.join('')}`);
}

function onMessages(event: WebSocketMessagesEvent): void {
  const { messages } = event;
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  const text = `received ${count(messages.length, 'message')}, ${count(bytes, 'byte')}`;
  writeFrequentEvent(event, 'received', text, messages.length, bytes);
}

function onControl(event: WebSocketControlEvent): void {
  const { type, bytes, code, reason = '' } = event;
  const what = `${event.direction === 'in' ? 'received' : 'sent'} ${type}`;
  const number = code === undefined ? 'without a code' : String(code);
  if (type !== 'close') writeFrequentEvent(event, what, `${what}, ${count(bytes, 'byte')}`);
  else writeEvent(event, `${what} ${number}${quoted(reason)}`);
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
  writeEvent(event, `${how[closedBy]}${why}; ${received}; ${sent}`);
  traceStates.delete(event.id);
}

function onError(event: WebSocketErrorEvent): void {
  const { call, result, errors } = event;
  const texts = errors.map((error) => `${call} gave ${result}: ${error.code} ${error.message}`);
  if (call === 'webSocketOpen' || call === 'webSocketOpenSync') {
    writeEvent(event, ...texts);
    traceStates.delete(event.id);
    return;
  }
  const known = traceStates.has(event.id);
  const what = `${call} gave ${result}: ${errors[0]?.code ?? ''}`;
  if (known || event.id === undefined) writeFrequentEvent(event, what, texts.join('; '));
  // A call on an ended connection must not make a new entry.
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
  for (const [id, state] of traceStates) showSums(id, state);
});
