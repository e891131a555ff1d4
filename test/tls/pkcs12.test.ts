// Certificate and key in one PKCS #12 file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { fileOf } from '../support/pkcs12-files';
import { configError, createClient } from '../support/tls-core';

const target = { host: 'localhost', port: 1 };

test('the passphrase opens it', () => {
  createClient({ pkcs12: fileOf('aes'), passphrase: 'sesame' }, target);
  createClient({ pkcs12: fileOf('plain') }, target);
  createClient({ pkcs12: fileOf('plain'), passphrase: '' }, target);
});

test('a wrong, an empty or no passphrase', () => {
  const pkcs12 = fileOf('aes');
  for (const config of [{ pkcs12, passphrase: 'wrong' }, { pkcs12, passphrase: '' }, { pkcs12 }]) {
    assert.deepEqual(configError(config), {
      code: 'InvalidOption',
      detail: 'sslConfig.pkcs12: the passphrase is missing or wrong',
    });
  }
});

test('a file that needs the legacy provider says so', () => {
  const error = configError({ pkcs12: fileOf('rc2'), passphrase: 'sesame' });
  assert.equal(error.code, 'InvalidOption');
  assert.match(error.detail, /^sslConfig\.pkcs12: .*RC2.*--openssl-legacy-provider/);
});

test('an encrypted file without a MAC, where Node does not take it either', () => {
  const [pkcs12, passphrase] = [fileOf('withoutMac'), 'sesame'];
  let isTaken = true;
  try {
    createSecureContext({ pfx: pkcs12, passphrase });
  } catch {
    isTaken = false;
  }
  if (isTaken) createClient({ pkcs12, passphrase }, target);
  else assert.match(configError({ pkcs12, passphrase }).detail, /pkcs12: has no MAC.*-nomac/);
});

test('a file without a key', () => {
  const error = configError({ pkcs12: fileOf('withoutKey'), passphrase: 'sesame' });
  assert.equal(error.detail, 'sslConfig.pkcs12: holds no private key');
});

test('a file that is cut short anywhere', () => {
  const whole = fileOf('aes');
  for (let end = 1; end < whole.length; end++) {
    const error = configError({ pkcs12: whole.subarray(0, end), passphrase: 'sesame' });
    assert.equal(error.code, 'InvalidOption');
  }
});
