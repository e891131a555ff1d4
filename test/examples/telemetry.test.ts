// examples/telemetry.ts, for a moment: that it hears every sensor, with either client.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const example = join(__dirname, '..', '..', 'examples', 'telemetry.js');
const run = promisify(execFile);

for (const client of ['wsfd', 'ws']) {
  test(`telemetry with ${client} hears all sensors`, async () => {
    const args = [example, '--client', client, '--seconds', '1.2'];
    const { stdout } = await run(process.execPath, args);
    assert.match(stdout, new RegExp(`^${client}: [\\d,]+ messages/s {2}[\\d.]+ MB/s`, 'm'));
    assert.match(stdout, new RegExp(`^${client}: 1000 sensors heard`, 'm'));
    assert.match(stdout, /sensor 999/);
  });
}

test('an unknown client is refused with what is expected', async () => {
  await assert.rejects(run(process.execPath, [example, '--client', 'curl']), /expected wsfd or ws/);
});
