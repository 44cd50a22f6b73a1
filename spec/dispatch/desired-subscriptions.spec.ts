import { expect } from 'chai';
import { SUBSCRIPTION_KINDS } from '../../lib/commands/subscription-commands.ts';
import { DesiredSubscriptions } from '../../lib/dispatch/desired-subscriptions.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { command, parse, print, replyError } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

function commandsOf(subscriptions: DesiredSubscriptions): IoredisCommand[] {
  return SUBSCRIPTION_KINDS.flatMap((kind) => subscriptions.commands(kind));
}

/** The application asks for it, and a server agrees. */
function make(subscriptions: DesiredSubscriptions, asking: IoredisCommand): void {
  subscriptions.follow(asking);
  asking.resolve(1);
}

describe('The desired subscriptions', () => {
  const table: readonly (readonly [name: string, lines: readonly string[], commands: readonly string[]])[] = [
    ['are none at first', [], []],
    [
      'are those of every kind',
      ['subscribe a b', 'psubscribe p*', 'ssubscribe s'],
      ['subscribe a b', 'psubscribe p*', 'ssubscribe s'],
    ],
    ['are each wanted once', ['subscribe a', 'subscribe b a'], ['subscribe a b']],
    [
      'are not those that were given up',
      ['subscribe a b c', 'unsubscribe b', 'psubscribe p', 'punsubscribe p'],
      ['subscribe a c'],
    ],
    ['are given up all at once', ['subscribe a b', 'psubscribe p', 'unsubscribe'], ['psubscribe p']],
    ['do not mind what was never wanted', ['unsubscribe a', 'sunsubscribe', 'subscribe b'], ['subscribe b']],
    ['are wanted again after they were given up', ['subscribe a', 'unsubscribe a', 'SUBSCRIBE a'], ['subscribe a']],
    ['are the same in each kind by chance only', ['subscribe a', 'psubscribe a', 'unsubscribe a'], ['psubscribe a']],
  ];

  for (const [name, lines, commands] of table) {
    it(name, () => {
      const subscriptions = new DesiredSubscriptions();
      for (const line of lines) make(subscriptions, parse(line));

      expect(commandsOf(subscriptions).map(print)).to.deep.equal(commands);
      expect(subscriptions.isEmpty).to.equal(commands.length === 0);
    });
  }

  it('are not those that a waiting command asks for: it will do so itself', () => {
    const subscriptions = new DesiredSubscriptions();
    subscriptions.follow(parse('subscribe a'));

    expect(commandsOf(subscriptions)).to.deep.equal([]);
    expect(subscriptions.isEmpty).to.equal(true);
  });

  it('are those that another connection was asked for, as long as it can answer', () => {
    const subscriptions = new DesiredSubscriptions();
    const [connection, asking] = [new FakeConnection('a'), parse('subscribe a')];
    subscriptions.follow(asking);
    subscriptions.sentTo(asking, connection);
    expect(commandsOf(subscriptions).map(print)).to.deep.equal(['subscribe a']);
    connection.abandon();

    expect(subscriptions.isEmpty).to.equal(true);
  });

  it('may have names that are no text', () => {
    const subscriptions = new DesiredSubscriptions();
    const names = [Buffer.from([0xff, 0xfe]), Buffer.from([0xff, 0xfd])];
    make(subscriptions, command('subscribe', ...names));
    subscriptions.follow(command('unsubscribe', Buffer.from(names[0]!)));

    expect(commandsOf(subscriptions)[0]?.args).to.deep.equal([names[1]]);
  });

  it('are not what a server refused, but for what was wanted before', () => {
    const subscriptions = new DesiredSubscriptions();
    make(subscriptions, parse('subscribe a'));
    const refused = parse('subscribe a b');
    subscriptions.follow(refused);
    refused.reject(replyError('NOPERM no'));

    expect(commandsOf(subscriptions).map(print)).to.deep.equal(['subscribe a']);
  });

  it('are what a newer command asks for as well, when an older one is refused', () => {
    const connection = new FakeConnection('a');
    const subscriptions = new DesiredSubscriptions();
    const [older, newer] = [parse('subscribe a b'), parse('subscribe a')];
    for (const asking of [older, newer]) {
      subscriptions.follow(asking);
      subscriptions.sentTo(asking, connection);
    }
    older.reject(replyError('NOPERM no'));
    expect(commandsOf(subscriptions).map(print)).to.deep.equal(['subscribe a']);
    newer.reject(replyError('NOPERM no'));

    expect(subscriptions.isEmpty).to.equal(true);
  });

  it('are compared with what a connection hears', () => {
    const subscriptions = new DesiredSubscriptions();
    for (const line of ['subscribe a b', 'psubscribe p']) subscriptions.follow(parse(line));
    const heard = { channels: ['b', 'c'], patterns: [], shardChannels: ['s'] };

    expect(subscriptions.unwantedOn((kind) => heard[kind]).map(print)).to.deep.equal([
      'unsubscribe c',
      'sunsubscribe s',
    ]);
  });

  it('are asked for one by one on shard channels, whose slots may differ', () => {
    const subscriptions = new DesiredSubscriptions();
    make(subscriptions, parse('ssubscribe a b'));

    expect(commandsOf(subscriptions).map(print)).to.deep.equal(['ssubscribe a', 'ssubscribe b']);
  });

  it('stay when nobody could be told that they are not wanted any more', () => {
    const subscriptions = new DesiredSubscriptions();
    make(subscriptions, parse('subscribe a b'));
    const refused = parse('unsubscribe');
    subscriptions.follow(refused);
    expect(subscriptions.isEmpty).to.equal(true);
    make(subscriptions, parse('subscribe c'));
    refused.reject(new Error('no'));

    expect(commandsOf(subscriptions).map(print)).to.deep.equal(['subscribe a b c']);
  });

  it('are inherited', () => {
    const [older, newer] = [new DesiredSubscriptions(), new DesiredSubscriptions()];
    make(older, parse('subscribe a'));
    newer.inherit(older);

    expect(commandsOf(newer).map(print)).to.deep.equal(['subscribe a']);
  });
});
