// native/handshake/proxy_dialogue.h as the tests call it, and answers fed to it in every way.
import assert from 'node:assert/strict';
import { addon } from './core';

export interface ProxyQuestion {
  host: string;
  port: number;
  /** The bytes of an address; absent: the host is a name. */
  ipAddress?: Uint8Array;
  authorization?: string;
  username?: string;
  password?: string;
}

export interface ProxyTalk {
  outcome: 'needMore' | 'opened' | 'refused';
  /** How many bytes were taken. */
  taken: number;
  /** All that was sent. */
  sent: Buffer;
  code: string;
  detail: string;
  /** The same may succeed later though nobody changes anything; not of an HTTP response. */
  transient: boolean;
  /** Of an HTTP response; 0: there is none. */
  status: number;
}

interface ProxyCore {
  talkToProxy(
    protocol: 'http' | 'socks5',
    question: ProxyQuestion,
    portions: readonly Uint8Array[],
    ended: boolean,
  ): ProxyTalk;
}

const core = addon as ProxyCore;

/**
 * Answers a dialogue whole, byte by byte, split in two everywhere and, if that decides it, with
 * something behind it: all must come to the same, which is returned.
 */
export function talkEveryWay(
  protocol: 'http' | 'socks5',
  question: ProxyQuestion,
  answer: Buffer,
  ended = false,
): ProxyTalk {
  const talk = (...portions: Buffer[]): ProxyTalk =>
    core.talkToProxy(protocol, question, portions, ended);
  const whole = talk(answer);
  const bytewise = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]));
  // How much is taken of an answer that is refused, and quoted of it, depends on the portions.
  const judgement = ({ outcome, taken, sent, code, status }: ProxyTalk): unknown =>
    outcome === 'refused' ? [outcome, sent, code] : [outcome, taken, sent, code, status];
  const same = (other: ProxyTalk, how: string): void =>
    assert.deepEqual(judgement(other), judgement(whole), how);
  same(talk(...bytewise(answer)), 'byte by byte');
  for (let at = 0; at <= answer.length; at++) {
    same(talk(answer.subarray(0, at), answer.subarray(at)), `in two at ${at}`);
  }
  if (whole.outcome === 'needMore') return whole;
  for (const trailer of ['\x05\x00', 'HTTP/1.1 200 OK\r\n\r\n', '\r\n', '\0']) {
    const more = Buffer.concat([answer, Buffer.from(trailer, 'latin1')]);
    same(talk(more), 'with more behind');
    same(talk(...bytewise(more)), 'with more behind, byte by byte');
  }
  return whole;
}
