// MQTT.js, as it is, on the class WebSocket, with real brokers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import mqtt from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { WebSocket } from 'wsfd/websocket';
import { Arrivals } from '../support/arrivals';
import { startAedes, startMosquitto } from '../support/brokers';
import { installed } from '../support/programs';
import type { WsServer } from '../support/servers';

async function connect(
  t: TestContext,
  url: string,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, {
    forceNativeWebSocket: true,
    createWebsocket: (to, protocols) => new WebSocket(to, protocols),
    protocolVersion: 4,
    ...options,
  });
  t.after(() => client.endAsync(true));
  return client;
}

const brokers: Record<string, () => Promise<WsServer>> = {
  aedes: startAedes,
  ...(installed('mosquitto') ? { mosquitto: startMosquitto } : {}),
};

for (const [name, start] of Object.entries(brokers)) {
  test(`publish and subscribe with ${name}`, async (t) => {
    const broker = await start();
    t.after(() => broker.close());
    const subscriber = await connect(t, broker.url);
    const publisher = await connect(t, broker.url);
    const messages = new Arrivals<{ topic: string; payload: Buffer }>('message');
    subscriber.on('message', (topic, payload) => messages.push({ topic, payload }));
    await subscriber.subscribeAsync('plant/#', { qos: 2 });
    const large = Buffer.alloc(300_000, 'temperature');
    for (const qos of [0, 1, 2] as const) {
      await publisher.publishAsync(`plant/${qos}`, `größer ${qos}`, { qos });
      await publisher.publishAsync('plant/large', large, { qos });
      const text = await messages.next();
      assert.deepEqual([text.topic, text.payload.toString()], [`plant/${qos}`, `größer ${qos}`]);
      assert.ok((await messages.next()).payload.equals(large));
    }
    for (let i = 0; i < 500; i++) publisher.publish('plant/many', String(i));
    for (let i = 0; i < 500; i++)
      assert.equal((await messages.next()).payload.toString(), String(i));
    await publisher.endAsync();
    await subscriber.endAsync();
    assert.equal(broker.connections.all.length, 2);
  });
}

test('it connects again', async (t) => {
  const broker = await startAedes();
  t.after(() => broker.close());
  const client = await connect(t, broker.url, { reconnectPeriod: 1 });
  const messages = new Arrivals<string>('message');
  client.on('message', (_topic, payload) => messages.push(payload.toString()));
  await client.subscribeAsync('a');
  (await broker.connections.next()).socket.terminate();
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  await client.publishAsync('a', 'again', { qos: 1 });
  assert.equal(await messages.next(), 'again');
});
