// The server's side of a connection: the same for every server, whatever carries it.
import { kinds } from '../model/kinds';
import { finishMessage, MessageChecker, MessageMaker } from '../model/messages';
import type { Plan } from '../model/plan';
import { Random } from '../model/random';
import { report } from './parent';

/** What a server can do with a connection. */
export interface Line {
  send(data: string | Buffer): void;
  /** Bytes that wait to be sent. */
  buffered(): number;
  close(code: number): void;
  /** Ends it as the plan's kind wants it ended in the midst. */
  cut(): void;
}

/** Past so many waiting bytes nothing is added. */
const mostBuffered = 1 << 20;

const sides = new Set<Side>();
const waiting = new Map<NodeJS.Timeout, () => void>();
let pace = 1;

/** Calls back after so many milliseconds at full pace, or when everything comes to its end. */
export function later(ms: number, callback: () => void): NodeJS.Timeout {
  const timer = setTimeout(() => {
    waiting.delete(timer);
    callback();
  }, ms * pace);
  waiting.set(timer, callback);
  return timer;
}

function cancel(timer: NodeJS.Timeout | undefined): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  waiting.delete(timer);
}

/** 0: everything comes to its end at once. */
export function setPace(value: number): void {
  pace = value;
  if (value !== 0) return;
  const callbacks = [...waiting.values()];
  for (const timer of waiting.keys()) cancel(timer);
  for (const callback of callbacks) callback();
}

export const openSides = (): number => sides.size;

export class Side {
  private readonly maker: MessageMaker;
  private readonly checker: MessageChecker;
  private readonly random: Random;
  private readonly faults: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly plan: Plan,
    private readonly line: Line,
  ) {
    this.maker = new MessageMaker(plan.id, 'd', plan.sizes);
    this.checker = new MessageChecker(plan.id, 'u');
    this.random = new Random(`${plan.id} server`);
    sides.add(this);
    this.wait();
  }

  /** Takes a message of the client's. */
  take(message: string | Buffer): void {
    if (this.ended) return;
    const fault = this.checker.take(message);
    if (fault !== undefined && this.faults.length < 5) this.faults.push(fault);
    if (this.checker.finish !== undefined) this.finish();
  }

  /** The connection is gone; `code` is the close code that came. */
  gone(code: number): void {
    this.stop();
    sides.delete(this);
    const { id } = this.plan;
    const { faults } = this;
    report({ id, code, faults, received: this.checker.count, sent: this.maker.count });
  }

  private stop(): void {
    this.ended = true;
    cancel(this.timer);
  }

  private wait(): void {
    this.timer = later(this.random.between(0, this.plan.gapMs), () => this.step());
  }

  /** Sends the next burst, or does what is to be done when all are sent. */
  private step(): void {
    const early = kinds[this.plan.kind].ends === 'serverEarly';
    const most = early ? this.plan.cutAt : this.plan.down;
    if (this.line.buffered() > mostBuffered) {
      this.timer = setTimeout(() => this.step(), 20);
      return;
    }
    const burst = Math.min(most - this.maker.count, this.random.between(1, this.plan.burst));
    for (let i = 0; i < burst; i++) this.line.send(this.maker.next());
    if (this.maker.count < most) {
      this.wait();
    } else if (early) {
      this.stop();
      if (this.plan.kind === 'serverCloseEarly') this.line.close(this.plan.closeCode);
      else this.line.cut();
    }
  }

  /** The client has sent its last message: ours follows, and the close frame if it is ours to send. */
  private finish(): void {
    this.stop();
    const { id, kind, closeCode } = this.plan;
    this.line.send(finishMessage(id, { received: this.checker.count, sent: this.maker.count }));
    if (kind === 'serverClose' || kind === 'crossing') this.line.close(closeCode);
  }
}

/** The plan that stands in a request's query. */
export const planIn = (query: string): Plan =>
  JSON.parse(new URLSearchParams(query).get('plan') ?? 'null') as Plan;
