import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinds } from './model/kinds';
import type { KindName } from './model/kinds';
import { planOf, readStyles } from './model/plan';

const names = Object.keys(kinds) as KindName[];
const plans = Array.from({ length: 5000 }, (_, i) => planOf(`1.m-0.${i}`));

test('a name has one plan', () => {
  assert.deepEqual(planOf('5.m-3.9'), planOf('5.m-3.9'));
  assert.notDeepEqual(planOf('5.m-3.9'), planOf('6.m-3.9'));
});

test('every kind and variant is chosen', () => {
  for (const name of names) {
    const found = plans.filter(({ kind }) => kind === name);
    assert.ok(found.length > 0, name);
    const variants = new Set(found.map(({ variant }) => variant));
    for (const variant of Object.keys(kinds[name].variants ?? {})) {
      assert.ok(variants.has(variant), `${name} ${variant}`);
    }
  }
});

test('every way to read, to write and to connect is chosen', () => {
  const seen = (values: readonly string[]): string => [...new Set(values)].sort().join();
  assert.equal(seen(plans.map(({ read }) => read)), [...readStyles].sort().join());
  assert.equal(seen(plans.map(({ write }) => write)), 'write,writeMany');
  assert.equal(seen(plans.map(({ deflate }) => deflate)), 'noTakeover,none,takeover');
  assert.equal(seen(plans.map(({ proxy }) => proxy)), 'fragile,node,none');
  const secure = seen(plans.map((plan) => plan.secure));
  assert.equal(secure, 'TLSv1.2,TLSv1.3,certificate,plain,strange');
});

test('a plan asks for nothing that its kind or its server cannot do', () => {
  for (const plan of plans) {
    const { servers, secure, deflate, proxy } = kinds[plan.kind];
    assert.ok(secure.includes(plan.secure));
    assert.ok(servers.includes(plan.server));
    if (plan.secure === 'certificate' || plan.secure === 'strange') {
      assert.equal(plan.server, 'node');
    }
    if (deflate === false) assert.equal(plan.deflate, 'none');
    const needsProxy = plan.kind === 'proxyCut' || plan.kind === 'proxyRefused';
    if (plan.proxy !== 'none') assert.ok(proxy === true || needsProxy);
    if (needsProxy) assert.equal(plan.proxy, 'node');
    assert.ok(plan.cutAt >= 0 && plan.cutAt <= Math.max(plan.up, plan.down));
  }
});

test('every result that is allowed names an error that there is', () => {
  const load = createRequire(__filename);
  // This file runs as out/test/soak/plan.test.js.
  const path = join(__dirname, '../../../modules/errors/table.js');
  const { ERROR_ROWS } = load(path) as { ERROR_ROWS: readonly { code: string }[] };
  const codes = new Set(ERROR_ROWS.map(({ code }) => code));
  for (const name of names) {
    const { open, end, close } = kinds[name];
    for (const result of [open ?? [], end ?? [], close ?? []].flat()) {
      const [, code] = /^-[12] (WSFD_\w+)$/.exec(result) ?? [];
      if (code === undefined) assert.match(result, /^(ok|0|1|variant)$/);
      else assert.ok(codes.has(code), code);
    }
  }
});
