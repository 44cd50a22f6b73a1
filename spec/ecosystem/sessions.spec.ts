import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { regionsForEachTest } from './regions.ts';

declare module 'express-session' {
  interface SessionData {
    views?: number;
  }
}

/** A browser with a cookie of its own. */
class Visitor {
  readonly #url: string;
  #cookie: string | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** How often it has been here, as far as the server knows. */
  async visit(): Promise<number> {
    const response = await fetch(this.#url, { headers: this.#cookie === undefined ? {} : { cookie: this.#cookie } });
    this.#cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? this.#cookie;
    expect(response.status).to.equal(200);
    return Number(await response.text());
  }
}

describe('Sessions of express-session in connect-redis', () => {
  const regions = regionsForEachTest();
  let client: GeoFailoverRedis;
  let store: RedisStore;
  let url: string;

  beforeEach(async () => {
    client = await regions.connect();
    store = new RedisStore({ client });
    const middleware = session({ store, secret: 'secret', resave: false, saveUninitialized: false }) as unknown as (
      ...args: [...Parameters<RequestListener>, next: (error?: unknown) => void]
    ) => void;
    const server = createServer((request, response) => {
      middleware(request, response, (error) => {
        const { session: own } = request as unknown as { session: session.SessionData };
        if (error === undefined) own.views = (own.views ?? 0) + 1;
        else response.statusCode = 500;
        response.end(error instanceof Error ? error.message : String(own.views));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    regions.atTheEnd(async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  it('go on when the other region has them, and begin anew when it does not', async () => {
    const [known, unknown, late] = [new Visitor(url), new Visitor(url), new Visitor(url)];
    expect([await known.visit(), await known.visit()]).to.deep.equal([1, 2]);
    await regions.copyData();
    expect([await unknown.visit(), await unknown.visit()]).to.deep.equal([1, 2]);
    await regions.loseEast(client);

    expect([await known.visit(), await known.visit()]).to.deep.equal([3, 4]);
    expect([await unknown.visit(), await unknown.visit()]).to.deep.equal([1, 2]);
    expect([await late.visit(), await late.visit()]).to.deep.equal([1, 2]);
    expect(await store.all()).to.have.lengthOf(3);
    await store.clear();
    expect(await store.length()).to.equal(0);
  });

  it('are served without an error while the region is being lost', async () => {
    const visitor = new Visitor(url);
    await visitor.visit();
    await regions.copyData();
    await regions.pair.east.proxy.swallowReplies();
    const visit = visitor.visit();
    await regions.loseEast(client);

    expect(await visit).to.equal(2);
    expect(await visitor.visit()).to.equal(3);
  });
});
