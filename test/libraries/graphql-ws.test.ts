// graphql-ws, client and server as they are, the client on the class WebSocket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createClient } from 'graphql-ws';
import type { Client, ExecutionResult } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'wsfd/websocket';

async function* countTo(most: number): AsyncGenerator<{ count: number }> {
  for (let count = 1; count <= most; count++) {
    await new Promise(setImmediate);
    yield { count };
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { greeting: { type: GraphQLString, resolve: () => 'grüß Gott' } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: GraphQLInt } },
        subscribe: (_, { to }: { to: number }) => countTo(to),
      },
    },
  }),
});

async function start(
  t: TestContext,
): Promise<{ client: Client; server: WebSocketServer; closed: Promise<CloseLike> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const { dispose } = await Promise.resolve(useServer({ schema }, server));
  const { port } = server.address() as AddressInfo;
  let close = (_event: CloseLike): void => undefined;
  const closed = new Promise<CloseLike>((resolve) => (close = resolve));
  const client = createClient({
    url: `ws://127.0.0.1:${port}`,
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: 0,
    on: { closed: (event) => close(event as CloseLike) },
  });
  t.after(async () => {
    await client.dispose();
    await dispose();
    server.close();
  });
  return { client, server, closed };
}

interface CloseLike {
  code: number;
  wasClean: boolean;
}

/** All results of an operation. */
async function all(client: Client, query: string): Promise<ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for await (const result of client.iterate({ query })) results.push(result as ExecutionResult);
  return results;
}

test('a query and a subscription', async (t) => {
  const { client, closed } = await start(t);
  assert.deepEqual(await all(client, '{ greeting }'), [{ data: { greeting: 'grüß Gott' } }]);
  const results = await all(client, 'subscription { count(to: 300) }');
  const counts = results.map(({ data }) => (data as { count: number }).count);
  assert.deepEqual(
    counts,
    Array.from({ length: 300 }, (_, i) => i + 1),
  );
  const event = await closed;
  assert.deepEqual([event.code, event.wasClean], [1000, true]);
});

test('a server that goes away', async (t) => {
  const { client, server } = await start(t);
  const operation = client.iterate({ query: 'subscription { count(to: 1000000) }' });
  await operation.next();
  for (const socket of server.clients) socket.close(4400, 'enough');
  await assert.rejects(
    async () => {
      for await (const result of operation) assert.ok(result.data);
    },
    (event: CloseLike) => event.code === 4400,
  );
});
