/** The events of the WebSocket class: of Node's own classes where it has them. */
import type { Blob } from 'node:buffer';

import type { WebSocketError } from './errors.js';

/** Node's own interface, or the DOM's. */
type AnyEvent = Event;

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

/** A message came. */
export interface MessageEvent extends AnyEvent {
  /** Text is a string; binary is what `binaryType` says. */
  readonly data: string | ArrayBuffer | Blob;
  /** The URL's origin, such as `wss://localhost:40000`. */
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: unknown;
  readonly ports: readonly unknown[];
}

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** The connection is closed. */
export interface CloseEvent extends AnyEvent {
  /** True if both sides sent a close frame. */
  readonly wasClean: boolean;
  /** The server's close code; 1005: its close frame had none; 1006: none came. */
  readonly code: number;
  readonly reason: string;
}

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

/** The connection failed; a CloseEvent follows. */
export interface ErrorEvent extends AnyEvent {
  readonly message: string;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
  /** The WebSocketError that says what happened. */
  readonly error: WebSocketError;
}

interface Interface<Type, Init> {
  readonly prototype: Type;
  new (type: string, init?: Init): Type;
}

const platform = globalThis as unknown as {
  MessageEvent: Interface<MessageEvent, EventInit & Partial<Omit<MessageEvent, keyof Event>>>;
  CloseEvent?: Interface<CloseEvent, CloseEventInit>;
  ErrorEvent?: Interface<ErrorEvent, ErrorEventInit>;
};

/** WebIDL's unsigned short. */
const toUnsignedShort = (value: unknown): number => Number(value) & 0xffff;

/** Names an interface as WebIDL does. */
function tag({ prototype, name }: { prototype: object; name: string }): void {
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** For Node before 23. */
const OwnCloseEvent = class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit = {}) {
    super(type, init);
    this.#wasClean = init.wasClean ?? false;
    this.#code = toUnsignedShort(init.code ?? 0);
    this.#reason = init.reason ?? '';
  }
  get wasClean(): boolean {
    return this.#wasClean;
  }
  get code(): number {
    return this.#code;
  }
  get reason(): string {
    return this.#reason;
  }
  static {
    tag(this);
  }
};

/** For Node before 25. */
const OwnErrorEvent = class ErrorEvent extends Event {
  readonly #init: ErrorEventInit;

  constructor(type: string, init: ErrorEventInit = {}) {
    super(type, init);
    this.#init = { ...init };
  }
  get message(): string {
    return this.#init.message ?? '';
  }
  get filename(): string {
    return this.#init.filename ?? '';
  }
  get lineno(): number {
    return this.#init.lineno ?? 0;
  }
  get colno(): number {
    return this.#init.colno ?? 0;
  }
  get error(): unknown {
    return this.#init.error;
  }
  static {
    tag(this);
  }
};

export const { MessageEvent } = platform;
export const CloseEvent: Interface<CloseEvent, CloseEventInit> =
  platform.CloseEvent ?? OwnCloseEvent;
export const ErrorEvent: Interface<ErrorEvent, ErrorEventInit> =
  platform.ErrorEvent ?? (OwnErrorEvent as Interface<ErrorEvent, ErrorEventInit>);

/**
 * A MessageEvent that costs as little as an Event: Node's own constructor takes up to ten times as
 * long. It is one of MessageEvent's instances, and Event's own constructor made it, so that whatever
 * takes an event takes it.
 */
class IncomingMessage extends Event {
  readonly #data: MessageEvent['data'];
  readonly #origin: string;

  constructor(data: MessageEvent['data'], origin: string) {
    super('message');
    this.#data = data;
    this.#origin = origin;
  }
  get data(): MessageEvent['data'] {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  declare readonly lastEventId: string;
  declare readonly source: null;
  declare readonly ports: readonly unknown[];

  static {
    const same = { lastEventId: '', source: null, ports: Object.freeze([]), isTrusted: true };
    for (const [name, value] of Object.entries(same)) {
      Object.defineProperty(this.prototype, name, { get: () => value });
    }
  }
}
// Its `constructor` is to be MessageEvent: libraries make copies with it.
Reflect.deleteProperty(IncomingMessage.prototype, 'constructor');
Object.setPrototypeOf(IncomingMessage.prototype, MessageEvent.prototype);

/** The event of a message. */
export function messageEvent(data: MessageEvent['data'], origin: string): MessageEvent {
  return new IncomingMessage(data, origin);
}

/** An event that the user agent made, not a script. */
function trusted<Type extends AnyEvent>(event: Type): Type {
  return Object.defineProperty(event, 'isTrusted', { value: true, enumerable: true });
}

export const openEvent = (): Event => trusted(new Event('open'));

export function errorEvent(error: WebSocketError): ErrorEvent {
  return trusted(new ErrorEvent('error', { message: error.message, error }));
}

export function closeEvent(wasClean: boolean, code: number, reason: string): CloseEvent {
  return trusted(new CloseEvent('close', { wasClean, code, reason }));
}
