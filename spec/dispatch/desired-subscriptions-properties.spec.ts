import { expect } from 'chai';
import fc from 'fast-check';
import { SUBSCRIPTION_KINDS } from '../../lib/commands/subscription-commands.ts';
import { DesiredSubscriptions } from '../../lib/dispatch/desired-subscriptions.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { parse, print } from './commands.ts';

const KINDS = ['', 'p', 's'] as const;

/** A call, in any order and arity, and how it ends. */
const call = fc.record({
  kind: fc.constantFrom(...KINDS),
  subscribes: fc.boolean(),
  names: fc.subarray(['a', 'b', 'c'], { minLength: 0 }),
  succeeds: fc.boolean(),
});

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

/** Whether the next thing is a call, or the reply to the oldest one that has none. */
const turns = fc.array(fc.boolean(), { maxLength: 60 });

/** Replies come in the order of the calls; what has failed has not happened. */
function expected(calls: readonly Call[]): string[] {
  const heard = { '': new Set<string>(), p: new Set<string>(), s: new Set<string>() };
  for (const { kind, subscribes, names, succeeds } of calls) {
    if (!succeeds || (subscribes && names.length === 0)) continue;
    if (subscribes) for (const name of names) heard[kind].add(name);
    else if (names.length === 0) heard[kind].clear();
    else for (const name of names) heard[kind].delete(name);
  }
  return KINDS.flatMap((kind) => [...heard[kind]].map((name) => `${kind}subscribe ${name}`)).sort();
}

function lineOf({ kind, subscribes, names }: Call): string {
  return [`${kind}${subscribes ? '' : 'un'}subscribe`, ...names].join(' ');
}

async function settle(command: IoredisCommand, { succeeds }: Call): Promise<void> {
  if (succeeds) command.resolve(1);
  else command.reject(new Error('Connection is closed.'));
  await command.promise.catch(() => undefined);
}

async function play(calls: readonly Call[], order: readonly boolean[]): Promise<DesiredSubscriptions> {
  const subscriptions = new DesiredSubscriptions();
  const waiting: (readonly [IoredisCommand, Call])[] = [];
  let next = 0;
  const callNext = (): void => {
    const it = calls[next++];
    if (it === undefined) return;
    const command = parse(lineOf(it));
    subscriptions.follow(command);
    waiting.push([command, it]);
  };
  const answerNext = async (): Promise<void> => {
    const [first] = waiting.splice(0, 1);
    if (first !== undefined) await settle(...first);
  };
  for (const isCall of order) {
    if (isCall) callNext();
    else await answerNext();
  }
  while (next < calls.length) callNext();
  while (waiting.length > 0) await answerNext();
  return subscriptions;
}

/** One name at a time, so that the order of names does not matter. */
function wanted(subscriptions: DesiredSubscriptions): string[] {
  return SUBSCRIPTION_KINDS.flatMap((kind) => subscriptions.commands(kind))
    .flatMap(({ name, args }) => args.map((arg) => `${name} ${String(arg)}`))
    .sort();
}

describe('The desired subscriptions, whatever is called and answered,', () => {
  it('are what the calls that succeeded ask for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), turns, async (calls, order) => {
        expect(wanted(await play(calls, order))).to.deep.equal(expected(calls));
      }),
      { numRuns: 500 },
    );
  });

  it('tell a connection to give up what is not among them, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), turns, async (calls, order) => {
        const subscriptions = await play(calls, order);
        const unwanted = subscriptions
          .unwantedOn(() => ['a', 'b', 'c'])
          .flatMap((command) => {
            const [name = '', ...names] = print(command).split(' ');
            return names.map((it) => `${name.replace('un', '')} ${it}`);
          });
        const all = KINDS.flatMap((kind) => ['a', 'b', 'c'].map((name) => `${kind}subscribe ${name}`));
        expect([...unwanted, ...wanted(subscriptions)].sort()).to.deep.equal(all.sort());
      }),
      { numRuns: 200 },
    );
  });

  it('are left over by no call that failed or was taken back', async () => {
    const calls = fc.array(
      call.filter(({ succeeds }) => !succeeds),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(calls, turns, async (failing, order) => {
        expect((await play(failing, order)).isEmpty).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });
});
