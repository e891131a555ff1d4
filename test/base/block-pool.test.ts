// The memory of large messages, used again: what is kept, what fits, and what is given back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addon } from '../support/core';

interface Block {
  readonly address: number;
  readonly capacity: number;
}

interface BlockPool {
  allocate(capacity: number): Block;
  take(size: number): Block | undefined;
  give(block: Block): void;
  /** Whether somebody has asked since the last time. */
  trim(): boolean;
  stop(): void;
  active(): boolean;
  /** What was asked for since stop(). */
  askedBytes(): number;
  size(): number;
}

const { BlockPool: Pool } = addon as { BlockPool: new () => BlockPool };

const KIB = 1024;
const MIB = 1024 * KIB;
const smallest = 32 * KIB;
const most = 64 * MIB;
const lookedAt = 64;

/** A pool that keeps blocks of these capacities, given in this order, and the blocks. */
function poolOf(...capacities: number[]): { pool: BlockPool; blocks: Block[] } {
  const pool = new Pool();
  pool.take(smallest);
  const blocks = capacities.map((capacity) => pool.allocate(capacity));
  for (const block of blocks) pool.give(block);
  return { pool, blocks };
}

describe('a block that is taken', () => {
  test('has room for what is asked for, and for at most twice as much', () => {
    const { pool, blocks } = poolOf(MIB);
    assert.equal(pool.take(MIB + 1), undefined);
    assert.equal(pool.take(MIB / 2 - 1), undefined);
    for (const size of [MIB, MIB - 1, MIB / 2]) {
      const block = pool.take(size);
      assert.deepEqual(block, blocks[0]);
      assert.equal(pool.size(), 0);
      pool.give(block as Block);
      assert.equal(pool.size(), MIB);
    }
  });

  test('is the one of those that fit that was given back last', () => {
    const { pool, blocks } = poolOf(MIB, MIB + 1, 4 * MIB);
    const taken = [pool.take(MIB), pool.take(MIB), pool.take(MIB)];
    assert.deepEqual(taken, [blocks[1], blocks[0], undefined]);
    assert.deepEqual(pool.take(4 * MIB), blocks[2]);
    for (const block of blocks) pool.give(block);
  });

  test('is not looked for any further than among the last ones', () => {
    const others = Array<number>(lookedAt - 1).fill(smallest);
    const { pool, blocks } = poolOf(MIB, ...others);
    assert.deepEqual(pool.take(MIB), blocks[0]);
    pool.give(blocks[0] as Block);
    const further = poolOf(MIB, ...others, smallest).pool;
    assert.equal(further.take(MIB), undefined);
  });

  test('of an empty pool is none', () => {
    assert.equal(new Pool().take(smallest), undefined);
  });
});

describe('what is kept', () => {
  test('is nothing small, and nothing that is larger than all may be', () => {
    assert.equal(poolOf(smallest - 1).pool.size(), 0);
    assert.equal(poolOf(smallest).pool.size(), smallest);
    assert.equal(poolOf(most).pool.size(), most);
    assert.equal(poolOf(most + 1).pool.size(), 0);
  });

  test('is bounded: the oldest make room', () => {
    const { pool, blocks } = poolOf(most / 2, most / 4, most / 4);
    assert.equal(pool.size(), most);
    pool.give(pool.allocate(most / 4));
    assert.equal(pool.size(), (most / 4) * 3);
    assert.equal(pool.take(most / 2), undefined);
    const newer = [pool.take(most / 4), pool.take(most / 4), pool.take(most / 4)] as Block[];
    assert.deepEqual(newer.slice(1), [blocks[2], blocks[1]]);
    for (const block of newer) pool.give(block);
  });
});

describe('a pool that nobody has asked for a block', () => {
  test('keeps none, be it new or stopped', () => {
    const { pool } = poolOf(MIB, MIB);
    assert.equal(pool.active(), true);
    pool.stop();
    for (const idle of [new Pool(), pool]) {
      assert.equal(idle.active(), false);
      idle.give(idle.allocate(MIB));
      assert.equal(idle.size(), 0);
      assert.equal(idle.take(MIB), undefined);
      assert.equal(idle.active(), true);
      idle.give(idle.allocate(MIB));
      assert.equal(idle.size(), MIB);
    }
  });
});

test('a pool counts the bytes that are asked for, whether it has them or not, until it is stopped', () => {
  const { pool } = poolOf(MIB);
  assert.equal(pool.askedBytes(), smallest);
  pool.give(pool.take(MIB) as Block);
  pool.take(2 * MIB);
  pool.trim();
  assert.equal(pool.askedBytes(), smallest + 3 * MIB);
  pool.stop();
  assert.equal(pool.askedBytes(), 0);
});

describe('trimming', () => {
  test('frees what nobody needed since the last time', () => {
    const { pool } = poolOf(MIB, MIB, MIB);
    // All of them came since.
    assert.equal(pool.trim(), true);
    assert.equal(pool.size(), 3 * MIB);
    const block = pool.take(MIB) as Block;
    pool.give(block);
    assert.equal(pool.trim(), true);
    assert.equal(pool.size(), MIB);
    assert.deepEqual(pool.take(MIB), block);
    pool.give(block);
  });

  test('leaves nothing where nobody needs any', () => {
    const { pool } = poolOf(MIB, 2 * MIB);
    assert.equal(pool.trim(), true);
    assert.equal(pool.trim(), false);
    assert.equal(pool.size(), 0);
    assert.equal(pool.take(MIB), undefined);
  });

  test('says that somebody asked in vain', () => {
    const { pool } = poolOf();
    assert.equal(pool.trim(), true);
    assert.equal(pool.trim(), false);
    pool.take(MIB);
    assert.equal(pool.trim(), true);
  });
});
