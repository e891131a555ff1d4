import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { core } from '../support/core';

const payload = (code: number, reason: Uint8Array | string = ''): Buffer =>
  Buffer.concat([
    Uint8Array.of(code >> 8, code & 0xff),
    typeof reason === 'string' ? Buffer.from(reason) : reason,
  ]);

/** RFC 6455 section 7.4 and IANA's registry of close codes: what may be on the wire. */
const maySend = (code: number): boolean =>
  (code >= 1000 && code <= 1003) ||
  (code >= 1007 && code <= 1014) ||
  (code >= 3000 && code <= 4999);

test('every close code is judged, alone and with a reason behind it', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const allowed = maySend(code);
    assert.equal(core.isSendableCloseCode(code), allowed, `${code}`);
    for (const reason of ['', 'gone']) {
      assert.deepEqual(
        core.parseClosePayload(payload(code, reason)),
        allowed ? { code, reason: Buffer.from(reason) } : { error: 'CloseCodeInvalid' },
        `${code}`,
      );
    }
  }
});

test('1004, 1005, 1006 and 1015 are not allowed', () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]) {
    assert.deepEqual(core.parseClosePayload(payload(code)), { error: 'CloseCodeInvalid' });
  }
});

test('no payload is 1005, one byte is none', () => {
  assert.deepEqual(core.parseClosePayload(Buffer.alloc(0)), {
    code: 1005,
    reason: Buffer.alloc(0),
  });
  for (const byte of [0x00, 0x03, 0xff]) {
    assert.deepEqual(core.parseClosePayload(Uint8Array.of(byte)), { error: 'ClosePayloadInvalid' });
  }
});

describe('the reason', () => {
  test('is taken at every length that a control frame can have', () => {
    for (let size = 0; size <= 123; size++) {
      const reason = 'reason '.repeat(18).slice(0, size);
      const parsed = core.parseClosePayload(payload(1000, reason));
      assert.deepEqual(parsed, { code: 1000, reason: Buffer.from(reason) });
    }
  });

  test('must be UTF-8', () => {
    const reason = Buffer.from('Überhöhter Füllstand 满了 🛑');
    assert.deepEqual(core.parseClosePayload(payload(3000, reason)), { code: 3000, reason });
    for (let i = 0; i < reason.length; i++) {
      const broken = Buffer.from(reason);
      broken[i] = 0xff;
      const parsed = core.parseClosePayload(payload(3000, broken));
      assert.deepEqual(parsed, { error: 'CloseReasonNotUtf8' }, `byte ${i}`);
    }
  });

  test('must not end inside a character', () => {
    const stop = Buffer.from('🛑');
    for (const size of [1, 2, 3]) {
      const parsed = core.parseClosePayload(payload(1001, stop.subarray(0, size)));
      assert.deepEqual(parsed, { error: 'CloseReasonNotUtf8' });
    }
  });

  test('is not looked at behind a code that is not allowed', () => {
    const parsed = core.parseClosePayload(payload(1005, Uint8Array.of(0xff)));
    assert.deepEqual(parsed, { error: 'CloseCodeInvalid' });
  });
});
