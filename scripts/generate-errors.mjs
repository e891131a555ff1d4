// Makes src/errors/table.ts and docs/ERRORS.md from native/base/errors.inc, where every error is a
// row. Usage: node scripts/generate-errors.mjs [--check]
import { readRows, readSource, runGenerator, textOf, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const origin = 'native/base/errors.inc';

/** The text of each category: whose fault it is, and what to do. */
const categories = {
  usage: "The calling program's: an argument, an option or a socket number. Correct the call.",
  resolve:
    'The host name has no address, or the name server did not answer. Check the name and the network; trying again later may help.',
  network:
    'The network, the host at the other end, or a proxy that refused. Where `retryable` is true, nothing is wrong with the call: try again, with a growing pause. Otherwise see `httpStatus`, `proxy` and its credentials.',
  tls: 'The server and this client do not agree on TLS, or the certificate was refused: `sslErrors` says why. Correct the certificate, or `ignoreSslErrors`, `caCertificates` and `sslConfig`; trying again does not help, unless `retryable` says so.',
  handshake:
    'The server, or a proxy before it, did not answer the opening handshake as RFC 6455 asks. Look at `httpStatus`, `httpHeaders` and `httpBody`, then at the URL and the `headers`.',
  protocol:
    'The server broke RFC 6455 or RFC 7692 on an open connection, which was closed with the close code given. The fault is in the server.',
  limit:
    'A limit was reached: of this machine, or of an option. Close sockets, read or write more slowly, or raise the option.',
  timeout: 'Something did not happen within its time. Try again, or allow more time.',
  closed:
    'The socket is closed, or its connection ended without a close frame, or over TLS without close_notify. Open a new one.',
  internal: 'wsfd itself. Please report it, with the text.',
};

/**
 * The HTTP statuses of a server or proxy that is overloaded, restarts, or has no backend at the
 * moment: HAProxy, nginx, Envoy and the load balancers of AWS, Azure and Google answer 502, 503 or
 * 504 then. From 520 on they are Cloudflare's, for an origin or a tunnel that it does not reach.
 */
const retryableStatuses = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530];

const retryableValues = { yes: true, no: false, depends: 'depends' };

/**
 * The rows of errors.inc in its order: { code, category, retryable, closeCode, text }. Throws on a
 * row of another form, on a symbol that comes twice, on an unknown category and on another
 * `retryable` than yes, no and depends.
 */
export function parseRows(source) {
  const rows = [];
  for (const { args, where } of readRows(source, origin)) {
    const [symbol, category, retryable, closeCode, quoted = ''] = args;
    const text = textOf(quoted);
    if (args.length !== 5 || !/^\d+$/.test(closeCode) || text === undefined) {
      throw new Error(`${where}: not ROW(symbol, category, retryable, close code, "text")`);
    }
    const code = `WSFD${symbol.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    if (rows.some((row) => row.code === code)) throw new Error(`${where}: ${symbol} comes twice`);
    if (!Object.hasOwn(categories, category)) {
      throw new Error(`${where}: there is no category ${category}`);
    }
    if (!Object.hasOwn(retryableValues, retryable)) {
      throw new Error(`${where}: retryable is ${retryable}, not yes, no or depends`);
    }
    rows.push({
      code,
      category,
      retryable: retryableValues[retryable],
      closeCode: Number(closeCode),
      text,
    });
  }
  return rows;
}

const union = (values) => values.map((value) => `  | ${JSON.stringify(value)}`).join('\n');

/** src/errors/table.ts, before prettier. */
function tableModule(rows) {
  return `// Made by scripts/generate-errors.mjs from ${origin}: edit that, not this.

/** Whose fault an error is. */
export type WebSocketErrorCategory =
${union(Object.keys(categories))};

/** Every stable \`code\` of a WebSocketError. */
export type WebSocketErrorCode =
${union(rows.map((row) => row.code))};

export interface ErrorRow {
  readonly code: WebSocketErrorCode;
  readonly category: WebSocketErrorCategory;
  /** True if the same call may succeed later though nobody changes anything. */
  readonly retryable: boolean | 'depends';
  /** The close code that the peer is sent (RFC 6455 section 7.4.1); 0: none is. */
  readonly closeCode: number;
  /** What happened, without its detail. */
  readonly text: string;
}

/** The HTTP statuses of a refusal that may pass by itself. */
export const RETRYABLE_STATUSES: readonly (number | undefined)[] = [${retryableStatuses.join(', ')}];

/** The native core's error number n is row n - 1; its number 0 is no error. */
export const ERROR_ROWS: readonly ErrorRow[] = ${JSON.stringify(rows, null, 2)};
`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

const retryableWords = new Map([
  [true, 'yes'],
  [false, ''],
  ['depends', 'it depends'],
]);

function section(category, rows) {
  const lines = rows.map(({ code, retryable, closeCode, text }) => {
    const sent = closeCode === 0 ? '' : String(closeCode);
    return `| \`${code}\` | ${retryableWords.get(retryable)} | ${sent} | ${capital(text)}. |`;
  });
  return `## ${category}

${categories[category]}

| code | retryable | close code sent | what happened |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}

/** docs/ERRORS.md, before prettier. */
function errorsPage(rows) {
  const sections = Object.keys(categories)
    .map((category) => [category, rows.filter((row) => row.category === category)])
    .filter(([, members]) => members.length > 0)
    .map(([category, members]) => section(category, members));
  const statuses = `${retryableStatuses.slice(0, -1).join(', ')} and ${retryableStatuses.at(-1)}`;
  return `<!-- Made by scripts/generate-errors.mjs from ${origin}: edit that, not this. -->

# Errors

A call that fails returns -1, or -2 for a timeout, and \`getLastError()\` read directly after it returns a \`WebSocketError\` for each error that the call had; the async iterables throw it. Programs switch on \`category\`, which says whose fault it is and what may help, or on \`code\`, which is stable: a code is never given another meaning. The \`message\` is for people and may change.

\`error.retryable\` is true if the same call may succeed later without a change; for the end of an open connection, that call is the opening. A program that stays connected tries again, with a growing pause, as long as it is true; \`webSocketConnections\` does that ([FEEDS.md](FEEDS.md)). Four codes depend on the case:

- \`WSFD_HANDSHAKE_REFUSED\` and \`WSFD_PROXY_REFUSED\` with an \`httpStatus\`: true for ${statuses}, which mean that a server or proxy is overloaded, restarts, or has no backend at the moment. (Those from 520 on are Cloudflare's.)
- \`WSFD_PROXY_REFUSED\` without one: true if the proxy ended the connection, and for the SOCKS replies 1 and 3 to 6 (a failure, or a network or host that cannot be reached).
- \`WSFD_TLS_FAILED\`: true if the connection was open already.
- \`WSFD_SOCKET_CLOSED\`: true if the server closed the connection in order; false for a call on a closed socket.

${sections.join('\n')}`;
}

/** Writes the two files, or with `check` only compares them; the names of those that differed. */
export function generateErrors({ folder, check } = {}) {
  const rows = parseRows(readSource(origin, folder));
  const pages = { 'src/errors/table.ts': tableModule(rows), 'docs/ERRORS.md': errorsPage(rows) };
  return updateFiles(pages, { folder, check });
}

if (isMain(import.meta.url)) await runGenerator(generateErrors, origin);
