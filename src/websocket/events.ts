/** The events of the WebSocket class: of Node's own classes where Node has them. */
import type { WebSocketError } from '../errors/errors.js';
import { becomeInterface, inherited } from './message-event.js';
import type { MessageData } from './message-event.js';
import { Event, EventTarget } from '../base/platform.js';
import { toText } from './arguments.js';

/** Node's own interface, or the DOM's. */
type AnyEvent = Event;

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

/** The DOM's interface, where a program is compiled with that. */
type AnyMessageEvent = typeof globalThis extends {
  onmessage: unknown;
  MessageEvent: { prototype: infer Type };
}
  ? Type
  : PlainMessageEvent;

/** Further members of a message's event, where the DOM's types are absent. */
interface PlainMessageEvent extends AnyEvent {
  readonly source: null;
  readonly ports: readonly never[];
}

/** A message arrived. */
export interface MessageEvent extends AnyMessageEvent {
  /** Text is a string; binary is of the type `binaryType`. */
  readonly data: MessageData;
  /** The URL's origin, such as `wss://localhost:40000`. */
  readonly origin: string;
  readonly lastEventId: string;
}

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** The connection is closed. */
export interface CloseEvent extends AnyEvent {
  /** True if both sides sent a close frame and no error occurred. */
  readonly wasClean: boolean;
  /** The server's close code; 1005: its close frame had none; 1006: `wasClean` is false. */
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

/** WebIDL's ToNumber, which takes no BigInt; without a fraction. */
const toNumber = (value: unknown): number => Math.trunc(value as number);

/** WebIDL's USVString: a lone surrogate is U+FFFD. */
const toWellFormed = (value: unknown): string => Buffer.from(toText(value)).toString();

/** WebIDL: null is an empty dictionary; any other value must be an object. */
function toDictionary<Type extends object>(init: Type | null): Type | Record<string, never> {
  if (init === null) return {};
  if (typeof init === 'object' || typeof init === 'function') return init;
  throw new TypeError('an event is made with an object, or with nothing');
}

/** For Node before 23. */
const OwnCloseEvent = class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError('1 argument required, but only 0 present');
    super(type, toDictionary(init));
    const { code = 0, reason = '', wasClean } = toDictionary(init) as Record<string, unknown>;
    this.#code = toNumber(code) & 0xffff;
    this.#reason = toWellFormed(reason);
    this.#wasClean = Boolean(wasClean);
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
    becomeInterface('CloseEvent', this.prototype);
  }
};

/** For Node before 25. */
const OwnErrorEvent = class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: string, init: ErrorEventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError('1 argument required, but only 0 present');
    super(type, toDictionary(init));
    const values = toDictionary(init) as Record<string, unknown>;
    const { colno = 0, error, filename = '', lineno = 0, message = '' } = values;
    this.#colno = toNumber(colno) >>> 0;
    this.#error = error;
    this.#filename = toWellFormed(filename);
    this.#lineno = toNumber(lineno) >>> 0;
    this.#message = toText(message);
  }
  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
  static {
    becomeInterface('ErrorEvent', this.prototype);
  }
};

export const { MessageEvent } = platform;
export const CloseEvent: Interface<CloseEvent, CloseEventInit> =
  platform.CloseEvent ?? OwnCloseEvent;
export const ErrorEvent: Interface<ErrorEvent, ErrorEventInit> =
  platform.ErrorEvent ?? (OwnErrorEvent as Interface<ErrorEvent, ErrorEventInit>);

/**
 * Dispatches an event as made by the user agent, not by a script. Node's own currentTarget is null
 * for all listeners but the first.
 */
function dispatchTrusted(target: object, event: AnyEvent): void {
  let current: object | null = target;
  Object.defineProperties(event, {
    isTrusted: { value: true, enumerable: true },
    currentTarget: { get: () => current ?? inherited('currentTarget', event) },
    eventPhase: { get: () => (current === null ? inherited('eventPhase', event) : 2) },
    composedPath: { value: () => (current === null ? [] : [current]) },
  });
  // (not target.dispatchEvent, which a caller may have replaced)
  EventTarget.prototype.dispatchEvent.call(target as EventTarget, event);
  current = null;
}

export function dispatchOpen(target: object): void {
  dispatchTrusted(target, new Event('open'));
}

export function dispatchError(target: object, error: WebSocketError): void {
  dispatchTrusted(target, new ErrorEvent('error', { message: error.message, error }));
}

export function dispatchClose(
  target: object,
  wasClean: boolean,
  code: number,
  reason: string,
): void {
  dispatchTrusted(target, new CloseEvent('close', { wasClean, code, reason }));
}
