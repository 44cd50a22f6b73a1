import { expect } from 'chai';
import { Command, Redis } from 'ioredis';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { assertSupportedClient } from '../../lib/ioredis-internals/supported-versions.ts';
import type { ClientInternals, IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { command } from '../dispatch/commands.ts';
import { major, plainClientForEachTest, version } from './plain-client.ts';

/** Every private member, by the type that it must have. A new ioredis that moves one fails here first. */
const CLIENT_MEMBERS: Readonly<Record<keyof ClientInternals, string | readonly string[]>> = {
  status: 'string',
  stream: 'object',
  options: 'object',
  condition: 'object',
  connector: 'object',
  commandQueue: 'object',
  offlineQueue: 'object',
  prevCommandQueue: ['undefined', 'object'],
  manuallyClosing: 'boolean',
  scriptsSet: 'object',
  sendCommand: 'function',
  setStatus: 'function',
  silentEmit: 'function',
  handleReconnection: 'function',
  flushQueue: 'function',
  resetCommandQueue: 'function',
  resetOfflineQueue: 'function',
};

const COMMAND_MEMBERS: Readonly<Record<keyof IoredisCommand, string | readonly string[]>> = {
  name: 'string',
  args: 'object',
  promise: 'object',
  resolve: 'function',
  reject: 'function',
  getKeys: 'function',
  replyEncoding: 'string',
  bufferMode: 'boolean',
  inTransaction: 'boolean',
  isReadOnly: 'boolean',
  isResolved: 'boolean',
  isSettled: major >= 6 ? 'boolean' : 'undefined',
  isTraced: 'boolean',
  // A pipeline sets it on commands whose result it leaves out.
  ignore: 'undefined',
  setTimeout: 'function',
  toWritable: 'function',
  setReplyContext: major >= 6 ? 'function' : 'undefined',
  _clearTimers: 'function',
};

describe(`ioredis ${version}`, () => {
  const plain = plainClientForEachTest();
  let redis: Redis;
  let hidden: ClientInternals;

  beforeEach(() => ({ redis, hidden } = plain.current));

  describe('has', () => {
    for (const [name, kind] of Object.entries(CLIENT_MEMBERS)) {
      it(`a client's ${name}`, () => {
        expect(typeof hidden[name as keyof ClientInternals]).to.be.oneOf([kind].flat());
      });
    }

    for (const [name, kind] of Object.entries(COMMAND_MEMBERS)) {
      it(`a command's ${name}`, async () => {
        const options = { replyEncoding: 'utf8', readOnly: true } as ConstructorParameters<typeof Command>[2];
        const sent = new Command('set', ['k', Buffer.from('v')], options) as unknown as IoredisCommand;
        sent.resolve(Buffer.from('OK'));
        await sent.promise;
        const actual =
          major < 6 && name === 'isTraced' ? typeof (await traced()) : typeof sent[name as keyof IoredisCommand];

        expect(actual).to.be.oneOf([kind].flat());
      });
    }

    /** ioredis 5 sets the mark when it writes the command. */
    async function traced(): Promise<unknown> {
      return (await plain.current.inFlight()).isTraced;
    }

    it('the queue of commands, oldest first', async () => {
      const sent = await plain.current.inFlight();
      hidden.sendCommand(command('get', 'l'));
      const { commandQueue } = hidden;

      expect(commandQueue.length).to.equal(2);
      expect(commandQueue.peekFront()?.command).to.equal(sent);
      expect(commandQueue.toArray().map((item) => item.command.args[0])).to.deep.equal(['k', 'l']);
      expect(commandQueue.shift()?.command).to.equal(sent);
    });

    it('the condition of the connection', () => {
      expect(hidden.condition?.select).to.equal(0);
      expect(hidden.condition?.protocol).to.equal(major >= 6 ? 3 : undefined);
      expect(hidden.condition?.replyMapping).to.equal(major >= 6 ? 'legacy' : undefined);
    });

    it('the digest of each script', () => {
      redis.defineCommand('twice', { lua: 'return 2' });

      expect(hidden.scriptsSet['twice']).to.include({
        lua: 'return 2',
        sha: '7f923f79fe76194c868d7e1d0820de36700eb649',
      });
    });
  });

  describe('is refused, with the names of what is missing and the version, when a client', () => {
    const CASES: readonly (readonly [missing: string, change: Partial<Record<keyof ClientInternals, unknown>>])[] = [
      ...(['sendCommand', 'setStatus', 'handleReconnection', 'flushQueue'] as const).map(without),
      ...(['resetCommandQueue', 'resetOfflineQueue', 'commandQueue'] as const).map(without),
      ['commandQueue', { commandQueue: [] }],
      ['commandQueue', { commandQueue: { toArray: () => [] } }],
      ['setStatus, flushQueue, commandQueue', { setStatus: 1, flushQueue: null, commandQueue: {} }],
    ];

    for (const [missing, change] of CASES) {
      const [name, value] = Object.entries(change)[0]!;
      it(`has no ${missing} (${name} is ${value === undefined ? 'undefined' : JSON.stringify(value)})`, () => {
        const client = Object.defineProperties(
          new Redis({ lazyConnect: true }),
          Object.fromEntries(Object.entries(change).map(([key, it]) => [key, { value: it }])),
        );
        let error: unknown;
        try {
          assertSupportedClient(client, 'endpoint "a"');
        } catch (caught) {
          error = caught;
        }

        const rule = `must be a client of ioredis 5.11 or newer, or of 6; ${missing} not found`;
        expect(isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')).to.equal(true);
        expect((error as Error).message).to.equal(`endpoint "a" ${rule}, got ioredis ${version}`);
        expect(error)
          .to.have.property('problems')
          .that.deep.equals([{ path: 'endpoint "a"', rule, value: `ioredis ${version}` }]);
      });
    }

    it('but not when it has all of them', () => {
      expect(() => assertSupportedClient(redis, 'endpoint "a"')).not.to.throw();
    });
  });
});

function without(name: keyof ClientInternals): [string, Partial<Record<keyof ClientInternals, unknown>>] {
  return [name, { [name]: undefined }];
}
