// Opens the connections of a trial, each with a feed that counts and looks.
import type { Client, Connection, OpenSettings } from '../clients';
import { Feed } from '../feed';
import type { Received, Take } from '../feed';
import { makeMessages, targetOf } from '../messages';
import type { Trial } from '../types';

/** Openings under way at the same time. */
const concurrently = 32;

export function urlOf(trial: Trial, path: string): string {
  // An address, so that no name has to be looked up.
  const scheme = trial.workload.tls === true ? 'wss' : 'ws';
  return `${scheme}://127.0.0.1:${trial.port}${targetOf(path, trial.workload)}`;
}

export function settingsOf({ ca, workload }: Trial): OpenSettings {
  const { resume = false, compression, options = {} } = workload;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(compression === undefined ? {} : { compression }),
    resume,
    options,
  };
}

/** A prime, so that in time every message of the list is looked at; fewer for large ones. */
const lookEveryOf = ({ rate, size }: Trial['workload']): number =>
  rate !== undefined ? 1 : size <= 512 ? 509 : size <= 8192 ? 61 : 7;

/** Calls `open` so often, a few at a time. */
export async function openMany<T>(count: number, open: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  let left = count;
  const openSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      all.push(await open());
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrently) }, openSome));
  return all;
}

/** A connection whose messages are counted. */
export interface OpenFeed {
  readonly feed: Feed;
  readonly connection: Connection;
}

export async function openFeed(trial: Trial, client: Client, path: string): Promise<OpenFeed> {
  const { workload } = trial;
  const feed = new Feed(messagesOf(workload), lookEveryOf(workload));
  const take: Take = Object.assign(
    (data: Received, length: number): void => feed.take(data, length),
    { skip: (length: number) => feed.skip(length) },
  );
  const connection = await client.open(urlOf(trial, path), take, settingsOf(trial));
  return { feed, connection };
}

let messages: ReturnType<typeof makeMessages> | undefined;

/** The messages that the server sends; all connections of a process share them. */
export function messagesOf({ message, size }: Trial['workload']): ReturnType<typeof makeMessages> {
  return (messages ??= makeMessages(message, size));
}

export const countOf = (feeds: readonly Feed[]): number =>
  feeds.reduce((sum, { count }) => sum + count, 0);
