/** The options of webSocketOpen that decide on which way the server is reached. */
import { invalidOption, readWhole } from '../errors/argument.js';
import { isIP } from '../base/builtin.js';
import { checkProxy } from './proxy.js';

/** The part of OpenOptions that is about getting there. */
export interface RouteOptions {
  /**
   * The proxy to go through: `http:`, `https:` or `socks5:` with host, port and credentials, or
   * `'env'` for what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. Absent: none.
   */
  proxy?: string;
  /** How many redirects are followed: 0 to 100. Default: 0. */
  followRedirects?: number;
  /** The IP address of this machine to connect from. Absent: the system chooses. */
  localAddress?: string;
}

/** Route options that were read. */
export interface RouteSettings {
  proxy: string | undefined;
  followRedirects: number;
  localAddress: string;
}

/** The settings for no options at all. */
export function noRouteSettings(): RouteSettings {
  return { proxy: undefined, followRedirects: 0, localAddress: '' };
}

const MAX_REDIRECTS = 100;

const readers: {
  [Name in keyof RouteOptions]-?: (value: unknown, settings: RouteSettings) => void;
} = {
  proxy: (value, settings) => {
    settings.proxy = checkProxy(value);
  },
  followRedirects: (value, settings) => {
    settings.followRedirects = readWhole('followRedirects', value, [0, MAX_REDIRECTS]);
  },
  localAddress: (value, settings) => {
    if (typeof value !== 'string' || isIP(value) === 0) {
      throw invalidOption('localAddress', 'an IP address of this machine', value);
    }
    settings.localAddress = value;
  },
};

/** Names of all route options. */
export const ROUTE_OPTIONS: readonly string[] = Object.keys(readers);

/** Reads one option into the settings. */
export function readRouteOption(
  name: keyof RouteOptions,
  value: unknown,
  settings: RouteSettings,
): void {
  readers[name](value, settings);
}
