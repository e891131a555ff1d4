// What is done while something is made to fail.
import { startWsServer } from '../support/servers';
import type { WsServer, WsServerOptions } from '../support/servers';
import type { Calls } from './calls';

/** What is to be run, and what it needs; close() ends what was started. */
export interface Prepared {
  run(calls: Calls): Promise<void>;
  close(): Promise<void>;
}

export interface Scenario {
  name: string;
  prepare(): Promise<Prepared>;
}

/** A scenario with an echoing server. */
export const withServer = (
  name: string,
  server: WsServerOptions,
  run: (calls: Calls, server: WsServer) => Promise<void>,
): Scenario => ({
  name,
  prepare: async () => {
    const started = await startWsServer(server);
    return { run: (calls) => run(calls, started), close: () => started.close() };
  },
});
