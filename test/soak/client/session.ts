// One connection, from its opening to its end, as its plan says.
import {
  getLastError,
  webSocketClose,
  webSocketInfo,
  webSocketOpen,
  webSocketTerminate,
  webSocketWrite,
} from 'wsfd';
import type { Message } from 'wsfd';
import { newOutcome } from '../model/judge';
import type { Outcome } from '../model/judge';
import { kinds } from '../model/kinds';
import { MessageChecker } from '../model/messages';
import type { Plan } from '../model/plan';
import { Random } from '../model/random';
import { openArguments } from './open';
import { readers, resultOf } from './read';
import type { Sink } from './read';
import type { World } from './world';
import { Writer } from './write';

/** In so long something happens in every plan, unless a call never comes back. */
const mostIdleMs = 240_000;
const checkEveryMs = 10_000;

class Session {
  readonly outcome: Outcome;
  private readonly checker: MessageChecker;
  private readonly random: Random;
  private onFinished = (): void => undefined;
  private readonly finished = new Promise<void>((resolve) => (this.onFinished = resolve));
  private socket = -1;
  private writer: Writer | undefined;
  private stage = 'opening';
  private progress = '';
  private idleMs = 0;

  constructor(
    private readonly plan: Plan,
    private readonly world: World,
  ) {
    this.outcome = newOutcome(plan.id);
    this.checker = new MessageChecker(plan.id, 'd');
    this.random = new Random(`${plan.id} reader`);
  }

  async run(): Promise<Outcome> {
    const timer = setInterval(() => this.watch(), checkEveryMs);
    timer.unref();
    try {
      const { url, options } = openArguments(this.plan, this.world);
      const code = await webSocketOpen(url, options);
      if (code < 0) {
        this.outcome.open = resultOf(code);
        this.outcome.detail = getLastError()[0]?.message ?? '';
        this.checkRefusal();
      } else {
        this.outcome.open = 'ok';
        this.socket = code;
        await this.live();
      }
    } catch (error) {
      this.fault(
        `it threw ${error instanceof Error ? (error.stack ?? error.message) : 'something'}`,
      );
    } finally {
      clearInterval(timer);
    }
    return this.outcome;
  }

  /** Finds that something is awaited which does not come. */
  private watch(): void {
    const progress = `${this.stage} ${this.checker.count} ${this.writer?.sent ?? 0}`;
    this.idleMs = progress === this.progress ? this.idleMs + checkEveryMs : 0;
    this.progress = progress;
    if (this.idleMs < mostIdleMs) return;
    const state = webSocketInfo(this.socket)?.state ?? 'without a socket';
    this.fault(`it hangs in ${this.stage} (${state}, ${this.checker.count} messages came)`);
    webSocketTerminate(this.socket);
  }

  private fault(text: string): void {
    // A stream that is out of step is so with every message that follows.
    if (this.outcome.faults.length < 5) this.outcome.faults.push(text);
  }

  private readonly note = (call: string): void => {
    this.outcome.calls[call] = (this.outcome.calls[call] ?? 0) + 1;
  };

  /** What stands in the errors of an opening that failed. */
  private checkRefusal(): void {
    const [error] = getLastError();
    const { kind, variant } = this.plan;
    if (kind === 'refused' && error?.httpStatus !== Number(variant)) {
      this.fault(`refused with the status ${error?.httpStatus ?? 'unknown'}, not ${variant}`);
    }
    if (kind !== 'badCertificate') return;
    const expected = [...(kinds[kind].variants?.[variant] ?? [])].sort().join();
    const actual = Object.keys(error?.sslErrors ?? {}).sort();
    if (actual.join() !== expected) this.fault(`TLS errors: ${actual.join()}, not ${expected}`);
  }

  private async live(): Promise<void> {
    const { socket, world, plan } = this;
    if (!world.isNew(socket)) this.fault(`the number ${socket} was given out before`);
    this.outcome.resumed = webSocketInfo(socket)?.tls?.resumed === true;
    world.open += 1;
    const writer = new Writer(socket, plan, world, this.note, (text) => this.fault(text));
    this.writer = writer;
    this.stage = 'reading';
    const reading = this.read().then((result) => {
      this.outcome.end = result;
      if (result.startsWith('-1')) this.outcome.detail = getLastError()[0]?.message ?? '';
      // Nothing more is to be waited for.
      this.onFinished();
    });
    await this.act(writer, reading);
    this.checkCounters(writer);
    await this.leave(writer);
    this.stage = 'reading after its end';
    await reading;
    world.open -= 1;
    this.checkStale();
    this.outcome.sent = writer.sent;
    this.outcome.bytesOut = writer.bytes;
    this.outcome.received = this.checker.count;
    this.outcome.finished = this.checker.finish !== undefined;
  }

  private async read(): Promise<string> {
    if (this.plan.kind === 'lazy') await this.world.stall(this.plan.seconds * 2000);
    const sink: Sink = {
      take: (message) => this.take(message),
      note: this.note,
      maxTimeout: () => (this.random.chance(0.1) ? this.random.between(0, 20) / 100 : undefined),
      rest: () => this.world.pause(this.random.between(5, 50)),
    };
    return readers[this.plan.read](this.socket, sink);
  }

  private take(message: Message): Promise<void> | undefined {
    this.outcome.bytesIn += message.length;
    const fault = this.checker.take(message);
    if (fault !== undefined) this.fault(fault);
    if (this.checker.finish !== undefined) {
      this.onFinished();
      return undefined;
    }
    const stalls = this.random.chance(this.plan.kind === 'lazy' ? 0.03 : 0.003);
    return stalls ? this.world.stall(this.random.between(5, 400)) : undefined;
  }

  /** Does what comes before the end. */
  private async act(writer: Writer, reading: Promise<void>): Promise<void> {
    const { plan } = this;
    const { ends } = kinds[plan.kind];
    this.stage = 'writing';
    if (ends === 'never') return;
    if (ends === 'clientEarly') {
      await writer.write(plan.cutAt);
      return;
    }
    const writing = writer.write(plan.up);
    if (ends === 'serverEarly') {
      await this.world.untilAbandoned(reading);
      this.outcome.abandoned = this.world.isAbandoned && this.outcome.end === '';
      if (!this.outcome.abandoned) await writing;
      return;
    }
    if (await writing) await writer.finish(this.checker.count);
    this.stage = 'waiting for the last message';
    await this.finished;
    if (this.checker.finish !== undefined) this.checkFinish(writer);
    if (ends === 'server') await reading;
  }

  /** The server has said how many of ours came. */
  private checkFinish({ sent }: Writer): void {
    const received = this.checker.finish?.received;
    if (received !== sent) this.fault(`the server has ${received ?? 'none'} of ${sent} messages`);
  }

  private checkCounters({ sent }: Writer): void {
    const info = webSocketInfo(this.socket);
    if (info === undefined) return;
    if (info.messagesOut < sent) this.fault(`messagesOut is ${info.messagesOut}, not ${sent}`);
    if (info.messagesIn < this.checker.count) {
      this.fault(`messagesIn is ${info.messagesIn}, not ${this.checker.count}`);
    }
    const { kind, closeCode } = this.plan;
    const closedByServer = kind === 'serverClose' || kind === 'serverCloseEarly';
    if (closedByServer && !this.outcome.abandoned && info.closeCode !== closeCode) {
      this.fault(`the close code is ${info.closeCode}, not ${closeCode}`);
    }
  }

  private async leave(writer: Writer): Promise<void> {
    this.stage = 'closing';
    writer.left = true;
    const { kind, closeCode } = this.plan;
    if (kind === 'terminate' || kind === 'abort' || this.outcome.abandoned) {
      this.outcome.close = resultOf(webSocketTerminate(this.socket));
    } else {
      this.outcome.close = resultOf(await webSocketClose(this.socket, closeCode));
    }
  }

  /** The number is no socket's any more. */
  private checkStale(): void {
    const result = resultOf(webSocketWrite(this.socket, 'stale'));
    if (result !== '-1 WSFD_INVALID_SOCKET') this.fault(`a stale number's write gave ${result}`);
  }
}

/** Does what the plan says; never rejects. */
export const runPlan = (plan: Plan, world: World): Promise<Outcome> =>
  new Session(plan, world).run();
