/**
 * The WebSocket class of the WHATWG standard, on the same core as the functions: for libraries that
 * take a WebSocket constructor. docs/WEBSOCKET.md says how it differs from a browser's.
 *
 * Sentences in quotation marks are the standard's.
 */
import type { AsyncResource } from 'node:async_hooks';
import { Blob } from 'node:buffer';

import { isAborted, reasonOf, whenAborted } from '../options/abort.js';
import { quote } from '../errors/argument.js';
import { toArrayBuffer } from '../native/binary.js';
import { checkpoint } from './checkpoint.js';
import { terminateInbox } from '../socket/closing.js';
import { callIn } from '../socket/context.js';
import { makeError, thrownError } from '../errors/errors.js';
import type { WebSocketError } from '../errors/errors.js';
import { EventHandlers } from './event-handlers.js';
import { closedAsItOpened } from '../api/checks.js';
import { releaseSocket } from '../api/close.js';
import { connect } from '../api/open.js';
import type { Inbox, Message } from '../socket/inbox.js';
import { getLastError } from '../socket/last-error.js';
import { dispatchClose, dispatchError, dispatchOpen } from './dispatch.js';
import { becomeInterface } from './events.js';
import { dispatchMessage } from './message-event.js';
import { Event } from './node-event.js';
import { native, resultOf } from '../native/addon.js';
import { WriteStatus } from '../native/shared.js';
import { readOpenArguments } from '../options/open-options.js';
import type { OpenOptions } from '../options/table.js';
import { AbortController, EventTarget } from '../base/event-target.js';
import { DOMException } from '../base/platform.js';
import { callLater, now } from '../native/schedule.js';
import { sockets } from '../socket/sockets.js';
import {
  isRead,
  readCloseArguments,
  readConstructorArguments,
  readMessage,
  sizeOf,
  toText,
} from './arguments.js';
import type { Outgoing } from './arguments.js';
import { SendQueue } from './queue.js';
import type {
  AnyHandler,
  BinaryType,
  Handler,
  ReadyState,
  Sendable,
  Socket,
  Target,
} from './types.js';

export { CloseEvent, ErrorEvent, MessageEvent } from './events.js';
export type { CloseEventInit, ErrorEventInit } from './events.js';
export type { BinaryType, Sendable, WebSocketEventMap } from './types.js';

/** Options of `webSocketOpen`; the subprotocols are an argument of their own. */
export type WebSocketOptions = Omit<OpenOptions, 'protocols'>;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** RFC 6455 section 7.1.5: no close frame came, or one without a code. */
const ABNORMAL_CLOSURE = 1006;
const NO_STATUS = 1005;
/** Section 7.4.1: "an unexpected condition that prevented it from fulfilling the request". */
const INTERNAL_ERROR = 1011;
const FULL = 'the send buffer is full';

/**
 * The error of an opening that close() gives up. All sockets share it: an error keeps alive the
 * objects that were on the stack, and a program that makes each socket when the one before closes
 * would chain all of them.
 */
const GIVEN_UP = new DOMException('close() was called before it was open', 'AbortError');

/** An event's time stamp when now() is 0. */
const timeOrigin = new Event('').timeStamp - now();

const TypedTarget = EventTarget as unknown as new () => Target;
/** The WHATWG interface, with wsfd's options as a third argument. */
export class WebSocket extends TypedTarget implements Socket {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: string;
  readonly #origin: string;
  readonly #handlers = new EventHandlers(this);
  readonly #opening = new AbortController();
  readonly #context: AsyncResource;
  readonly #queue: SendQueue;
  #readyState: ReadyState = CONNECTING;
  #binaryType: BinaryType = 'blob';
  /** Set from #opened() to #saveAndDetach(). */
  #inbox: Inbox | undefined = undefined;
  /** Undefined: ask native code. */
  #agreed: { protocol: string; extensions: string } | undefined = undefined;
  /** Bytes that send() took and that are never sent. */
  #unsent = 0;
  /** The error of this side that failed the connection. */
  #failure: WebSocketError | undefined = undefined;

  /**
   * @param url `ws:`, `wss:`, `http:` or `https:` URL.
   * @param protocols Subprotocols to offer, most wanted first; or the options, `protocols`
   *   included.
   * @param options Those of `webSocketOpen`.
   * @throws A DOMException named SyntaxError for an invalid URL or subprotocol; a WebSocketError
   *   for an invalid option, or for credentials in the URL that cannot be sent.
   */
  constructor(
    url: string | URL,
    protocols?: string | readonly string[] | OpenOptions,
    options?: WebSocketOptions,
  ) {
    super();
    if (arguments.length === 0) throw new TypeError('1 argument required, but only 0 present');
    const { record, options: given } = readConstructorArguments(url, protocols, options);
    const { signal } = this.#opening;
    const settings = readOpenArguments(record.href, { ...given, signal });
    this.#context = settings.context;
    this.#url = record.href;
    this.#origin = record.origin;
    this.#queue = new SendQueue(settings.native.maxBufferedBytes);
    const forget = this.#abortWith(given.signal);
    connect(settings, (code) => {
      forget();
      const inbox = sockets.get(code);
      const error = this.#openingError(code, inbox, settings.native.protocols);
      if (error === undefined && inbox !== undefined) this.#opened(inbox);
      else this.#refuse(inbox, error);
    });
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** Payload bytes of send() that the system had not taken when this task began. */
  get bufferedAmount(): number {
    const inbox = this.#inbox;
    const sending = inbox === undefined ? 0 : resultOf(() => native.bufferedAmount(inbox.slot));
    return this.#unsent + this.#queue.bytes + (sending ?? 0);
  }

  /** The extensions that the server accepted, with its parameters; empty: none, or not open yet. */
  get extensions(): string {
    return this.#agreement().extensions;
  }

  /** The subprotocol that the server chose; empty: none, or not open yet. */
  get protocol(): string {
    return this.#agreement().protocol;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(value: BinaryType) {
    // WebIDL ignores a value that is not in the enumeration.
    const text: string = toText(value);
    if (text === 'blob' || text === 'arraybuffer') this.#binaryType = text;
  }

  get onopen(): AnyHandler {
    return this.#handlers.get('open') as AnyHandler;
  }
  set onopen(handler: Handler<'open'>) {
    this.#handlers.set('open', handler);
  }
  get onmessage(): AnyHandler {
    return this.#handlers.get('message') as AnyHandler;
  }
  set onmessage(handler: Handler<'message'>) {
    this.#handlers.set('message', handler);
  }
  get onerror(): AnyHandler {
    return this.#handlers.get('error') as AnyHandler;
  }
  set onerror(handler: Handler<'error'>) {
    this.#handlers.set('error', handler);
  }
  get onclose(): AnyHandler {
    return this.#handlers.get('close') as AnyHandler;
  }
  set onclose(handler: Handler<'close'>) {
    this.#handlers.set('close', handler);
  }

  /**
   * Sends a message: a string as text; a Blob, ArrayBuffer or view as binary. Beyond
   * `maxBufferedBytes`, it fails the connection.
   *
   * @throws A DOMException named InvalidStateError before the connection is open.
   */
  send(data: Sendable): void {
    if (arguments.length === 0) throw new TypeError('1 argument required, but only 0 present');
    const message = readMessage(data);
    if (this.#readyState === CONNECTING) {
      throw new DOMException('the connection is not open yet', 'InvalidStateError');
    }
    if (this.#readyState !== OPEN) this.#unsent += sizeOf(message);
    else if (this.#queue.isEmpty && isRead(message)) this.#write(message);
    else this.#enqueue(message);
  }

  /**
   * Closes the connection after all sent messages.
   *
   * @param code 1000, or 3000 to 4999. Absent: none; 1000 if there is a reason.
   * @param reason The close reason, at most 123 bytes of UTF-8.
   * @throws A DOMException named InvalidAccessError for another code, or SyntaxError for a longer
   *   reason.
   */
  close(code?: number, reason?: string): void {
    const readyState = this.#readyState;
    const read = readCloseArguments(code, reason);
    if (readyState >= CLOSING) return;
    this.#readyState = CLOSING;
    if (readyState === CONNECTING) this.#opening.abort(GIVEN_UP);
    else this.#queue.whenEmpty(() => this.#startClosing(read.code ?? NO_STATUS, read.reason));
  }

  /** Gives up the opening when the caller's signal is aborted. */
  #abortWith(signal: AbortSignal | undefined): () => void {
    const abort = (): void => this.#opening.abort(reasonOf(signal));
    if (signal === undefined) return () => undefined;
    if (!isAborted(signal)) return whenAborted(signal, abort);
    // Not inside the constructor: there is no listener yet.
    callLater(abort);
    return () => undefined;
  }

  /** Why the opening failed; undefined: it did not, and `inbox` is set. */
  #openingError(
    code: number,
    inbox: Inbox | undefined,
    protocols: readonly string[],
  ): WebSocketError | undefined {
    if (this.#readyState !== CONNECTING) {
      return makeError('WSFD_ABORTED', `close() was called before it was open (${this.#url})`);
    }
    if (code < 0) return getLastError()[0];
    if (inbox === undefined) {
      return closedAsItOpened(this.#url);
    }
    if (protocols.length === 0 || resultOf(() => native.info(inbox.slot))?.subprotocol !== '') {
      return undefined;
    }
    // "If protocols is not the empty list and extracting header list values given
    // `Sec-WebSocket-Protocol` and response's header list results in null, failure, or the empty
    // byte sequence, then fail the WebSocket connection." RFC 6455 lets a server choose none.
    const detail = `the server chose none of ${quote(protocols.join(', '))} (${this.#url})`;
    return makeError('WSFD_HANDSHAKE_SUBPROTOCOL_INVALID', detail);
  }

  /** Fails the opening, and ends the connection if it is open. */
  #refuse(inbox: Inbox | undefined, error: WebSocketError | undefined): void {
    if (inbox !== undefined) {
      terminateInbox(inbox);
      releaseSocket(inbox, error);
    }
    this.#finish(error, ABNORMAL_CLOSURE, '');
  }

  #agreement(): { protocol: string; extensions: string } {
    if (this.#agreed !== undefined) return this.#agreed;
    const inbox = this.#inbox;
    if (inbox === undefined) return { protocol: '', extensions: '' };
    const info = resultOf(() => native.info(inbox.slot));
    this.#agreed = { protocol: info?.subprotocol ?? '', extensions: info?.extensions ?? '' };
    return this.#agreed;
  }

  /** "When the WebSocket connection is established". */
  #opened(inbox: Inbox): void {
    inbox.subscribe((messages) => {
      this.#deliver(messages);
    });
    inbox.watcher = {
      onEnd: (error) => {
        this.#readyState = CLOSING;
        if (error !== undefined) this.#closed(inbox, this.#failure ?? error);
      },
      onClosed: (error) => {
        this.#closed(inbox, this.#failure ?? error);
      },
      onTerminate: () => {
        const detail = `it was terminated (${this.#url})`;
        this.#abandon(inbox, makeError('WSFD_CLOSED_ABNORMALLY', detail));
      },
    };
    this.#inbox = inbox;
    this.#readyState = OPEN;
    callIn(this.#context, dispatchOpen, this);
    checkpoint();
  }

  /** "When a WebSocket message has been received", each of them a task of its own. */
  #deliver(messages: readonly Message[]): void {
    const time = timeOrigin + now();
    for (const message of messages) {
      if (this.#readyState !== OPEN) return;
      const data = typeof message === 'string' ? message : this.#binary(message);
      // (not callIn: a dispatch throws nothing, and each message would pay for the arguments twice)
      this.#context.runInAsyncScope(dispatchMessage, undefined, this, data, this.#origin, time);
      checkpoint();
    }
  }

  #binary(message: Buffer): ArrayBuffer | Blob {
    return this.#binaryType === 'blob' ? new Blob([message]) : toArrayBuffer(message);
  }

  #write(message: string | Uint8Array): void {
    const { slot } = this.#inbox ?? { slot: -1 };
    const status =
      typeof message === 'string'
        ? native.writeText(slot, message)
        : native.writeBinary(slot, message);
    if (status === WriteStatus.accepted) return;
    this.#unsent += sizeOf(message);
    if (status === WriteStatus.full) {
      this.#fail(this.#fullError(), FULL);
      return;
    }
    // notOpen: the connection ends already.
    if (status !== WriteStatus.notOpen) {
      const text = 'a message could not be encoded';
      this.#fail(makeError('WSFD_OUT_OF_MEMORY', text), text);
    }
  }

  /** "If the data cannot be sent, e.g. because it would need to be buffered but the buffer is full,
   * the user agent must flag the WebSocket as full and then close the WebSocket connection." */
  #fullError(): WebSocketError {
    const detail = `more than maxBufferedBytes wait to be sent; look at bufferedAmount (${this.#url})`;
    return makeError('WSFD_SEND_BUFFER_FULL', detail);
  }

  /** Sends a message once it and the Blobs before it are read. */
  #enqueue(message: Outgoing): void {
    const waits = !this.#queue.isEmpty;
    if (!this.#queue.push(message)) {
      this.#unsent += sizeOf(message);
      const error = this.#fullError();
      // (now: the connection may end before the queue does)
      this.#failure = error;
      this.#readyState = CLOSING;
      this.#queue.whenEmpty(() => this.#fail(error, FULL));
      return;
    }
    if (waits) return;
    const write = (next: string | Uint8Array): void => this.#write(next);
    this.#queue.drain(write).catch((cause: unknown) => {
      const text = 'a Blob could not be read';
      this.#fail(makeError('WSFD_INVALID_ARGUMENT', text, { cause }), text);
    });
  }

  #startClosing(code: number, reason: string): void {
    if (this.#inbox === undefined) return;
    try {
      native.close(this.#inbox.slot, code, reason);
    } catch (thrown) {
      this.#terminate(this.#inbox, thrownError(thrown, this.#url));
    }
  }

  /**
   * RFC 6455 section 7.1.7: "_Fail the WebSocket Connection_", for an error of this side. "An
   * endpoint SHOULD send a Close frame": it follows all messages written before.
   */
  #fail(error: WebSocketError, reason: string): void {
    const inbox = this.#inbox;
    if (inbox === undefined) return;
    this.#failure = error;
    this.#readyState = CLOSING;
    this.#unsent += this.#queue.bytes;
    this.#queue.clear();
    const closes = resultOf(() => native.close(inbox.slot, INTERNAL_ERROR, reason));
    if (closes !== true) this.#terminate(inbox, error);
  }

  /** Ends a connection that cannot be closed. */
  #terminate(inbox: Inbox, error: WebSocketError): void {
    this.#abandon(inbox, error);
    terminateInbox(inbox);
    releaseSocket(inbox, error);
  }

  /** Lets go of a connection that is about to be terminated. */
  #abandon(inbox: Inbox, error: WebSocketError): void {
    this.#readyState = CLOSING;
    this.#saveAndDetach(inbox);
    callLater(() => {
      this.#finish(error, ABNORMAL_CLOSURE, '');
    });
  }

  /** Saves the attributes of a connection whose slot is about to be freed. */
  #saveAndDetach(inbox: Inbox): void {
    this.#agreement();
    this.#unsent = this.bufferedAmount;
    this.#queue.clear();
    this.#inbox = undefined;
    inbox.watcher = undefined;
  }

  #closed(inbox: Inbox, error: WebSocketError | undefined): void {
    const info = resultOf(() => native.info(inbox.slot));
    this.#saveAndDetach(inbox);
    releaseSocket(inbox, error);
    if (error === undefined) {
      this.#finish(error, info?.closeCode ?? ABNORMAL_CLOSURE, info?.closeReason ?? '');
    } else {
      this.#finish(error, ABNORMAL_CLOSURE, '');
    }
  }

  /** "When the WebSocket connection is closed, possibly cleanly". */
  #finish(error: WebSocketError | undefined, code: number, reason: string): void {
    this.#readyState = CLOSED;
    if (error !== undefined) {
      callIn(this.#context, dispatchError, this, error);
      checkpoint();
    }
    callIn(this.#context, dispatchClose, this, code !== ABNORMAL_CLOSURE, code, reason);
    checkpoint();
  }
}

const { prototype } = WebSocket;
becomeInterface('WebSocket', prototype);
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  const constant = { value, enumerable: true, writable: false, configurable: false };
  Object.defineProperty(WebSocket, name, constant);
  Object.defineProperty(prototype, name, constant);
}
// WebIDL: the length of an operation is the number of arguments that it must have.
Object.defineProperty(WebSocket, 'length', { value: 1 });
const { close } = Object.getOwnPropertyDescriptors(prototype);
Object.defineProperty(close.value, 'length', { value: 0 });
