/** The options of webSocketOpen for the route to the server. */
import { invalidOption, readWhole } from '../errors/argument.js';
import { isIP } from '../base/builtin.js';
import { checkProxy } from './proxy.js';
import { ROUTE_WHOLE } from './table.js';
import type { RouteOptions } from './table.js';

/** Route options that were read. */
export interface RouteSettings {
  proxy: string | undefined;
  followRedirects: number;
  localAddress: string;
}

/** The defaults. */
export function noRouteSettings(): RouteSettings {
  return {
    proxy: undefined,
    followRedirects: ROUTE_WHOLE.followRedirects.default,
    localAddress: '',
  };
}

const readers: {
  [Name in keyof RouteOptions]-?: (value: unknown, settings: RouteSettings) => void;
} = {
  proxy: (value, settings) => {
    settings.proxy = checkProxy(value);
  },
  followRedirects: (value, settings) => {
    settings.followRedirects = readWhole('followRedirects', value, ROUTE_WHOLE.followRedirects);
  },
  localAddress: (value, settings) => {
    if (typeof value !== 'string' || isIP(value) === 0) {
      throw invalidOption('localAddress', 'an IP address of this machine', value);
    }
    settings.localAddress = value;
  },
};

export const ROUTE_OPTIONS: readonly string[] = Object.keys(readers);

export function readRouteOption(
  name: keyof RouteOptions,
  value: unknown,
  settings: RouteSettings,
): void {
  readers[name](value, settings);
}
