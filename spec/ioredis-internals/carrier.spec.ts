import { expect } from 'chai';
import { Command, Redis } from 'ioredis';
import sinon from 'sinon';
import {
  type CarrierOutcome,
  createCarrier,
  isSettled,
  limitTime,
  settleWithReply,
} from '../../lib/ioredis-internals/carrier.ts';
import { type IoredisCommand, internals } from '../../lib/ioredis-internals/types.ts';
import { command, outcomeOf, replyError } from '../dispatch/commands.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

type Written = IoredisCommand & { toWritable(stream: object): string | Buffer };
type Options = ConstructorParameters<typeof Command>[2];

const NOBODY: CarrierOutcome = { onReply: () => undefined, onError: () => undefined };

function made(name: string, args: unknown[], options: Options = {}): IoredisCommand {
  return new Command(name, args as string[], { replyEncoding: 'utf8', ...options }) as unknown as IoredisCommand;
}

/** What goes over the wire, in one line. */
function written(carrier: IoredisCommand, stream: object = {}): string {
  return String((carrier as Written).toWritable(stream))
    .split('\r\n')
    .filter((part) => !/^[*$]/.test(part))
    .join(' ')
    .trim();
}

describe('A carrier', () => {
  describe('of a command', () => {
    const cases: readonly (readonly [what: string, original: IoredisCommand, wire: string])[] = [
      ['goes out with the same words', made('set', ['k', 'v']), 'set k v'],
      ['keeps the case of the name', made('GeT', ['k']), 'GeT k'],
      ['has the key prefix once', made('mget', ['a', 'b'], { keyPrefix: 'p:' }), 'mget p:a p:b'],
      ['has its arguments transformed once', made('hset', ['h', { a: 1, b: 2 }]), 'hset h a 1 b 2'],
      ['has numbers and nothing as text', made('set', ['k', 1.5, null]), 'set k 1.5'],
    ];

    for (const [what, original, wire] of cases) {
      it(what, () => {
        expect(written(createCarrier(original, NOBODY))).to.equal(wire);
      });
    }

    it('carries bytes as they are', () => {
      const bytes = Buffer.from([0, 255, 13, 10]);
      const carrier = createCarrier(made('set', ['k', bytes]), NOBODY) as Written;

      expect((carrier.toWritable({}) as Buffer).includes(bytes)).to.equal(true);
    });

    it('leaves the original as it was when it changes itself', () => {
      const original = made('set', ['k', 'v']);
      const carrier = createCarrier(original, NOBODY);
      carrier.args[0] = 'other';
      carrier.name = 'get';

      expect([original.name, ...original.args]).to.deep.equal(['set', 'k', 'v']);
    });

    it('keeps what a connection decides by', () => {
      const original = made('set', ['k', Buffer.from('v')], { readOnly: true });
      original.inTransaction = true;

      expect(createCarrier(original, NOBODY)).to.include({ bufferMode: true, isReadOnly: true, inTransaction: true });
    });

    it('does not say of a plain command what is not true', () => {
      const carrier = createCarrier(made('set', ['k', 'v']), NOBODY);

      expect(carrier.inTransaction).to.equal(false);
      expect([carrier.bufferMode, carrier.isReadOnly]).to.deep.equal([undefined, undefined]);
    });

    it('begins no span of its own', () => {
      expect(createCarrier(made('get', ['k']), NOBODY).isTraced).to.equal(true);
    });

    it('does not have the place of the original in a pipeline, nor its callback', () => {
      const callback = sinon.spy();
      const original = new Command('get', ['k'], {}, callback) as unknown as IoredisCommand & {
        pipelineIndex?: number;
      };
      original.pipelineIndex = 3;
      const carrier = createCarrier(original, NOBODY) as typeof original;
      carrier.resolve('reply');

      expect(carrier.pipelineIndex).to.equal(undefined);
      sinon.assert.notCalled(callback);
    });
  });

  describe('of a script', () => {
    let redis: Redis;
    let original: Written;

    beforeEach(() => {
      redis = new Redis({ lazyConnect: true });
      internals(redis).sendCommand = (sent) => (original = sent as Written);
      redis.defineCommand('twice', { lua: 'return 2', numberOfKeys: 1 });
      void (redis as unknown as { twice: (key: string) => unknown }).twice('k');
    });

    const SHA = /^evalsha [\da-f]{40} 1 k$/;

    it('sends the script to a server that has not seen it, and its digest afterwards', () => {
      const [first, second] = [{}, {}];
      expect(written(original, first)).to.equal('eval return 2 1 k');
      const again = createCarrier(original, NOBODY);

      expect(written(again, second)).to.equal('eval return 2 1 k');
      expect(written(createCarrier(original, NOBODY), second)).to.match(SHA);
      expect(written(createCarrier(again, NOBODY), first)).to.match(SHA);
    });

    it('sends the script again when the server has forgotten it', () => {
      const stream = {};
      written(original, stream);
      const onError = sinon.spy();
      const refused = createCarrier(original, { ...NOBODY, onError });
      expect(written(refused, stream)).to.match(SHA);
      const error = replyError('NOSCRIPT No matching script');
      refused.reject(error);

      sinon.assert.calledOnceWithExactly(onError, error);
      expect(written(createCarrier(original, NOBODY), stream)).to.equal('eval return 2 1 k');
    });
  });

  describe('that is answered', () => {
    it('hands on the raw reply, which the original reads in its own way', async () => {
      const original = made('hgetall', ['h']);
      const onReply = sinon.spy();
      const carrier = createCarrier(original, { ...NOBODY, onReply });
      const raw = [Buffer.from('field'), Buffer.from('value')];
      carrier.resolve(raw);

      expect(onReply.firstCall.args[0]).to.equal(raw);
      settleWithReply(original, raw, { select: 0 });
      expect(await original.promise).to.deep.equal({ field: 'value' });
    });

    it('hands on the error and settles nothing itself', async () => {
      const original = command('get', 'k');
      const onError = sinon.spy();
      const error = replyError('WRONGTYPE no');
      createCarrier(original, { ...NOBODY, onError }).reject(error);

      sinon.assert.calledOnceWithExactly(onError, error);
      expect(await outcomeOf(original)).to.equal('pending');
    });

    it('gives the original the condition of the connection that received the reply', () => {
      const original = made('get', ['k']);
      const condition = { select: 0, protocol: 3, replyMapping: 'resp3' };
      const calls: unknown[] = [];
      original.setReplyContext = (context) => calls.push(context);
      original.resolve = (reply) => calls.push(reply);
      settleWithReply(original, 'reply', condition);

      expect(calls).to.deep.equal([condition, 'reply']);
    });

    it('tells of it once, although it blocks and had a timer of its own', async () => {
      const time = fakeSystemTime();
      try {
        const onReply = sinon.spy();
        const carrier = createCarrier(made('blpop', ['k', 0]), { ...NOBODY, onReply });
        // ioredis sets it when it writes a blocking command, if it has the option blockingTimeout.
        (carrier as unknown as { setBlockingTimeout(ms: number): void }).setBlockingTimeout(1_000);
        carrier.resolve(null);
        expect(time.countTimers()).to.equal(0);
        await time.tickAsync(2_000);

        sinon.assert.calledOnce(onReply);
      } finally {
        time.restore();
      }
    });

    it('leaves no timer of a blocking command behind when it is refused', () => {
      const time = fakeSystemTime();
      try {
        const carrier = createCarrier(made('blpop', ['k', 0]), NOBODY);
        (carrier as unknown as { setBlockingTimeout(ms: number): void }).setBlockingTimeout(1_000);
        carrier.reject(replyError('LOADING'));

        expect(time.countTimers()).to.equal(0);
      } finally {
        time.restore();
      }
    });
  });
});

describe('A command with a time limit', () => {
  let time: sinon.SinonFakeTimers;
  let limited: IoredisCommand;
  let rejections: number;

  beforeEach(() => {
    time = fakeSystemTime();
    limited = command('get', 'k');
    rejections = 0;
    limitTime(limited, 100, () => rejections++);
  });

  afterEach(() => time.restore());

  it('is rejected when the time is over, and counts as settled', async () => {
    expect(isSettled(limited)).to.equal(false);
    await time.tickAsync(100);

    expect(await outcomeOf(limited))
      .to.be.an('error')
      .with.property('message', 'Command timed out');
    expect(isSettled(limited)).to.equal(true);
    expect(rejections).to.equal(1);
  });

  it('counts as settled when it is answered, and its timer is gone', async () => {
    limited.resolve(Buffer.from('v'));

    expect(isSettled(limited)).to.equal(true);
    expect(time.countTimers()).to.equal(0);
    expect(await outcomeOf(limited)).to.equal('v');
    expect(rejections).to.equal(0);
  });

  it('counts as settled when it is refused, and its timer is gone', async () => {
    const error = replyError('WRONGTYPE no');
    limited.reject(error);

    expect(isSettled(limited)).to.equal(true);
    expect(time.countTimers()).to.equal(0);
    expect(await outcomeOf(limited)).to.equal(error);
  });

  it('counts from the call on, however often it is limited', async () => {
    await time.tickAsync(60);
    limitTime(limited, 100, () => undefined);
    await time.tickAsync(40);

    expect(isSettled(limited)).to.equal(true);
  });
});
