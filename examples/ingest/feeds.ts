// What a feed is, and what is asked of the text that says so.
import { readFileSync } from 'node:fs';
import type { OpenOptions } from 'wsfd';

/** A feed, as JSON has it in KV or in a file of feeds. */
export interface Feed {
  /** `ws://` or `wss://` URL. */
  readonly url: string;
  /** Options of webSocketOpen, those that JSON can hold. */
  readonly options: OpenOptions;
  /** Messages that are sent once the connection is open, in this order. */
  readonly subscription: readonly string[];
}

const members = ['url', 'options', 'subscription'];

function readOptions(value: unknown, where: string): OpenOptions {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${where}.options: expected an object, got ${JSON.stringify(value)}`);
}

function readSubscription(value: unknown = [], where: string): string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (texts.every((text) => typeof text === 'string')) return texts;
  const got = JSON.stringify(value);
  throw new Error(`${where}.subscription: expected a string or strings, got ${got}`);
}

/** The feed of a value that JSON.parse gave; throws an Error that says what is wrong with it. */
export function readFeed(name: string, value: unknown): Feed {
  const where = `feed ${JSON.stringify(name)}`;
  // A name is a token of a NATS subject and of a key.
  if (!/^[\w-]{1,128}$/.test(name)) {
    throw new Error(`${where}: expected a name of 1 to 128 letters, digits, _ and -`);
  }
  if (typeof value !== 'object' || value === null || !('url' in value)) {
    throw new Error(`${where}: expected { "url": "wss://…" }, got ${JSON.stringify(value)}`);
  }
  const unknown = Object.keys(value).find((member) => !members.includes(member));
  if (unknown !== undefined) {
    throw new Error(`${where}: expected ${members.join(', ')}, got ${JSON.stringify(unknown)}`);
  }
  const { url, options, subscription } = value as Record<string, unknown>;
  if (typeof url !== 'string' || !/^wss?:\/\//.test(url)) {
    throw new Error(`${where}.url: expected a ws:// or wss:// URL, got ${JSON.stringify(url)}`);
  }
  return {
    url,
    options: readOptions(options, where),
    subscription: readSubscription(subscription, where),
  };
}

/** The feeds of a file, an object of feeds by name; throws where any of them is wrong. */
export function readFeeds(file: string): Map<string, Feed> {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as object;
    return new Map(Object.entries(value).map(([name, feed]) => [name, readFeed(name, feed)]));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}
