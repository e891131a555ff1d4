/** The option `proxy`: which proxy, if any, a target is reached through. */
import { excerpt } from '../errors/argument.js';
import { isIP, net } from '../base/builtin.js';
import { basicAuthorization, readCredentials } from './credentials.js';
import { makeError } from '../errors/errors.js';
import { URL } from '../base/platform.js';
import type { Target } from './url.js';

/** A proxy, as its URL names it. */
interface ProxySettings {
  /** The URL without its credentials, for messages. */
  name: string;
  socks5: boolean;
  secure: boolean;
  /** Name or IP address without brackets. */
  host: string;
  port: number;
  username: string;
  password: string;
  /** The value of Proxy-Authorization; empty: none. */
  authorization: string;
}

const DEFAULT_PORTS = new Map([
  ['http:', 80],
  ['https:', 443],
  ['socks5:', 1080],
  ['socks5h:', 1080],
]);

const EXPECTED =
  'expected a URL such as "http://proxy.example:3128", with http:, https: or socks5:';

/** RFC 1929: lengths are a byte. */
const MAX_SOCKS_CREDENTIAL = 255;

/** An error for the option, without its value, which may hold a password. */
function invalidProxy(source: string, what: string): Error {
  return makeError('WSFD_INVALID_OPTION', `${source}: ${what}`);
}

/** The credentials of a proxy's URL, and their Proxy-Authorization for an HTTP proxy. */
function credentialsOf(
  url: URL,
  source: string,
  socks5: boolean,
): Pick<ProxySettings, 'username' | 'password' | 'authorization'> {
  const refuse = (what: string): Error => invalidProxy(source, what);
  const credentials = readCredentials(url, refuse);
  if (!socks5) return { ...credentials, authorization: basicAuthorization(credentials, refuse) };
  const { username, password } = credentials;
  if ([username, password].some((text) => Buffer.byteLength(text) > MAX_SOCKS_CREDENTIAL)) {
    throw refuse('SOCKS5 allows a user name and a password of 255 bytes each');
  }
  return { ...credentials, authorization: '' };
}

/** Reads a proxy's URL; `source` names its origin in errors. */
function readProxyUrl(source: string, value: string): ProxySettings {
  if (/[\u0000-\u0020\u007f]/.test(value)) {
    throw invalidProxy(source, `${EXPECTED}; got one with a white space or control character`);
  }
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:)\/\/(.*)$/i.exec(value) ?? [];
  const protocol = scheme.toLowerCase();
  const defaultPort = DEFAULT_PORTS.get(protocol);
  if (defaultPort === undefined) {
    throw invalidProxy(
      source,
      `${EXPECTED}${scheme === '' ? '' : `; got one with ${excerpt(protocol)}`}`,
    );
  }
  let url: URL;
  let port: string;
  try {
    // URL checks the host for schemes such as http: only, and hides the default port of each.
    url = new URL(`http://${rest}`);
    port = url.port === '' ? new URL(`https://${rest}`).port : url.port;
  } catch {
    throw invalidProxy(source, `${EXPECTED}; got one whose host or port is not valid`);
  }
  if (url.pathname !== '/' || /[?#]/.test(rest)) {
    throw invalidProxy(source, `${EXPECTED}; got one with more than host and port`);
  }
  const socks5 = protocol.startsWith('socks5');
  const number = port === '' ? defaultPort : Number(port);
  if (number === 0) throw invalidProxy(source, 'port 0 cannot be connected to');
  return {
    name: `${protocol}//${url.hostname}:${String(number)}`,
    socks5,
    secure: protocol === 'https:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: number,
    ...credentialsOf(url, source, socks5),
  };
}

/** Checks the option's value as far as possible without a target, and returns it. */
export function checkProxy(value: unknown): string {
  if (typeof value !== 'string') throw invalidProxy('proxy', `${EXPECTED}; got ${typeof value}`);
  if (value !== 'env') readProxyUrl('proxy', value);
  return value;
}

/**
 * An environment variable, in lower or upper case, which Windows does not distinguish; undefined if
 * it is empty or not set.
 */
function fromEnvironment(name: string): { name: string; value: string } | undefined {
  for (const written of process.platform === 'win32' ? [name] : [name.toLowerCase(), name]) {
    const value = process.env[written];
    // In a CGI script this is the client's header "Proxy".
    if (written === 'HTTP_PROXY' && process.env['REQUEST_METHOD'] !== undefined) continue;
    if (value !== undefined && value !== '') return { name: written, value };
  }
  return undefined;
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const list = new (net().BlockList)();
  try {
    list.addSubnet(address, Number(bits), family);
  } catch {
    return false;
  }
  return list.check(host, family);
}

/** An address as a network of one: an IPv6 address has many spellings. */
function wholeAddress(address: string): string {
  return `${address}/${isIP(address) === 4 ? '32' : '128'}`;
}

/** True if an entry of NO_PROXY (a domain, an address or a network) matches the target. */
function isMeant(entry: string, target: Target): boolean {
  const host = target.host.toLowerCase().replace(/\.$/, '');
  if (isIP(entry) !== 0) return isInNetwork(host, wholeAddress(entry));
  if (entry.includes('/')) return isInNetwork(host, entry);
  const [, named = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== undefined && Number(port) !== target.port) return false;
  const address = named.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) return isInNetwork(host, wholeAddress(address));
  const name = named.replace(/^\*?\./, '').replace(/\.$/, '');
  if (name === '*') return true;
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function proxyOfEnvironment(target: Target): ProxySettings | undefined {
  const variable = fromEnvironment(target.secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (variable === undefined) return undefined;
  const exceptions =
    fromEnvironment('NO_PROXY')
      ?.value.toLowerCase()
      .split(/[\s,]+/) ?? [];
  if (exceptions.some((entry) => isMeant(entry, target))) return undefined;
  const { name, value } = variable;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  return readProxyUrl(`proxy: ${name} in the environment`, url);
}

/** The proxy that a target is reached through, or undefined. */
export function proxyFor(option: string | undefined, target: Target): ProxySettings | undefined {
  if (option === undefined) return undefined;
  if (target.path !== '') {
    if (option === 'env') return undefined;
    throw invalidProxy('proxy', 'a ws+unix: URL is not reached through a proxy; leave it out');
  }
  return option === 'env' ? proxyOfEnvironment(target) : readProxyUrl('proxy', option);
}
