// src/command/input.ts with a stdin that cannot be read, such as a folder.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { loadModule } from '../support/modules';

const { sendInput } = loadModule('command/input') as {
  sendInput(session: object, values: object): Promise<void>;
};

for (const binary of [false, true]) {
  for (const [state, isOver, codes] of [
    ['goes on: exit code 2', false, [2]],
    ['is over: nothing', true, []],
  ] as const) {
    test(`${binary ? '--binary' : 'lines'}, and the session ${state}`, async (t) => {
      const stdin = new Readable({
        read() {
          this.destroy(new Error('EISDIR: illegal operation on a directory, read'));
        },
      });
      t.mock.getter(process, 'stdin', () => stdin);
      const notes: unknown[] = [];
      t.mock.method(process.stderr, 'write', (text: unknown) => notes.push(text) > 0);
      const ended: number[] = [];
      await sendInput({ isOver, end: (code: number) => ended.push(code) }, { binary });
      t.mock.restoreAll();
      assert.deepEqual(ended, codes);
      const why = 'the input cannot be read: EISDIR: illegal operation on a directory, read\n';
      assert.deepEqual(notes, isOver ? [] : [why]);
    });
  }
}
