import assert from 'node:assert/strict';
import { test } from 'node:test';
import { core } from '../support/deflate-core';
import type { DeflateOptions, ValidatedAnswer } from '../support/deflate-core';
import { handshake } from '../support/handshake-core';

const offers: [options: DeflateOptions, offer: string][] = [
  [{}, 'permessage-deflate; client_max_window_bits'],
  [{ clientMaxWindowBits: 0 }, 'permessage-deflate'],
  [{ clientMaxWindowBits: 9 }, 'permessage-deflate; client_max_window_bits=9'],
  [
    { clientNoContextTakeover: true },
    'permessage-deflate; client_no_context_takeover; client_max_window_bits',
  ],
  [
    { serverNoContextTakeover: true, clientMaxWindowBits: 0 },
    'permessage-deflate; server_no_context_takeover',
  ],
  [
    { serverMaxWindowBits: 10, clientMaxWindowBits: 0 },
    'permessage-deflate; server_max_window_bits=10',
  ],
  [
    {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
      clientMaxWindowBits: 12,
      serverMaxWindowBits: 8,
    },
    'permessage-deflate; client_no_context_takeover; server_no_context_takeover; ' +
      'server_max_window_bits=8; client_max_window_bits=12',
  ],
];

for (const [options, offer] of offers) {
  test(`offers '${offer}' (RFC 7692 section 7.1)`, () => {
    assert.equal(core.formatOffer(options), offer);
    assert.equal(handshake.parseExtensions(offer)?.[0]?.name, 'permessage-deflate');
  });
}

/** The judgement of an answer's parameters, such as '; server_max_window_bits=10'. */
function judge(options: DeflateOptions, parameters: string): ValidatedAnswer {
  const [extension] = handshake.parseExtensions(`permessage-deflate${parameters}`) ?? [];
  assert.ok(extension, parameters);
  return core.validateAnswer(options, extension.parameters);
}

const nothing = {
  clientNoContextTakeover: false,
  serverNoContextTakeover: false,
  clientWindowBits: 15,
  serverWindowBits: 15,
};

type Agreed = Partial<typeof nothing>;

const accepted: [options: DeflateOptions, parameters: string, agreed: Agreed][] = [
  [{}, '', {}],
  [{}, '; client_no_context_takeover', { clientNoContextTakeover: true }],
  // RFC 7692 section 7.1.1.1: the server may say so though it was not asked.
  [{}, '; server_no_context_takeover', { serverNoContextTakeover: true }],
  [{}, '; server_max_window_bits=8', { serverWindowBits: 8 }],
  [{}, '; server_max_window_bits=9', { serverWindowBits: 9 }],
  [{}, '; server_max_window_bits=15', { serverWindowBits: 15 }],
  [{}, '; server_max_window_bits="10"', { serverWindowBits: 10 }],
  [{}, '; client_max_window_bits=8', { clientWindowBits: 8 }],
  [{}, '; client_max_window_bits=15', { clientWindowBits: 15 }],
  [{}, '; client_max_window_bits="9"', { clientWindowBits: 9 }],
  [
    {},
    '; server_max_window_bits=10; client_no_context_takeover; client_max_window_bits=12; ' +
      'server_no_context_takeover',
    {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
      clientWindowBits: 12,
      serverWindowBits: 10,
    },
  ],
  [{ clientMaxWindowBits: 0 }, '', {}],
  [{ clientMaxWindowBits: 11 }, '; client_max_window_bits=11', { clientWindowBits: 11 }],
  [{ clientMaxWindowBits: 11 }, '; client_max_window_bits=9', { clientWindowBits: 9 }],
  // RFC 7692 section 7.1.2.2: the offer is a hint, and the answer may have "a value greater".
  [{ clientMaxWindowBits: 11 }, '; client_max_window_bits=12', { clientWindowBits: 11 }],
  [{ clientMaxWindowBits: 9 }, '; client_max_window_bits=15', { clientWindowBits: 9 }],
  [{ clientMaxWindowBits: 9 }, '; client_max_window_bits=8', { clientWindowBits: 8 }],
  // What the offer said of the client holds without an answer to it.
  [{ clientMaxWindowBits: 11 }, '', { clientWindowBits: 11 }],
  [{ clientNoContextTakeover: true }, '', { clientNoContextTakeover: true }],
  // What was asked of the server does not.
  [{ serverNoContextTakeover: true }, '', {}],
  [{ serverMaxWindowBits: 9 }, '', {}],
  [{ serverMaxWindowBits: 10 }, '; server_max_window_bits=10', { serverWindowBits: 10 }],
  [{ serverMaxWindowBits: 10 }, '; server_max_window_bits=8', { serverWindowBits: 8 }],
];

for (const [options, parameters, agreed] of accepted) {
  test(`accepts '${parameters}' for '${core.formatOffer(options)}' (RFC 7692 section 7.1)`, () => {
    const { error, ...judged } = judge(options, parameters);
    assert.deepEqual(error, { code: 'None', detail: '' });
    assert.deepEqual(judged, { enabled: true, ...nothing, ...agreed });
  });
}

const windowBits = (name: string, values: string[]): [string, string, DeflateOptions][] =>
  values.map((value) => [
    `; ${name}=${value}`,
    `${name} of 8 to 15, got "${value.replaceAll('"', '')}"`,
    {},
  ]);

const badBits = ['0', '7', '16', '80', '115', 'abc', '08', '010', '8.0', '+9', '-9', '0x9', '9a'];

const refused: [parameters: string, detail: string, options: DeflateOptions][] = [
  ...windowBits('server_max_window_bits', [...badBits, '"16"', '4294967305', '9'.repeat(60)]),
  ...windowBits('client_max_window_bits', [...badBits, '"16"']),
  ['; server_max_window_bits', 'server_max_window_bits of 8 to 15, got no value', {}],
  ['; client_max_window_bits', 'client_max_window_bits of 8 to 15, got no value', {}],
  [
    '; server_max_window_bits=11',
    'server_max_window_bits of 8 to 10, got "11"',
    { serverMaxWindowBits: 10 },
  ],
  [
    '; client_max_window_bits=16',
    'client_max_window_bits of 8 to 15, got "16"',
    { clientMaxWindowBits: 10 },
  ],
  [
    '; client_max_window_bits=10',
    'no client_max_window_bits, got "10"',
    { clientMaxWindowBits: 0 },
  ],
  [
    '; server_no_context_takeover=1',
    'server_no_context_takeover without a value, got "1"',
    { serverNoContextTakeover: true },
  ],
  [
    '; client_no_context_takeover="true"',
    'client_no_context_takeover without a value, got "true"',
    {},
  ],
  ['; foo', 'a parameter of RFC 7692, got "foo"', {}],
  ['; foo=10', 'a parameter of RFC 7692, got "foo"', {}],
  ['; Server_max_window_bits=10', 'a parameter of RFC 7692, got "Server_max_window_bits"', {}],
  [`; ${'x'.repeat(81)}`, `a parameter of RFC 7692, got "${'x'.repeat(80)}"...`, {}],
  [
    '; server_no_context_takeover; server_no_context_takeover',
    'server_no_context_takeover once, got it again',
    {},
  ],
  [
    '; server_max_window_bits=10; client_no_context_takeover; server_max_window_bits=10',
    'server_max_window_bits once, got it again',
    {},
  ],
];

for (const [parameters, detail, options] of refused) {
  const shown = parameters.slice(0, 80);
  test(`refuses '${shown}' for '${core.formatOffer(options)}' (RFC 7692 section 7.1)`, () => {
    const { error, ...judged } = judge(options, parameters);
    assert.deepEqual(error, {
      code: 'HandshakeExtensionInvalid',
      detail: `Sec-WebSocket-Extensions: permessage-deflate: expected ${detail}`,
    });
    assert.deepEqual(judged, { enabled: false, ...nothing });
  });
}
