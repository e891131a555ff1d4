// A process's session in KV: the one thing that it renews.
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Happening } from './sink';
import type { Holder } from './sink';

/** True for the answer to a compare-and-set that came too late: somebody else has written. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  const { StreamWrongLastSequence, StreamWrongLastSequenceUnknown } = JetStreamApiCodes;
  return error.code === StreamWrongLastSequence || error.code === StreamWrongLastSequenceUnknown;
}

/** The part of the TTL between a holder's last message and the earliest start of its successor. */
const graceShare = 1 / 4;

/**
 * It is held for three quarters of its TTL from the moment at which its last renewal was sent. Others
 * wait for the whole TTL from the moment at which they saw that renewal, which is later. The quarter
 * between is the grace: for clocks that run at different speeds, and for what was on its way.
 */
export class OwnSession implements Holder {
  /** True once it was deleted by another process: it will never be held again. */
  isLost = false;
  isLeaving = false;
  private readonly key: string;
  private revision = 0;
  private heldUntil = 0;
  private heldUntilByCalendar = 0;
  private renewing: Promise<boolean> | undefined = undefined;
  private readonly renewed = new Happening();

  constructor(
    private readonly kv: KV,
    readonly id: string,
    readonly ttlMs: number,
  ) {
    this.key = `session.${id}`;
  }

  /**
   * Asked before each message: a process that was stopped past its lease takes none when it wakes.
   * Either clock may end it, since the monotonic one stands still while some systems sleep.
   */
  isHeld(): boolean {
    if (this.isLost || performance.now() >= this.heldUntil) return false;
    return Date.now() < this.heldUntilByCalendar;
  }

  /** Resolves with true once it is held, with false once it is lost. */
  async holds(): Promise<boolean> {
    while (!this.isHeld()) {
      if (this.isLost) return false;
      await this.renewed.wait();
    }
    return true;
  }

  /** Writes it, in place of its last revision alone; also the first time. False if that failed. */
  renew(): Promise<boolean> {
    this.renewing ??= this.write().finally(() => {
      this.renewing = undefined;
      this.renewed.happen();
    });
    return this.renewing;
  }

  /** Tells the others that this process is about to end. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    await this.renewing;
    await this.renew();
  }

  /** Deletes it; where that fails it expires. */
  async end(): Promise<void> {
    await this.renewing;
    await this.kv.delete(this.key, { previousSeq: this.revision }).catch(() => undefined);
  }

  private async write(): Promise<boolean> {
    const value = JSON.stringify({ ttlMs: this.ttlMs, leaving: this.isLeaving });
    const [sent, sentByCalendar] = [performance.now(), Date.now()];
    try {
      this.revision =
        this.revision === 0
          ? await this.kv.create(this.key, value)
          : await this.kv.update(this.key, value, this.revision, this.ttlMs * graceShare);
    } catch (error) {
      if (isConflict(error)) await this.catchUp();
      return false;
    }
    const heldMs = this.ttlMs * (1 - graceShare);
    this.heldUntil = sent + heldMs;
    this.heldUntilByCalendar = sentByCalendar + heldMs;
    return true;
  }

  /** After a renewal whose answer was lost, the next one finds its own revision; else a deletion. */
  private async catchUp(): Promise<void> {
    try {
      const entry = await this.kv.get(this.key);
      if (entry?.operation === 'PUT') this.revision = entry.revision;
      else this.isLost = true;
    } catch {
      // No answer: the next renewal comes here again.
    }
  }
}
