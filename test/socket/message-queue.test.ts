// src/socket/message-queue: every message once, in order, with its weight, however they are taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as Queues from '../../dist/socket/message-queue.js';
import { loadModule } from '../support/modules';
import { randomNumbers } from '../support/random-messages';

const { MessageQueue } = loadModule('socket/message-queue') as typeof Queues;

test('an empty queue has no message and no weight', () => {
  const queue = new MessageQueue();
  assert.equal(queue.take(), undefined);
  assert.deepEqual(queue.takeAll(), []);
  assert.deepEqual([queue.isEmpty, queue.weight], [true, 0]);
});

test('the weight of a batch counts until its last message is taken', () => {
  const queue = new MessageQueue();
  queue.add(['a', 'b'], 10);
  assert.equal(queue.take(), 'a');
  assert.equal(queue.weight, 10);
  assert.equal(queue.take(), 'b');
  assert.deepEqual([queue.isEmpty, queue.weight], [true, 0]);
});

test('a message that is put back comes next, and the others behind it', () => {
  const queue = new MessageQueue();
  queue.add(['a', 'b'], 10);
  queue.take();
  queue.putBack('a', 3);
  queue.add(['c'], 5);
  assert.equal(queue.weight, 18);
  assert.deepEqual(queue.takeAll(), ['a', 'b', 'c']);
  queue.putBack('d', 4);
  assert.equal(queue.take(), 'd');
  assert.deepEqual([queue.isEmpty, queue.weight], [true, 0]);
});

test('an array that was taken stays as it is', () => {
  const queue = new MessageQueue();
  queue.add(['a', 'b'], 2);
  queue.take();
  const taken = queue.takeAll();
  queue.add(['c'], 1);
  queue.take();
  assert.deepEqual(taken, ['b']);
});

test('any order of calls is that of an array', () => {
  const numbers = randomNumbers(17);
  const random = (below: number): number => Math.floor(numbers() * below);
  const queue = new MessageQueue();
  const expected: string[] = [];
  let next = 0;
  for (let i = 0; i < 20_000; i++) {
    const call = random(10);
    if (call < 4) {
      // (as many as a batch may have, now and then: batches are joined up to that)
      const size = 1 + (random(8) === 0 ? random(512) : random(4));
      const messages = Array.from({ length: size }, () => `${next++}`);
      expected.push(...messages);
      queue.add(messages, size);
    } else if (call < 8) {
      assert.equal(queue.take(), expected.shift());
    } else if (call === 8) {
      const message = queue.take();
      if (message !== undefined) queue.putBack(message, 1);
    } else if (random(20) === 0) {
      assert.deepEqual(queue.takeAll(), expected.splice(0));
      assert.equal(queue.weight, 0);
    }
    assert.equal(queue.isEmpty, expected.length === 0);
  }
  assert.deepEqual(queue.takeAll(), expected);
});
