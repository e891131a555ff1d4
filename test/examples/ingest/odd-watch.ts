// Loaded before examples/ingest: the watches of KV are those of a broker that has just been started.
// The first one stands still. The others are told of one value more than there are, as nats-server 2.9
// counts after some restarts.
import { Kvm } from '@nats-io/kv';
import type { KV, KvWatchEntry } from '@nats-io/kv';

type Watch = Awaited<ReturnType<KV['watch']>>;

const { create } = Kvm.prototype;

function standStill(): Watch {
  let stop: (() => void) | undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const next = async (): Promise<IteratorResult<never>> => {
    await stopped;
    return { done: true, value: undefined };
  };
  return { stop, [Symbol.asyncIterator]: () => ({ next }) } as unknown as Watch;
}

async function* countOneMore(entries: Watch): AsyncGenerator<KvWatchEntry> {
  let isUpdate = false;
  for await (const entry of entries) {
    const told = { delta: { value: (entry.delta ?? 0) + 1 }, isUpdate: { value: isUpdate } };
    ({ isUpdate } = entry);
    yield Object.create(entry, told) as KvWatchEntry;
  }
}

Kvm.prototype.create = async function (this: Kvm, ...args: Parameters<typeof create>) {
  const kv = await create.apply(this, args);
  const watch = kv.watch.bind(kv);
  // (it ends where the count is 0)
  kv.history = () => Promise.resolve(standStill());
  let watches = 0;
  kv.watch = async (options) => {
    if (watches++ === 0) return standStill();
    const entries = await watch(options);
    const all = countOneMore(entries);
    return Object.assign(all, { stop: () => entries.stop() }) as unknown as Watch;
  };
  return kv;
};
