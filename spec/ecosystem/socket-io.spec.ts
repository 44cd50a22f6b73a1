import { once } from 'node:events';
import { type Server as HttpServer, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { type Socket, io as connectSocket } from 'socket.io-client';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { nextEvent } from '../support/next-event.ts';
import { regionsForEachTest } from './regions.ts';

/** One process of the application, with a browser that is connected to it. */
interface Node {
  readonly publisher: GeoFailoverRedis;
  readonly subscriber: GeoFailoverRedis;
  readonly io: Server;
  readonly browser: Socket;
}

describe('The Redis adapter of Socket.IO', () => {
  const regions = regionsForEachTest();
  let nodes: [Node, Node];

  beforeEach(async () => {
    nodes = await Promise.all([startNode(), startNode()]);
  });

  async function startNode(): Promise<Node> {
    const publisher = await regions.connect();
    const subscriber = publisher.duplicate() as GeoFailoverRedis;
    regions.atTheEnd(() => subscriber.quit());
    const http: HttpServer = createServer();
    const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });
    regions.atTheEnd(() => io.close());
    io.on('hello', (answer: (name: string) => void) => answer('hello yourself'));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const { port } = http.address() as AddressInfo;
    const browser = connectSocket(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    regions.atTheEnd(() => browser.disconnect());
    await new Promise<void>((resolve) => browser.once('connect', resolve));
    // A reply on the connection that subscribes comes behind those to its subscriptions.
    await subscriber.ping();
    return { publisher, subscriber, io, browser };
  }

  /** Resolves with what the browsers are told. */
  function told(event: string): Promise<unknown[]> {
    return Promise.all(nodes.map(({ browser }) => new Promise((resolve) => browser.once(event, resolve))));
  }

  async function expectOneApplication(): Promise<void> {
    for (const { io } of nodes) {
      const news = told('news');
      io.emit('news', 'something happened');
      expect(await news).to.deep.equal(['something happened', 'something happened']);
      expect(await io.fetchSockets()).to.have.lengthOf(2);
      expect(await io.serverSideEmitWithAck('hello')).to.deep.equal(['hello yourself']);
    }
  }

  it('reaches the browsers of all processes, also after its region was lost', async () => {
    await expectOneApplication();
    const moved = nodes.map(({ subscriber }) => nextEvent(subscriber, 'subscriptionsMoved'));
    await regions.loseEast(...nodes.map(({ publisher }) => publisher));
    await Promise.all(moved);
    await expectOneApplication();
  });

  it('is not ended by a message that was on its way when its region was lost', async () => {
    await regions.pair.east.proxy.swallowReplies();
    nodes[0].io.emit('news', 'this may be lost');
    const moved = nodes.map(({ subscriber }) => nextEvent(subscriber, 'subscriptionsMoved'));
    await regions.loseEast(...nodes.map(({ publisher }) => publisher));
    await Promise.all(moved);
    await expectOneApplication();
  });
});
