import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishMessage, MessageChecker, MessageMaker } from './model/messages';
import type { Sizes } from './model/messages';

const plan = '1.m-0.7';
type Messages = (string | Buffer)[];

function make(count: number, sizes: Sizes = 'small'): Messages {
  const maker = new MessageMaker(plan, 'd', sizes);
  return Array.from({ length: count }, () => maker.next());
}

/** What the checker says of them, one by one. */
function check(messages: Messages): (string | undefined)[] {
  const checker = new MessageChecker(plan, 'd');
  return messages.map((message) => checker.take(message));
}

/** The place of the first text, or of the first bytes, that has a body. */
function findLong(messages: Messages, type: 'string' | 'object'): number {
  const place = messages.findIndex((message) => typeof message === type && message.length > 60);
  assert.ok(place >= 0);
  return place;
}

for (const sizes of ['small', 'mixed', 'large'] as const) {
  test(`${sizes} messages in order are as they were sent`, () => {
    const messages = make(60, sizes);
    assert.deepEqual(check(messages), Array(60).fill(undefined));
    assert.ok(messages.some((message) => typeof message === 'string'));
    assert.ok(messages.some((message) => typeof message !== 'string'));
  });
}

test('a text survives UTF-8: it has no half of a surrogate pair', () => {
  for (const message of make(2000)) {
    if (typeof message === 'string') assert.equal(Buffer.from(message).toString(), message);
  }
});

test('some texts have more than ASCII', () => {
  const texts = make(200).filter((message) => typeof message === 'string');
  assert.ok(texts.some((message) => /[^\x00-\x7f]/.test(message)));
});

test('one that is lost, doubled or out of its order is found', () => {
  const [a = '', b = '', c = ''] = make(3);
  assert.match(check([a, c])[1] ?? '', /d2 where d1 was expected/);
  assert.match(check([a, b, b])[2] ?? '', /d1 where d2 was expected/);
  assert.match(check([b, a])[0] ?? '', /d1 where d0 was expected/);
});

test('one of another connection or direction is found', () => {
  const other = new MessageMaker('1.m-0.8', 'd', 'small').next();
  assert.match(check([other])[0] ?? '', /a message of 1\.m-0\.8/);
  const ours = new MessageMaker(plan, 'u', 'small').next();
  assert.match(check([ours])[0] ?? '', /u0 where d0/);
});

test('one unit that is changed is found', () => {
  const messages = make(50);
  const place = findLong(messages, 'string');
  const text = messages[place] as string;
  messages[place] = `${text.slice(0, -1)}${text.endsWith('x') ? 'y' : 'x'}`;
  assert.match(check(messages)[place] ?? '', /the body was changed/);
});

test('one byte that is changed is found', () => {
  const messages = make(50);
  const place = findLong(messages, 'object');
  const bytes = messages[place] as Buffer;
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  assert.match(check(messages)[place] ?? '', /the body was changed/);
});

test('one that is cut short, or comes as the other type, is found', () => {
  const messages = make(50);
  const place = findLong(messages, 'string');
  const text = messages[place] as string;
  messages[place] = text.slice(0, -1);
  assert.match(check(messages)[place] ?? '', /came as t/);
  messages[place] = Buffer.from(text);
  assert.match(check(messages)[place] ?? '', /came as b/);
});

test('one without a head is found', () => {
  assert.match(check(['nothing'])[0] ?? '', /without a head/);
  assert.match(check([Buffer.alloc(3)])[0] ?? '', /without a head/);
});

test('the last message tells how many there were', () => {
  const messages = make(3);
  const checker = new MessageChecker(plan, 'd');
  for (const message of messages) checker.take(message);
  assert.equal(checker.take(finishMessage(plan, { received: 9, sent: 3 })), undefined);
  assert.deepEqual(checker.finish, { received: 9, sent: 3 });
  assert.match(checker.take(messages[0] ?? '') ?? '', /behind the last message/);
});

test('the last message finds what is missing before it', () => {
  const checker = new MessageChecker(plan, 'd');
  const fault = checker.take(finishMessage(plan, { received: 0, sent: 2 }));
  assert.match(fault ?? '', /0 messages came of 2/);
});
