/** `wsfd inspect URL`: the steps in which a connection opens, and its errors. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { printable } from '../base/printable.js';
import { redactUrl } from '../base/redact-url.js';
import { getLastError, webSocketClose, webSocketOpen } from '../index.js';
import type {
  CertificateError,
  OpenOptions,
  SslErrorKeyword,
  WebSocketAttemptEvent,
  WebSocketDiagnostics,
  WebSocketError,
  WebSocketHandshakeEvent,
  WebSocketProxyEvent,
  WebSocketTlsEvent,
} from '../index.js';
import { adviceFor } from './advice.js';
import { EXIT_DONE, exitCodeOf } from './exit-codes.js';
import { openOptionsOf } from './flags.js';
import type { Values } from './flags.js';
import { errorEvent, jsonLine, paint, print, widthOf } from './output.js';
import { pinOf } from './pin.js';
import { table } from './table.js';

type Step =
  | { channel: 'wsfd:attempt'; event: WebSocketAttemptEvent }
  | { channel: 'wsfd:proxy'; event: WebSocketProxyEvent }
  | { channel: 'wsfd:tls'; event: WebSocketTlsEvent }
  | { channel: 'wsfd:handshake'; event: WebSocketHandshakeEvent };

const CHANNELS = [
  'wsfd:attempt',
  'wsfd:proxy',
  'wsfd:tls',
  'wsfd:handshake',
] as const satisfies (keyof WebSocketDiagnostics)[];

interface Inspection {
  steps: Step[];
  errors: readonly WebSocketError[];
}

/** Opens a connection, closes it at once, and gives the steps and the errors. */
async function attempt(url: string, options: OpenOptions): Promise<Inspection> {
  const steps: Step[] = [];
  const listeners = CHANNELS.map((channel) => {
    const listener = (event: unknown): void => void steps.push({ channel, event } as Step);
    subscribe(channel, listener);
    return { channel, listener };
  });
  const socket = await webSocketOpen(url, options);
  const errors = socket < 0 ? getLastError() : [];
  for (const { channel, listener } of listeners) unsubscribe(channel, listener);
  if (socket >= 0) await webSocketClose(socket);
  return { steps, errors };
}

const ms = (elapsedMs: number): string => paint('dim', `${elapsedMs.toFixed(1).padStart(8)} ms  `);

const ATTEMPTS: Readonly<Record<WebSocketAttemptEvent['phase'], string>> = {
  lookup: 'looking up',
  resolved: 'found',
  connecting: 'trying',
  connected: 'connected to',
  failed: 'failed',
  abandoned: 'gave up',
};

function attemptLine(event: WebSocketAttemptEvent): string {
  const { phase, host, address, addresses, error, port, proxy } = event;
  const what = addresses?.join(', ') ?? (address === undefined ? host : endOf(address, port));
  const of = proxy === undefined ? '' : ` (the proxy ${proxy})`;
  const why = error === undefined ? '' : `: ${printable(error.message)}`;
  const text = `${ATTEMPTS[phase]} ${printable(what)}${of}${why}`;
  return ms(event.elapsedMs) + (phase === 'failed' ? paint('red', text) : text);
}

function endOf(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

function proxyLine({ phase, proxy, request, status, elapsedMs }: WebSocketProxyEvent): string {
  const texts = {
    asked: `asked the proxy ${proxy} for ${request}`,
    opened: `the proxy opened the tunnel${status === undefined ? '' : ` (${String(status)})`}`,
    refused: paint('red', `the proxy refused${status === undefined ? '' : ` (${String(status)})`}`),
  };
  return ms(elapsedMs) + texts[phase];
}

const dayOf = (iso: string): string => iso.slice(0, 10);

/** The validity of a certificate now, in words. */
function validity(validFrom: string, validTo: string, now: number): string {
  const day = 24 * 60 * 60 * 1000;
  if (now < Date.parse(validFrom)) return 'not yet valid';
  const days = Math.floor((Date.parse(validTo) - now) / day);
  if (days < 0) return 'expired';
  return `${String(days)} days left`;
}

function tlsLines(event: WebSocketTlsEvent): string[] {
  const { accepted, version, cipher, chain, certificateErrors, elapsedMs, proxy } = event;
  const whose = proxy === undefined ? '' : ` with the proxy ${proxy}`;
  const secured = version === '' ? '' : `: ${version}, ${cipher}`;
  const lines = [
    ms(elapsedMs) +
      (accepted ? `TLS${whose}${secured}` : paint('red', `TLS${whose} was refused${secured}`)),
  ];
  const now = Date.now();
  const rows = chain.map(({ subject, issuer, validFrom, validTo }, depth) => [
    String(depth),
    printable(subject),
    printable(issuer),
    dayOf(validFrom),
    dayOf(validTo),
    validity(validFrom, validTo, now),
  ]);
  if (rows.length > 0) {
    const headings = ['', 'subject', 'issued by', 'since', 'until', ''];
    lines.push('', ...table(headings, rows, widthOf(process.stdout)));
    const [own] = chain;
    if (own !== undefined) {
      lines.push(`   for ${printable(own.subjectAltNames)}`, `   pin ${pinOf(own.pem)}`);
    }
  }
  if (certificateErrors.length > 0) lines.push('', ...errorLines(certificateErrors));
  return lines;
}

function errorLines(errors: readonly CertificateError[]): string[] {
  return errors.map(({ keyword, text, depth, ignored }) => {
    const what = `${keyword}: ${printable(text)} (depth ${String(depth)})`;
    return ignored ? `   ${what}, ignored` : paint('red', `   ${what}`);
  });
}

function handshakeLines({
  phase,
  request,
  status,
  reason,
  headers,
}: WebSocketHandshakeEvent): string[] {
  if (phase === 'request') return ['', ...request.map((line) => `> ${printable(line)}`)];
  const fields = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map((text) => `< ${name}: ${printable(text)}`),
  );
  return ['', `< ${String(status)} ${printable(reason ?? '')}`, ...fields];
}

function linesOf(step: Step): string[] {
  switch (step.channel) {
    case 'wsfd:attempt':
      return [attemptLine(step.event)];
    case 'wsfd:proxy':
      return [proxyLine(step.event)];
    case 'wsfd:tls':
      return tlsLines(step.event);
    case 'wsfd:handshake':
      return handshakeLines(step.event);
  }
}

/** The keywords that an ignore list needs to let this certificate pass. */
function missingKeywords(inspection: Inspection): SslErrorKeyword[] {
  if (isOfProxy(inspection)) return [];
  const refused = inspection.errors.flatMap(({ certificateErrors = [] }) => certificateErrors);
  return [...new Set(refused.map(({ keyword }) => keyword))];
}

/** The own certificate of the last server that showed one, to which a redirect may have led. */
function ownCertificate({ steps }: Inspection): string | undefined {
  const shown = steps.flatMap((step) =>
    step.channel === 'wsfd:tls' && step.event.proxy === undefined
      ? step.event.chain.slice(0, 1)
      : [],
  );
  return shown.at(-1)?.pem;
}

/** True if a proxy's certificate was refused: ignoreSslErrors does not apply to it. */
const isOfProxy = ({ steps }: Inspection): boolean =>
  steps.some(({ channel, event }) => channel === 'wsfd:tls' && !event.accepted && event.proxy);

/** The lines of the advice for a refused certificate. */
function adviceLines(first: Inspection, keywords: readonly SslErrorKeyword[], values: Values) {
  const pem = ownCertificate(first);
  const { list, warning } = adviceFor({
    keywords,
    pin: pem === undefined ? undefined : pinOf(pem),
    pinned: values.pin !== undefined,
    hasOwnRoots: values.ca !== undefined,
  });
  return ['', ...list, ...warning.map((line) => paint('yellow', line))];
}

/**
 * The options for a second attempt, which ignores the errors. An unverified server gets neither our
 * certificate nor the caller's headers.
 */
function withoutSecrets(options: OpenOptions, keywords: readonly SslErrorKeyword[]): OpenOptions {
  const { sslConfig: _, passphrase: __, headers: ___, ...rest } = options;
  return { ...rest, ignoreSslErrors: keywords };
}

/** A URL that was connected to, without user name and password. */
function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = url.password = '';
  return url.href;
}

/** Runs `wsfd inspect`; resolves with the exit code. */
export async function inspect(url: string, values: Values): Promise<number> {
  const options = openOptionsOf(values);
  const first = await attempt(url, options);
  const keywords = missingKeywords(first);
  const second =
    keywords.length === 0
      ? undefined
      : await attempt(withoutCredentials(url), withoutSecrets(options, keywords));
  const exitCode = first.errors[0] === undefined ? EXIT_DONE : exitCodeOf(first.errors[0].category);
  if (values.json === true) {
    const ignoreSslErrors = keywords.length === 0 ? undefined : keywords;
    const pem = ownCertificate(first);
    const report = {
      ...{ event: 'inspect', url: redactUrl(url), steps: first.steps },
      ...{ errors: first.errors.map(errorEvent) },
      ...{ pin: pem === undefined ? undefined : pinOf(pem) },
      ...{ ignoreSslErrors, ignoring: second?.steps },
    };
    await print(jsonLine(report));
    return exitCode;
  }
  const lines = [...textOf(first, keywords, values), ...secondAttemptLines(second, values)];
  await print(`${lines.join('\n')}\n`);
  return exitCode;
}

function textOf(first: Inspection, keywords: readonly SslErrorKeyword[], values: Values): string[] {
  const { steps, errors } = first;
  const lines = steps.flatMap(linesOf);
  if (keywords.length > 0) return [...lines, ...adviceLines(first, keywords, values)];
  if (errors.length === 0) return [...lines, '', paint('green', 'The connection opens.')];
  return [
    ...lines,
    '',
    ...errors.map(({ category, message }) => paint('red', `${category}: ${printable(message)}`)),
  ];
}

/** The second attempt sends no certificate of ours. */
function secondAttemptErrorLine(
  error: WebSocketError,
  { steps }: Inspection,
  { cert, pkcs12 }: Values,
): string {
  const { category, message } = error;
  const has = cert !== undefined || pkcs12 !== undefined;
  const isConnected = steps.some(
    ({ channel, event }) => channel === 'wsfd:attempt' && event.phase === 'connected',
  );
  // A server that requires our certificate sends an alert, which a reset behind it can discard. The
  // error's own text would advise to give a certificate.
  const isEnd = category === 'tls' || (category === 'network' && isConnected);
  if (!has || !isEnd) return `${category}: ${printable(message)}`;
  return 'The server ended the handshake: it may want our certificate, which was not shown to it.';
}

function secondAttemptLines(second: Inspection | undefined, values: Values): string[] {
  if (second === undefined) return [];
  const handshake = second.steps.filter(({ channel }) => channel === 'wsfd:handshake');
  return [
    '',
    'With that list, and without our certificate, headers and credentials:',
    ...handshake.flatMap(linesOf),
    ...second.errors.map((error) => secondAttemptErrorLine(error, second, values)),
  ];
}
