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

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The feed of a value that JSON.parse gave; throws an Error that says what is wrong with it. */
export function readFeed(name: string, value: unknown): Feed {
  const check = (isRight: boolean, what: string, expected: string, got: unknown): void => {
    if (isRight) return;
    const where = `feed ${JSON.stringify(name)}${what}`;
    throw new Error(`${where}: expected ${expected}, got ${JSON.stringify(got)}`);
  };
  // A name is a token of a NATS subject and of a key.
  const letters = '1 to 128 letters, digits, _ and -';
  check(/^[\w-]{1,128}$/.test(name), '', `a name of ${letters}`, name);
  const given = isObject(value) ? value : {};
  check('url' in given, '', '{ "url": "wss://…" }', value);
  const unknown = Object.keys(given).find((member) => !members.includes(member));
  check(unknown === undefined, '', members.join(', '), unknown);
  const { url, options = {}, subscription = [] } = given;
  const isUrl = typeof url === 'string' && /^wss?:\/\//.test(url);
  check(isUrl, '.url', 'a ws:// or wss:// URL', url);
  check(isObject(options), '.options', 'an object', options);
  const texts = [subscription].flat();
  const areTexts = texts.every((text) => typeof text === 'string');
  check(areTexts, '.subscription', 'a string or strings', subscription);
  return { url, options, subscription: texts } as Feed;
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
