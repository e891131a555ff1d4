/**
 * Modules of Node that take milliseconds to load, and that not every program has loaded anyway:
 * they are loaded when they are first needed.
 */
import { createRequire } from 'node:module';
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';

const load = createRequire(__filename);

export const net = (): typeof Net => load('node:net') as typeof Net;
export const tls = (): typeof Tls => load('node:tls') as typeof Tls;

/** As `net.isIP`: 4, 6, or 0 for what is no IP address. */
export const isIP = (text: string): number => net().isIP(text);
