// The client's messages: written in bursts, one by one or many at once, with flushes and pings.
import {
  webSocketFlush,
  webSocketInfo,
  webSocketPing,
  webSocketWrite,
  webSocketWriteMany,
} from 'wsfd';
import { finishMessage, MessageMaker } from '../model/messages';
import { mayPing } from '../model/plan';
import type { Plan } from '../model/plan';
import { Random } from '../model/random';
import { resultOf } from './read';
import type { World } from './world';

const full = '-1 WSFD_SEND_BUFFER_FULL';

export class Writer {
  /** Messages that were accepted, the last one of the direction not counted. */
  sent = 0;
  bytes = 0;
  /** Set when the socket's number is ours no more. */
  left = false;
  private readonly maker: MessageMaker;
  private readonly random: Random;

  constructor(
    private readonly socket: number,
    private readonly plan: Plan,
    private readonly world: World,
    private readonly note: (call: string) => void,
    private readonly fault: (text: string) => void,
  ) {
    this.maker = new MessageMaker(plan.id, 'u', plan.sizes);
    this.random = new Random(`${plan.id} writer`);
  }

  /** Writes `count` messages; false if the connection is over. */
  async write(count: number): Promise<boolean> {
    while (this.sent < count) {
      if (this.left) return false;
      if (this.world.stopping) return true;
      const burst = Math.min(count - this.sent, this.random.between(1, this.plan.burst));
      const messages = Array.from({ length: burst }, () => this.maker.next());
      const all =
        this.plan.write === 'write'
          ? await this.oneByOne(messages)
          : await this.many(messages, false);
      if (!all) return false;
      await this.between();
    }
    return true;
  }

  /** Says that these were all, and what came of the server's. */
  async finish(received: number): Promise<void> {
    if (this.left) return;
    const message = finishMessage(this.plan.id, { received, sent: this.sent });
    if (await this.put(message)) this.sent -= 1;
  }

  /** What is done after a burst. */
  private async between(): Promise<void> {
    const choice = this.random.next();
    if (choice < 0.1) {
      if (mayPing(this.plan)) await this.ping(choice < 0.05);
    } else if (choice < 0.2) {
      this.noteFailure('flush', await webSocketFlush(this.socket));
    }
    await this.world.pause(this.random.between(0, this.plan.gapMs));
  }

  /** Several can be under way, and the end of the connection finds those waiting. */
  private async ping(waits: boolean): Promise<void> {
    const answered = webSocketPing(this.socket).then((code) => this.noteFailure('ping', code));
    if (waits) await answered;
  }

  private noteFailure(call: string, code: number): void {
    const result = resultOf(code);
    // We may have closed it before the call was made.
    if (code === 0 || (this.left && result === '-1 WSFD_INVALID_SOCKET')) return;
    this.note(`${call} ${result}`);
  }

  private async oneByOne(messages: readonly (string | Buffer)[]): Promise<boolean> {
    for (const message of messages) {
      if (this.left || !(await this.put(message))) return false;
    }
    return true;
  }

  /** Writes one message, after a flush if there is no room for it. */
  private async put(message: string | Buffer): Promise<boolean> {
    let code = webSocketWrite(this.socket, message);
    let result = resultOf(code);
    if (result === full && (await this.makeRoom())) {
      code = webSocketWrite(this.socket, message);
      result = resultOf(code);
      if (result === full) this.fault('the send buffer is full directly after a flush');
    }
    if (code !== 0) {
      if (!this.left) this.note(`write ${result}`);
      return false;
    }
    this.sent += 1;
    this.bytes += message.length;
    // It was accepted: what becomes of the memory is ours to say.
    if (typeof message !== 'string') message.fill(0xff);
    return true;
  }

  /** True once all is out and the socket is ours still. */
  private async makeRoom(): Promise<boolean> {
    this.note(`write ${full}`);
    const code = await webSocketFlush(this.socket);
    this.noteFailure('flush', code);
    return code === 0 && !this.left;
  }

  /** Writes all in one call; those that found no room in another one after a flush. */
  private async many(messages: readonly (string | Buffer)[], again: boolean): Promise<boolean> {
    const code = webSocketWriteMany(this.socket, messages);
    const result = resultOf(code);
    const accepted = code === 0 ? messages.length : this.acceptedOf(messages.length);
    this.sent += accepted;
    for (const message of messages.slice(0, accepted)) this.bytes += message.length;
    if (code === 0) return true;
    if (result !== full) {
      this.note(`write ${result}`);
      return false;
    }
    if (again && accepted === 0) this.fault('the send buffer is full directly after a flush');
    if (!(await this.makeRoom())) return false;
    return this.many(messages.slice(accepted), true);
  }

  /** How many of those that were just written were accepted, by the socket's own count. */
  private acceptedOf(most: number): number {
    const accepted = (webSocketInfo(this.socket)?.messagesOut ?? this.sent) - this.sent;
    if (accepted < 0 || accepted >= most) this.fault(`${accepted} of ${most} were counted`);
    return accepted;
  }
}
