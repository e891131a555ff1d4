// Loaded before examples/ingest: the first watch of KV stands still, as one may that was begun while
// the broker was starting.
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';

const { create } = Kvm.prototype;

function standStill(): Awaited<ReturnType<KV['watch']>> {
  let stop: (() => void) | undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const next = async (): Promise<IteratorResult<never>> => {
    await stopped;
    return { done: true, value: undefined };
  };
  const watch = { stop, [Symbol.asyncIterator]: () => ({ next }) };
  return watch as unknown as Awaited<ReturnType<KV['watch']>>;
}

Kvm.prototype.create = async function (this: Kvm, ...args: Parameters<typeof create>) {
  const kv = await create.apply(this, args);
  const watch = kv.watch.bind(kv);
  let watches = 0;
  kv.watch = (options) => (watches++ === 0 ? Promise.resolve(standStill()) : watch(options));
  return kv;
};
