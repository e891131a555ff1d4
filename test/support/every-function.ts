// Calls every public function, and the class, so that each succeeds and fails in its own ways: for
// programs in whose process something is not as usual.
import type * as Wsfd from 'wsfd';
import type * as WsfdWebSocket from 'wsfd/websocket';
import { startTcpServer, startWsServer } from './servers';

export interface Urls {
  /** A server that echoes. */
  readonly echo: string;
  /** One that never answers. */
  readonly silent: string;
  /** Nobody listens there. */
  readonly refused: string;
}

/** What EveryFunction needs, in another process than that which it runs in: some calls block. */
export async function startServers(): Promise<{ urls: Urls; close(): Promise<void> }> {
  const [echo, silent, gone] = [
    await startWsServer(),
    await startTcpServer(),
    await startTcpServer(),
  ];
  await gone.close();
  return {
    urls: { echo: echo.url, silent: silent.url, refused: gone.url },
    close: async () => {
      await Promise.all([echo.close(), silent.close()]);
    },
  };
}

/** What it gives where all is as it should be. */
export const everyOutcome: Readonly<Record<string, unknown>> = {
  open: 0,
  openRefused: [-1, 'WSFD_CONNECT_FAILED'],
  openArgument: [-1, 'WSFD_INVALID_OPTION'],
  openTimeout: [-2, 'WSFD_OPEN_TIMEOUT'],
  openAborted: [-1, 'WSFD_ABORTED'],
  read: [0, 'read'],
  readNothing: [-2, 'WSFD_READ_TIMEOUT'],
  readTimeout: [-2, 'WSFD_READ_TIMEOUT'],
  readWaits: [0, 'waits'],
  readNoSocket: [-1, 'WSFD_INVALID_SOCKET'],
  readMany: [0, 'a', 'b'],
  readManyTimeout: [-2, 'WSFD_READ_TIMEOUT'],
  writeArgument: [-1, 'WSFD_INVALID_ARGUMENT'],
  flush: 0,
  flushNoSocket: [-1, 'WSFD_INVALID_SOCKET'],
  ping: 0,
  pingNoSocket: [-1, 'WSFD_INVALID_SOCKET'],
  messages: ['m'],
  batches: ['n'],
  iterateNoSocket: 'WSFD_INVALID_SOCKET',
  connections: ['open', 'open'],
  connectionsRefused: ['WSFD_CONNECT_FAILED', 0, 1],
  subscribed: ['before', 'behind'],
  ended: [1],
  info: ['open', true],
  list: 1,
  close: 0,
  closeNoSocket: [-1, 'WSFD_INVALID_SOCKET'],
  terminate: [0, 'WSFD_INVALID_SOCKET'],
  openSync: 0,
  openSyncRefused: [-1, 'WSFD_CONNECT_FAILED'],
  openSyncTimeout: [-2, 'WSFD_OPEN_TIMEOUT'],
  readSync: [0, 'sync'],
  readSyncTimeout: [-2, 'WSFD_READ_TIMEOUT'],
  readManySync: [0, 'c'],
  flushSync: 0,
  closeSync: 0,
  events: ['open', 'message text', 'message object', 'close 1000 true'],
  eventsRefused: ['error WSFD_CONNECT_FAILED', 'close 1006 false'],
  eventsTimeout: ['error WSFD_OPEN_TIMEOUT', 'close 1006 false'],
  eventsAborted: ['error WSFD_ABORTED', 'close 1006 false'],
  eventsClosed: ['error WSFD_ABORTED', 'close 1006 false'],
  eventsFull: ['open', 'error WSFD_SEND_BUFFER_FULL', 'close 1006 false'],
};

type Code = number | Promise<number>;
type Socket = InstanceType<typeof WsfdWebSocket.WebSocket>;

/** Seconds that a call waits in vain, and those after which what must come is taken for lost. */
const times = { short: 0.05, long: 60 };

/** Its text is what runs (test/support/child.ts): it has nothing of this file. */
class EveryFunction {
  readonly result: Record<string, unknown> = {};
  readonly aborting = new AbortController();

  constructor(
    readonly wsfd: typeof Wsfd,
    readonly WebSocket: typeof WsfdWebSocket.WebSocket,
    readonly urls: Urls,
    readonly seconds: { short: number; long: number },
  ) {}

  /** What came of all calls, to be compared with everyOutcome. */
  async run(): Promise<Record<string, unknown>> {
    this.aborting.abort();
    await this.open();
    const socket = await this.wsfd.webSocketOpen(this.urls.echo);
    this.result['open'] = await this.coded(socket);
    await this.read(socket);
    await this.write(socket);
    await this.iterate(socket);
    await this.connect();
    await this.subscribe(socket);
    await this.end(socket);
    await this.block();
    await this.dispatch();
    return this.result;
  }

  /** A code, with the error's where there is one. */
  async coded(code: Code): Promise<unknown> {
    const value = typeof code === 'number' ? code : await code;
    const [error] = this.wsfd.getLastError();
    return error === undefined ? Math.min(value, 0) : [value, error.code];
  }

  async open(): Promise<void> {
    const { wsfd, result, urls, seconds } = this;
    const { echo, silent, refused } = urls;
    result['openRefused'] = await this.coded(wsfd.webSocketOpen(refused));
    result['openArgument'] = await this.coded(wsfd.webSocketOpen(echo, { timeout: -1 }));
    result['openTimeout'] = await this.coded(
      wsfd.webSocketOpen(silent, { timeout: seconds.short }),
    );
    result['openAborted'] = await this.coded(
      wsfd.webSocketOpen(echo, { signal: this.aborting.signal }),
    );
  }

  async read(socket: number): Promise<void> {
    const { wsfd, result, seconds } = this;
    const data: Wsfd.Ref<Wsfd.Message> = {};
    wsfd.webSocketWrite(socket, 'read');
    result['read'] = [await wsfd.webSocketRead(socket, data, seconds.long), data.value];
    result['readNothing'] = await this.coded(wsfd.webSocketRead(socket, data, 0));
    result['readTimeout'] = await this.coded(wsfd.webSocketRead(socket, data, seconds.short));
    const waits = wsfd.webSocketRead(socket, data);
    wsfd.webSocketWrite(socket, 'waits');
    result['readWaits'] = [await waits, data.value];
    result['readNoSocket'] = await this.coded(wsfd.webSocketRead(-1, data));
    const into: Wsfd.Message[] = [];
    wsfd.webSocketWritePacked(socket, Buffer.from('ab'), Uint32Array.of(1, 2), 2, 'text');
    let code = 0;
    while (code === 0 && into.length < 2) {
      code = await wsfd.webSocketReadMany(socket, into, seconds.long);
    }
    result['readMany'] = [code, ...into];
    const inVain = wsfd.webSocketReadMany(socket, into, seconds.short);
    result['readManyTimeout'] = await this.coded(inVain);
  }

  async write(socket: number): Promise<void> {
    const { wsfd, result } = this;
    result['writeArgument'] = await this.coded(wsfd.webSocketWrite(socket, 5 as never));
    wsfd.webSocketWrite(socket, 'm');
    result['flush'] = await this.coded(wsfd.webSocketFlush(socket));
    result['flushNoSocket'] = await this.coded(wsfd.webSocketFlush(-1));
    result['ping'] = await this.coded(wsfd.webSocketPing(socket));
    result['pingNoSocket'] = await this.coded(wsfd.webSocketPing(-1));
  }

  async iterate(socket: number): Promise<void> {
    const { wsfd, result } = this;
    for await (const message of wsfd.webSocketMessages(socket)) {
      result['messages'] = [message];
      break;
    }
    wsfd.webSocketWrite(socket, 'n');
    for await (const batch of wsfd.webSocketBatches(socket)) {
      result['batches'] = batch;
      break;
    }
    try {
      await wsfd.webSocketMessages(-1).next();
    } catch (error) {
      result['iterateNoSocket'] = (error as Wsfd.WebSocketError).code;
    }
  }

  /** A pause lies before each connection but the first, and behind the attempt that is refused. */
  async connect(): Promise<void> {
    const { wsfd, result, urls, seconds } = this;
    const reconnect = { minDelay: seconds.short, maxDelay: seconds.short };
    const states: unknown[] = [];
    for await (const socket of wsfd.webSocketConnections(urls.echo, {}, reconnect)) {
      states.push(wsfd.webSocketInfo(socket)?.state);
      if (states.length === 2) break;
    }
    result['connections'] = states;
    const told: unknown[] = [];
    const refused = wsfd.webSocketConnections(urls.refused, () => ({}), {
      ...reconnect,
      maxAttempts: 2,
      onRetry: (_error, delay, attempt) => {
        told.push(delay > seconds.short ? 'too long' : 0, attempt);
      },
    });
    const thrown = await refused.next().catch((error: unknown) => error);
    result['connectionsRefused'] = [(thrown as Wsfd.WebSocketError).code, ...told];
  }

  async subscribe(socket: number): Promise<void> {
    const { wsfd, result } = this;
    const seen: unknown[] = [];
    wsfd.webSocketWrite(socket, 'before');
    await wsfd.webSocketPing(socket);
    await new Promise<void>((resolve) => {
      const subscriber = (batch: readonly Wsfd.Message[]): void => {
        seen.push(...batch);
        if (seen.length === 1) wsfd.webSocketWrite(socket, 'behind');
        else resolve();
      };
      wsfd.webSocketSubscribe(socket, subscriber, (code) => (result['ended'] = [code]));
    });
    result['subscribed'] = seen;
  }

  async end(socket: number): Promise<void> {
    const { wsfd, result } = this;
    const { state, roundTripMs = -1 } = wsfd.webSocketInfo(socket) ?? {};
    result['info'] = [state, roundTripMs > 0];
    result['list'] = wsfd.webSocketList().length;
    result['close'] = await this.coded(wsfd.webSocketClose(socket));
    result['closeNoSocket'] = await this.coded(wsfd.webSocketClose(socket));
    const other = await wsfd.webSocketOpen(this.urls.echo);
    const terminated = wsfd.webSocketTerminate(other);
    wsfd.webSocketTerminate(other);
    result['terminate'] = [terminated, wsfd.getLastError()[0]?.code];
  }

  async block(): Promise<void> {
    const { wsfd, result, seconds } = this;
    const { echo, silent, refused } = this.urls;
    const socket = wsfd.webSocketOpenSync(echo, { timeout: seconds.long });
    result['openSync'] = await this.coded(socket);
    result['openSyncRefused'] = await this.coded(wsfd.webSocketOpenSync(refused));
    const inVain = wsfd.webSocketOpenSync(silent, { timeout: seconds.short });
    result['openSyncTimeout'] = await this.coded(inVain);
    const data: Wsfd.Ref<Wsfd.Message> = {};
    wsfd.webSocketWrite(socket, 'sync');
    result['readSync'] = [wsfd.webSocketReadSync(socket, data), data.value];
    result['readSyncTimeout'] = await this.coded(
      wsfd.webSocketReadSync(socket, data, seconds.short),
    );
    const into: Wsfd.Message[] = [];
    wsfd.webSocketWrite(socket, 'c');
    result['flushSync'] = await this.coded(wsfd.webSocketFlushSync(socket));
    result['readManySync'] = [wsfd.webSocketReadManySync(socket, into, seconds.long), ...into];
    result['closeSync'] = await this.coded(wsfd.webSocketCloseSync(socket));
  }

  /** The events of a socket, with what each says, until it is closed. */
  eventsOf(
    socket: Socket,
    onOpen: () => void = () => undefined,
    onMessage: (count: number) => void = () => undefined,
  ): Promise<string[]> {
    return new Promise((resolve) => {
      const seen: string[] = [];
      let messages = 0;
      socket.addEventListener('open', () => {
        seen.push('open');
        onOpen();
      });
      socket.addEventListener('message', ({ data }) => {
        seen.push(`message ${typeof data === 'string' ? data : typeof data}`);
        onMessage(++messages);
      });
      socket.addEventListener('error', ({ error }) => seen.push(`error ${error.code}`));
      socket.addEventListener('close', ({ code, wasClean }) => {
        seen.push(`close ${String(code)} ${String(wasClean)}`);
        resolve(seen);
      });
    });
  }

  async dispatch(): Promise<void> {
    const { WebSocket, result, seconds } = this;
    const { echo, silent, refused } = this.urls;
    const socket = new WebSocket(echo);
    const send = (): void => {
      socket.send('text');
      socket.send(new Blob(['blob']));
    };
    result['events'] = await this.eventsOf(socket, send, (count) => {
      if (count === 2) socket.close(1000);
    });
    const options = { timeout: seconds.short };
    result['eventsRefused'] = await this.eventsOf(new WebSocket(refused));
    result['eventsTimeout'] = await this.eventsOf(new WebSocket(silent, [], options));
    const { signal } = this.aborting;
    result['eventsAborted'] = await this.eventsOf(new WebSocket(echo, [], { signal }));
    const closed = new WebSocket(echo);
    closed.close();
    result['eventsClosed'] = await this.eventsOf(closed);
    const full = new WebSocket(echo, [], { maxBufferedBytes: 10 });
    result['eventsFull'] = await this.eventsOf(full, () => full.send('more than ten bytes'));
  }
}

/** A program's expression: a function of `wsfd`, its class and the URLs that calls every function. */
export const everyFunction =
  `((wsfd, WebSocket, urls) => ` +
  `new (${EveryFunction.toString()})(wsfd, WebSocket, urls, ${JSON.stringify(times)}).run())`;
