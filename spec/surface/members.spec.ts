import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { APPROVED, type Place } from './approved-differences.ts';
import { differences, memberNames } from './members.ts';
import { SideBySide, ready } from './side-by-side.ts';

type Look = (client: Redis) => object;
type Holder = Readonly<Record<PropertyKey, unknown>>;

/** Names by which libraries tell clients and other objects apart. */
const ASKED_FOR = [
  ...['then', 'catch', 'finally', 'toJSON', 'inspect', 'nodeType', 'asymmetricMatch', '$$typeof', 'isOpen', 'isReady'],
  ...['scanIterator', 'masters', 'pSubscribe', 'slots', 'nodes', 'sendRequest', 'commandOptions', 'v4', 'legacy'],
  ...[Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol.toStringTag, Symbol.for('nodejs.rejection')],
];

describe('The surface of a client', () => {
  const sides = SideBySide.forSuite();
  const found = new Map<Place, Map<string, string>>();

  /** Compares two objects, and remembers what differs. */
  function expectSame(place: Place, bare: Redis, ours: Redis, look: Look): PropertyKey[] {
    const sides = [bare, ours].map((client) => ({ object: look(client), client }));
    const names = [...memberNames(look(bare), look(ours)), ...(place === 'client' ? ['geo', ...ASKED_FOR] : [])];
    const different = differences(sides[0]!, sides[1]!, names);
    found.set(place, new Map([...(found.get(place) ?? []), ...different]));
    for (const name of Object.keys(APPROVED[place])) different.delete(name);
    expect(Object.fromEntries(different)).to.deep.equal({});
    return names;
  }

  const PLACES: Readonly<Partial<Record<Place, Look>>> = {
    client: (client) => client,
    options: (client) => client.options,
    pipeline: (client) => client.pipeline(),
    'stream of keys': (client) => (client.scanStream() as unknown as { opt: object }).opt,
  };

  for (const [place, look] of Object.entries(PLACES) as [Place, Look][]) {
    it(`is ioredis's: ${place}`, async () => {
      const { bare, ours } = await sides.both();
      const names = expectSame(place, bare, ours, look);

      expect(names).to.have.length.above(place === 'client' || place === 'pipeline' ? 600 : 3);
    });

    it(`is ioredis's after a switch: ${place}`, async () => {
      const ours = await sides.switched();
      const { host, port } = sides.west;
      const bare = new Redis({ host, port });
      try {
        await ready(bare);
        expectSame(place, bare, ours, look);
      } finally {
        bare.disconnect();
      }
    });
  }

  it("is ioredis's: transactions, the state of the connection, classes", async () => {
    const { bare, ours } = await sides.both();

    expectSame('pipeline', bare, ours, (client) => client.multi());
    expectSame('condition', bare, ours, (client) => (client as unknown as { condition: object }).condition);
    expect(ours.constructor).to.equal(bare.constructor);
    expect(Object.getPrototypeOf(ours)).to.equal(Object.getPrototypeOf(bare));
    expect(ours).to.be.an.instanceOf(Redis);
  });

  it("is ioredis's: what methods have themselves", async () => {
    const { bare, ours } = await sides.both();
    const different = new Map<string, string>();
    for (const name of memberNames(bare)) {
      const [method, other] = [read(bare, name), read(ours, name)];
      if (typeof method !== 'function' || typeof other !== 'function') continue;
      const [keys, others] = [Reflect.ownKeys(method), Reflect.ownKeys(other)];
      for (const key of keys) if (!others.includes(key)) different.set(String(key), 'missing');
      for (const key of others) if (!keys.includes(key)) different.set(String(key), 'added');
    }
    found.set('method', different);

    expect([...different.keys()]).to.deep.equal(Object.keys(APPROVED.method));
  });

  it('lists the same, in the same order', async () => {
    const { bare, ours } = await sides.both();
    const ownOf = (client: Redis): PropertyKey[] =>
      Reflect.ownKeys(client).filter((name) => !(String(name) in APPROVED.client));
    const inherited: string[] = [];
    for (const name in ours) if (!(name in APPROVED.client)) inherited.push(name);
    const expected: string[] = [];
    for (const name in bare) if (!(name in APPROVED.client)) expected.push(name);

    expect(ownOf(ours)).to.have.members(ownOf(bare));
    expect(inherited).to.have.members(expected);
  });

  it('has every command, and its Buffer twin, on the client, in pipelines and in transactions', async () => {
    const { bare, ours } = await sides.both();
    const commands = bare.getBuiltinCommands();
    expect(ours.getBuiltinCommands()).to.deep.equal(commands);
    expect(commands).to.have.length.above(250);
    const holders = { client: ours, pipeline: ours.pipeline(), transaction: ours.multi() };
    for (const [where, holder] of Object.entries(holders)) {
      const missing = commands
        .flatMap((name) => [name, `${name}Buffer`])
        .filter((name) => typeof read(holder, name) !== 'function' || !(name in holder));
      expect(missing, where).to.deep.equal([]);
    }
  });

  it('stays the same when scripts and commands are defined, and when the client is closed', async () => {
    const client = await sides.switched();
    const methods = (): unknown[] =>
      memberNames(client).map((name) => [name, typeof read(client, name) === 'function' ? read(client, name) : 0]);
    const names = memberNames(client);
    const before = new Map(names.map((name) => [name, read(client, name)]));
    client.defineCommand('mine', { lua: 'return 1', numberOfKeys: 0 });
    client.addBuiltinCommand('own');
    await client.quit();

    const changed = names.filter(
      (name) => typeof before.get(name) === 'function' && before.get(name) !== read(client, name),
    );
    expect(changed).to.deep.equal([]);
    expect(methods()).to.have.length(names.length + 4);
  });

  describe('differs only by what was approved', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const section = readme.slice(readme.indexOf('## Migrating'), readme.indexOf('## How it works'));

    for (const [place, approved] of Object.entries(APPROVED) as [Place, Record<string, string>][]) {
      if (place === 'result') continue;
      it(`and all of that still differs: ${place}`, () => {
        expect([...(found.get(place)?.keys() ?? [])]).to.include.members(Object.keys(approved));
      });
    }

    for (const [place, approved] of Object.entries(APPROVED)) {
      for (const name of Object.keys(approved)) {
        it(`and README says so: ${name} (${place})`, () => expect(section).to.contain(`\`${readable(name)}\``));
      }
    }
  });
});

function read(object: object, name: PropertyKey): unknown {
  return (object as Holder)[name];
}

/** As an application writes it. */
function readable(name: string): string {
  return name === 'Symbol(nodejs.util.inspect.custom)' ? 'util.inspect()' : name;
}
