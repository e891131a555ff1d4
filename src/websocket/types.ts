/** The types of the WebSocket class, which is assignable to the DOM's and to Node's. */
import type { CloseEvent, ErrorEvent, MessageEvent } from './events.js';

/** The type of received binary data. */
export type BinaryType = 'blob' | 'arraybuffer';

/** CONNECTING, OPEN, CLOSING, CLOSED. */
export type ReadyState = 0 | 1 | 2 | 3;

/** The events by their names. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: ErrorEvent;
  close: CloseEvent;
}

/** The type of `this` in a handler, which fits the DOM's own sockets too. */
export interface Socket {
  readonly url: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  binaryType: BinaryType;
  send(data: Sendable): void;
  close(code?: number, reason?: string): void;
}

/** Node's Blob, or the DOM's. */
interface AnyBlob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  stream(): unknown;
}

/** Node's global Blob without the DOM's types: then Node's WebSocket takes the same data. */
type PlatformBlob = typeof globalThis extends { onmessage: unknown }
  ? AnyBlob
  : typeof globalThis extends { Blob: { prototype: infer Type } }
    ? Type
    : AnyBlob;

/** Data for send(). */
export type Sendable = string | ArrayBuffer | ArrayBufferView | PlatformBlob;

/** Of a method, so that a function for a narrower event fits, such as a MessageEvent of text. */
type Callback<Type extends keyof WebSocketEventMap> = {
  call(this: Socket, event: WebSocketEventMap[Type]): unknown;
}['call'];

type Listener<Type extends keyof WebSocketEventMap> =
  Callback<Type> | { handleEvent(event: WebSocketEventMap[Type]): unknown };

interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

/** An EventTarget whose events are known. */
export interface Target {
  addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<Type> | null,
    options?: boolean | ListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: ((event: Event) => unknown) | { handleEvent(event: Event): unknown } | null,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: Listener<Type> | null,
    options?: boolean | { capture?: boolean },
  ): void;
  removeEventListener(
    type: string,
    listener: ((event: Event) => unknown) | { handleEvent(event: Event): unknown } | null,
    options?: boolean | { capture?: boolean },
  ): void;
  dispatchEvent(event: Event): boolean;
}

/** The type of an `on…` that is set. */
export type Handler<Type extends keyof WebSocketEventMap> = Callback<Type> | null;

/**
 * The type of an `on…` that is read. The DOM's and Node's types know less of their events: only
 * with this type is a WebSocket of this class assignable to one of theirs.
 */
export type AnyHandler = ((this: any, event: any) => unknown) | null;
