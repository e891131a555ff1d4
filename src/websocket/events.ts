/** The classes of the WebSocket class's events: Node's own where Node has them. */
import type { Blob } from 'node:buffer';

import type { WebSocketError } from '../errors/errors.js';
import { toText } from './arguments.js';
import { Event } from './node-event.js';

/** The data of a message's event. */
export type MessageData = string | ArrayBuffer | Blob;

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

/** A global class, if its events are Node's: jsdom has classes with an Event of its own. */
function platformClass<Type, Init>(name: string): Interface<Type, Init> | undefined {
  const value: unknown = Reflect.get(globalThis, name);
  if (typeof value !== 'function' || !(value.prototype instanceof Event)) return undefined;
  return value as unknown as Interface<Type, Init>;
}

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

/** WebIDL: an interface's members are enumerable; its name is its instances' toStringTag. */
export function becomeInterface(name: string, prototype: object): void {
  for (const member of Object.getOwnPropertyNames(prototype)) {
    if (member !== 'constructor') Object.defineProperty(prototype, member, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** Where the global class is not Node's. */
const OwnMessageEvent = class MessageEvent extends Event {
  readonly #data: unknown;
  readonly #origin: string;
  readonly #lastEventId: string;
  readonly #source: unknown;
  readonly #ports: readonly unknown[];

  constructor(type: string, init: object | null = {}) {
    if (arguments.length === 0) throw new TypeError('1 argument required, but only 0 present');
    super(type, toDictionary(init));
    const values = toDictionary(init) as Record<string, unknown>;
    const { data = null, lastEventId = '', origin = '', ports = [], source = null } = values;
    this.#data = data;
    this.#lastEventId = toText(lastEventId);
    this.#origin = toWellFormed(origin);
    this.#ports = Object.freeze([...(ports as Iterable<unknown>)]);
    this.#source = source;
  }
  get data(): unknown {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  get lastEventId(): string {
    return this.#lastEventId;
  }
  get source(): unknown {
    return this.#source;
  }
  get ports(): readonly unknown[] {
    return this.#ports;
  }
  static {
    becomeInterface('MessageEvent', this.prototype);
  }
};

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

export const MessageEvent: Interface<
  MessageEvent,
  EventInit & Partial<Omit<MessageEvent, keyof Event>>
> = platformClass('MessageEvent') ?? (OwnMessageEvent as unknown as typeof MessageEvent);
export const CloseEvent: Interface<CloseEvent, CloseEventInit> =
  platformClass('CloseEvent') ?? OwnCloseEvent;
export const ErrorEvent: Interface<ErrorEvent, ErrorEventInit> =
  platformClass('ErrorEvent') ?? (OwnErrorEvent as Interface<ErrorEvent, ErrorEventInit>);
