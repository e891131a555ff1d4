/** The event of a message, made and dispatched at the least cost. */
import { inspect } from 'node:util';

import { EventTarget } from '../base/event-target.js';
import { MessageEvent, becomeInterface } from './events.js';
import type { MessageData } from './events.js';
import { Event } from './node-event.js';

/** The event's type and its constant members. */
const TYPE = 'message';
const SAME = {
  lastEventId: '',
  source: null,
  ports: Object.freeze([]) as readonly unknown[],
  isTrusted: true,
};

/** Gives a class the getters in `same`, and MessageEvent as its base. */
function becomeMessageEvent({ prototype }: { prototype: object }, same: object): void {
  for (const [name, value] of Object.entries(same) as [string, unknown][]) {
    Object.defineProperty(prototype, name, { get: () => value, configurable: true });
  }
  becomeInterface('MessageEvent', prototype);
  // Libraries copy an event with its `constructor`, which must be MessageEvent.
  Reflect.deleteProperty(prototype, 'constructor');
  Object.setPrototypeOf(prototype, MessageEvent.prototype);
}

/** The value of a member that Node's Event has for `event`. */
export function inherited(name: keyof Event, event: object): unknown {
  const value: unknown = Reflect.get(Event.prototype, name, event);
  // Node 18 does not reset currentTarget after the dispatch.
  return name === 'currentTarget' && inherited('eventPhase', event) === 0 ? null : value;
}

/** (not target.dispatchEvent, which a caller may have replaced) */
function dispatch(target: object, event: object): boolean {
  return EventTarget.prototype.dispatchEvent.call(target as EventTarget, event as Event);
}

/**
 * The event of a message as Event's own constructor makes it, with MessageEvent's members. Programs
 * must not be able to tell a CheapMessageEvent from it.
 */
export class PlainMessageEvent extends Event {
  readonly #data: MessageData;
  readonly #origin: string;
  #current: object | null = null;

  static {
    becomeMessageEvent(this, SAME);
  }

  static dispatch(target: object, data: MessageData, origin: string): PlainMessageEvent {
    const event = new PlainMessageEvent(data, origin);
    event.#current = target;
    dispatch(target, event);
    event.#current = null;
    return event;
  }

  private constructor(data: MessageData, origin: string) {
    super(TYPE);
    this.#data = data;
    this.#origin = origin;
  }

  get data(): MessageData {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }

  // Node's own are null and 0 for all listeners but the first.
  override get currentTarget(): EventTarget | null {
    return (this.#current ?? inherited('currentTarget', this)) as EventTarget | null;
  }
  override get eventPhase(): 0 | 2 {
    return this.#current === null ? (inherited('eventPhase', this) as 0 | 2) : 2;
  }
  override composedPath(): [] | [EventTarget] {
    return this.#current === null ? (super.composedPath() as []) : [this.#current as EventTarget];
  }
}

/** The symbols under which EventTarget keeps state in an event; undefined: this Node has others. */
function findSymbols(): Record<'type' | 'target' | 'dispatched' | 'stop', symbol> | undefined {
  const sample = new Event(TYPE);
  const made = Object.getOwnPropertySymbols(sample);
  const find = (description: string): symbol | undefined =>
    Object.getOwnPropertySymbols(sample).find((symbol) => symbol.description === description);
  sample.stopImmediatePropagation();
  const [type, target, dispatched, stop] = [
    find('type'),
    find('kTarget'),
    find('kIsBeingDispatched'),
    find('kStop'),
  ];
  if (type === undefined || target === undefined || dispatched === undefined) return undefined;
  if (stop === undefined || made.includes(stop)) return undefined;
  return { type, target, dispatched, stop };
}

const symbols = findSymbols();
const kType: unique symbol = (symbols?.type ?? Symbol()) as never;
const kTarget: unique symbol = (symbols?.target ?? Symbol()) as never;
const kIsBeingDispatched: unique symbol = (symbols?.dispatched ?? Symbol()) as never;
const kStop: unique symbol = (symbols?.stop ?? Symbol()) as never;

/**
 * The same without Event's constructor, which costs as much as the rest. Node's EventTarget keeps
 * its state in an event under symbols; this class has the other members of Event.
 */
export class CheapMessageEvent {
  [kType] = TYPE;
  [kTarget]: object | null = null;
  [kIsBeingDispatched] = false;
  declare [kStop]: boolean;
  readonly #data: MessageData;
  readonly #origin: string;
  readonly #timeStamp: number;
  #current: object | null;
  #stopped = false;

  static {
    const never = { bubbles: false, cancelable: false, composed: false, defaultPrevented: false };
    becomeMessageEvent(this, { ...SAME, ...never, returnValue: true });
  }

  static dispatch(
    target: object,
    data: MessageData,
    origin: string,
    timeStamp: number,
  ): CheapMessageEvent {
    const event = new CheapMessageEvent(target, data, origin, timeStamp);
    dispatch(target, event);
    event.#current = null;
    return event;
  }

  private constructor(target: object, data: MessageData, origin: string, timeStamp: number) {
    this.#data = data;
    this.#origin = origin;
    this.#timeStamp = timeStamp;
    this.#current = target;
  }

  get data(): MessageData {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  get type(): string {
    return this[kType];
  }
  get timeStamp(): number {
    return this.#timeStamp;
  }
  get currentTarget(): unknown {
    return this.#current ?? inherited('currentTarget', this);
  }
  get eventPhase(): unknown {
    return this.#current === null ? inherited('eventPhase', this) : 2;
  }
  composedPath(): unknown[] {
    if (this.#current !== null) return [this.#current];
    return Event.prototype.composedPath.call(this as unknown as Event);
  }
  get cancelBubble(): boolean {
    return this.#stopped;
  }
  set cancelBubble(value: unknown) {
    if (value) this.#stopped = true;
  }
  stopPropagation(): void {
    this.#stopped = true;
  }
  stopImmediatePropagation(): void {
    this.#stopped = true;
    this[kStop] = true;
  }
  /** The event is not cancelable. */
  preventDefault(): void {
    return;
  }
  initEvent(type: unknown): void {
    if (this.#current === null) this[kType] = String(type);
  }
  [inspect.custom](_depth: number, options: object): string {
    const { type, data, origin, timeStamp } = this;
    return `MessageEvent ${inspect({ type, data, origin, timeStamp }, options)}`;
  }
}

/** True if Node's EventTarget dispatches a CheapMessageEvent as it does other events. */
function isCheapUsable(): boolean {
  if (symbols === undefined) return false;
  const target = new EventTarget();
  const seen: unknown[] = [];
  const first = (event: Event): void => {
    seen.push(event.type, event.target === target, event.currentTarget === target);
    event.stopImmediatePropagation();
  };
  target.addEventListener(TYPE, first, { once: true });
  target.addEventListener(TYPE, () => seen.push('second'));
  try {
    const event: unknown = CheapMessageEvent.dispatch(target, '', '', 0);
    CheapMessageEvent.dispatch(target, '', '', 0);
    seen.push(event instanceof Event, (event as Event).target === target);
    return seen.join() === [TYPE, true, true, 'second', true, true].join();
  } catch {
    return false;
  }
}

/**
 * Dispatches the event of a message at `target`, an EventTarget. `timeStamp` is its arrival, in the
 * time of performance.now().
 */
export const dispatchMessage: (
  target: object,
  data: MessageData,
  origin: string,
  timeStamp: number,
) => unknown = isCheapUsable()
  ? (target, data, origin, timeStamp) => CheapMessageEvent.dispatch(target, data, origin, timeStamp)
  : (target, data, origin) => PlainMessageEvent.dispatch(target, data, origin);
