// What webSocketOpen is given for a plan.
import { randomBytes } from 'node:crypto';
import type { OpenOptions } from 'wsfd';
import { kinds } from '../model/kinds';
import { mayPing } from '../model/plan';
import type { Plan } from '../model/plan';
import { Random } from '../model/random';
import type { Ports } from '../protocol';
import type { World } from './world';

const portNames = {
  plain: 'plain',
  'TLSv1.2': 'tls',
  'TLSv1.3': 'tls',
  certificate: 'certificate',
  strange: 'strange',
} as const satisfies Record<Plan['secure'], keyof Ports>;

function urlOf(plan: Plan, world: World, random: Random, path: string): string {
  const port =
    // Nobody listens there.
    plan.kind === 'notListening' ? 1 : world.ports[plan.server][portNames[plan.secure]];
  const secure = plan.secure !== 'plain' || plan.kind === 'tlsOnPlain';
  // Through a proxy a name would be the proxy's to look up.
  const host = plan.proxy === 'none' && random.chance(0.1) ? 'localhost' : '127.0.0.1';
  const query = encodeURIComponent(JSON.stringify(plan));
  return `${secure ? 'wss' : 'ws'}://${host}:${port}/${path}/${plan.deflate}?plan=${query}`;
}

/** The way to the server leads over one that sends us there. */
function throughRedirect(plan: Plan, world: World, random: Random): string {
  const to = urlOf(plan, world, random, 'stream');
  const url = new URL(urlOf(plan, world, random, 'redirect'));
  url.searchParams.set('to', to);
  return url.href;
}

/** What the proxy is to do stands in the place of a user's name. */
function proxyUrl(plan: Plan, world: World, random: Random): string {
  const port = world.ports[plan.proxy === 'fragile' ? 'fragile' : 'node'].proxy;
  let user = 'pass';
  if (plan.kind === 'proxyRefused') user = `refuse-${random.pick([403, 407, 502])}`;
  if (plan.kind === 'proxyCut') {
    user = `${random.pick(['end', 'reset'])}-${random.between(0, random.pick([300, 5000, 100_000]))}`;
  }
  return `http://${user}:x@127.0.0.1:${port}`;
}

function tlsOptions(plan: Plan, { files }: World, random: Random): OpenOptions {
  const { secure, kind, variant } = plan;
  if (secure === 'plain') return {};
  const options: OpenOptions = { caCertificates: files.root };
  if (secure === 'TLSv1.2' || secure === 'TLSv1.3') {
    options.minTlsVersion = secure;
    options.maxTlsVersion = secure;
  }
  if (secure === 'certificate' && kind !== 'noClientCertificate') {
    const privateKey = { key: files.clientKey, algorithm: 'EC' as const };
    options.sslConfig = { localCertificate: files.clientCertificate, privateKey };
  }
  if (secure === 'strange') options.serverName = `${variant}.test`;
  if (kind === 'ignoredCertificate') {
    options.ignoreSslErrors = kinds[kind].variants?.[variant] as never;
    return options;
  }
  if (kind === 'badCertificate') return options;
  const way = random.next();
  // A configuration that no other connection has; one that looks at nothing; the usual one.
  if (way < 0.03) {
    options.ignoreSslErrors = ['CertificateBlacklisted'];
    options.pinnedPublicKeys = [randomBytes(32).toString('base64')];
  } else if (way < 0.06) {
    delete options.caCertificates;
    options.ignoreSslErrors = random.pick([true, []]);
  }
  return options;
}

function compressionOf(plan: Plan, random: Random): NonNullable<OpenOptions['perMessageDeflate']> {
  if (plan.deflate === 'none') return false;
  const common = { threshold: random.pick([0, 100, 1024]), level: random.pick([1, 6]) };
  if (plan.deflate === 'takeover') return random.chance(0.3) ? true : common;
  return { ...common, clientNoContextTakeover: true, serverNoContextTakeover: true };
}

function signalOf(plan: Plan, world: World, random: Random): AbortSignal | undefined {
  if (plan.kind !== 'abort') return random.chance(0.2) ? world.signal : undefined;
  if (plan.variant === 'before') return AbortSignal.abort();
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('the plan says so'));
  if (plan.variant === 'timeout') return AbortSignal.timeout(Math.round(plan.seconds * 100));
  if (plan.variant === 'late') setTimeout(abort, plan.seconds * 200);
  else if (random.chance(0.3)) setImmediate(abort);
  else setTimeout(abort, random.between(0, 15));
  return controller.signal;
}

/** Times that are to pass in this plan; all others are so long that they never do. */
function timesOf(plan: Plan, random: Random): OpenOptions {
  const { kind, seconds } = plan;
  const times: OpenOptions = {
    timeout: kind === 'noAnswer' ? seconds : 600,
    closeTimeout: kind === 'muteClose' ? seconds : 600,
  };
  if (kind === 'silent') return { ...times, pingInterval: seconds / 2, pongTimeout: seconds / 2 };
  return mayPing(plan) && random.chance(0.3)
    ? { ...times, pingInterval: 0.5, pongTimeout: 600 }
    : times;
}

function pathOf({ kind, variant }: Plan): string {
  if (kind === 'noAnswer') return 'silence';
  // An opening that is aborted late finds nobody who answers.
  if (kind === 'abort') return variant === 'race' ? 'stream' : 'silence';
  if (kind === 'refused' || kind === 'malformed' || kind === 'redirectLoop') return kind;
  return kind === 'silent' || kind === 'muteClose' ? 'mute' : 'stream';
}

/** The arguments of webSocketOpen. */
export function openArguments(plan: Plan, world: World): { url: string; options: OpenOptions } {
  const random = new Random(`${plan.id} open`);
  const url =
    plan.kind === 'redirect'
      ? throughRedirect(plan, world, random)
      : urlOf(plan, world, random, pathOf(plan));
  const options: OpenOptions = {
    ...timesOf(plan, random),
    ...tlsOptions(plan, world, random),
    perMessageDeflate: compressionOf(plan, random),
    headers: { 'X-Plan': plan.id },
  };
  const signal = signalOf(plan, world, random);
  if (signal !== undefined) options.signal = signal;
  if (plan.proxy !== 'none') options.proxy = proxyUrl(plan, world, random);
  if (plan.receiveHighWaterMark > 0) options.receiveHighWaterMark = plan.receiveHighWaterMark;
  if (plan.maxBufferedBytes > 0) options.maxBufferedBytes = plan.maxBufferedBytes;
  if (plan.kind === 'redirect' || plan.kind === 'redirectLoop') options.followRedirects = 3;
  if (plan.kind === 'violation') options.maxMessageBytes = 2_000_000;
  return { url, options };
}
