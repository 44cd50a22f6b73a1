import type { Redis } from 'ioredis';
import type { NewOperation } from './history.ts';
import { integerBelow, type Random } from './random.ts';
import type { Recording } from './recording.ts';

/** What the load calls: bare ioredis, the product, or a stub. */
export type LoadClient = Pick<
  Redis,
  'get' | 'set' | 'incr' | 'rpush' | 'sadd' | 'hset' | 'del' | 'eval' | 'pipeline' | 'multi'
>;

export type LoadKind =
  | 'get'
  | 'set'
  | 'set-burst'
  | 'set-stream'
  | 'incr'
  | 'rpush'
  | 'sadd'
  | 'hset'
  | 'del'
  | 'pipeline'
  | 'multi'
  | 'script';

/** One of the concurrent callers. */
export interface Caller {
  readonly client: LoadClient;
  readonly recording: Recording;
  readonly random: Random;
  /** Prefix of the keys that this caller shares between its operations. */
  readonly prefix: string;
  readonly sharedKeys: number;
  readonly burstLength: number;
}

/** Issues one operation (or several that belong together) synchronously and returns how many commands that were. */
export type Issue = (caller: Caller) => number;

/** Operations of all kinds between the first SET of a stream and the last one. */
const STREAM_LENGTH = 500;

const SCRIPT = "return redis.call('INCR', KEYS[1])";

// Keys of groups carry a hash tag, so that the same load also runs on a Cluster.
function groupTag(recording: Recording): string {
  return `g${recording.nextId().slice('op'.length)}`;
}

const get: Issue = ({ client, recording, random, prefix, sharedKeys }) => {
  const index = integerBelow(random, 2 * sharedKeys);
  // The upper half are keys that nobody ever writes.
  const key = index < sharedKeys ? `${prefix}:set:${index}` : `${prefix}:nobody:${index}`;
  const id = recording.nextId();
  void recording.track({ id, kind: 'get', key, command: 'GET', safety: 'read-only' }, () => client.get(key));
  return 1;
};

const set: Issue = ({ client, recording, random, prefix, sharedKeys }) => {
  const key = `${prefix}:set:${integerBelow(random, sharedKeys)}`;
  const id = recording.nextId();
  void recording.track({ id, kind: 'set', key, command: 'SET', safety: 'effect-and-reply' }, () => client.set(key, id));
  return 1;
};

const setBurst: Issue = ({ client, recording, burstLength }) => {
  const key = `burst:${groupTag(recording)}`;
  for (let sequence = 1; sequence <= burstLength; sequence++) {
    const id = recording.nextId();
    void recording.track({ id, kind: 'set-burst', key, command: 'SET', safety: 'effect-and-reply' }, () =>
      client.set(key, `${id}:${sequence}`),
    );
  }
  return burstLength;
};

/** As a burst, but spread over time: some of its SETs are in flight, others wait, when something happens. */
const setStream: Issue = ({ client, recording }) => {
  const id = recording.nextId();
  const sequence = Number(/\d+/.exec(id)?.[0]);
  const key = `burst:stream:${recording.tag}:${Math.floor(sequence / STREAM_LENGTH)}`;
  void recording.track({ id, kind: 'set-burst', key, command: 'SET', safety: 'effect-and-reply' }, () =>
    client.set(key, `${id}:${sequence}`),
  );
  return 1;
};

const incr: Issue = ({ client, recording }) => {
  const id = recording.nextId();
  const key = `incr:${id}`;
  void recording.track({ id, kind: 'incr', key, command: 'INCR', safety: 'other-write' }, () => client.incr(key));
  return 1;
};

const rpush: Issue = ({ client, recording, prefix }) => {
  const id = recording.nextId();
  const key = `${prefix}:list`;
  void recording.track({ id, kind: 'rpush', key, command: 'RPUSH', safety: 'other-write' }, () =>
    client.rpush(key, id),
  );
  return 1;
};

const sadd: Issue = ({ client, recording, prefix }) => {
  const id = recording.nextId();
  const key = `${prefix}:members`;
  void recording.track({ id, kind: 'sadd', key, command: 'SADD', safety: 'effect' }, () => client.sadd(key, id));
  return 1;
};

const hset: Issue = ({ client, recording, prefix }) => {
  const id = recording.nextId();
  const key = `${prefix}:hash`;
  void recording.track({ id, kind: 'hset', key, command: 'HSET', safety: 'effect' }, () => client.hset(key, id, 1));
  return 1;
};

const del: Issue = ({ client, recording }) => {
  const setId = recording.nextId();
  const delId = recording.nextId();
  const key = `del:${delId}`;
  const write: NewOperation = { id: setId, kind: 'set', key, command: 'SET', safety: 'effect-and-reply' };
  const removal: NewOperation = { id: delId, kind: 'del', key, command: 'DEL', safety: 'effect', behind: setId };
  const release = recording.hold();
  // Only a DEL behind an acknowledged SET has a reply that is known beforehand.
  void recording
    .track(write, () => client.set(key, setId))
    .then((written) => {
      if (written && !recording.sealed) void recording.track(removal, () => client.del(key));
      release();
    });
  return 2;
};

const pipeline: Issue = ({ client, recording }) => {
  const tag = groupTag(recording);
  const [writeId, readId, countId, pushId, addId] = Array.from({ length: 5 }, () => recording.nextId()) as Five;
  const shared = { kind: 'pipeline' } as const;
  const key = `pipe:{${tag}}:${writeId}`;
  const counter = `pipe:{${tag}}:${countId}`;
  const list = `pipe:{${tag}}:list`;
  const members = `pipe:{${tag}}:members`;
  void recording.trackAll(
    [
      { ...shared, id: writeId, key, command: 'SET', safety: 'effect-and-reply' },
      { ...shared, id: readId, key, command: 'GET', safety: 'read-only', behind: writeId },
      { ...shared, id: countId, key: counter, command: 'INCR', safety: 'other-write' },
      { ...shared, id: pushId, key: list, command: 'RPUSH', safety: 'other-write' },
      { ...shared, id: addId, key: members, command: 'SADD', safety: 'effect' },
    ],
    async () =>
      client.pipeline().set(key, writeId).get(key).incr(counter).rpush(list, pushId).sadd(members, addId).exec(),
  );
  return 5;
};

type Five = [string, string, string, string, string];

const multi: Issue = ({ client, recording, random }) => {
  const group = groupTag(recording);
  const operations = Array.from({ length: 2 + integerBelow(random, 3) }, (): NewOperation => {
    const id = recording.nextId();
    const key = `multi:{${group}}:${id}`;
    return { id, kind: 'multi', key, command: 'INCR', safety: 'other-write', group };
  });
  void recording.trackAll(operations, async () => {
    const transaction = client.multi();
    for (const { key } of operations) transaction.incr(key);
    return transaction.exec();
  });
  return operations.length;
};

const script: Issue = ({ client, recording }) => {
  const id = recording.nextId();
  const key = `script:${id}`;
  void recording.track({ id, kind: 'script', key, command: 'EVAL', safety: 'other-write' }, () =>
    client.eval(SCRIPT, 1, key),
  );
  return 1;
};

export const ISSUE: Readonly<Record<LoadKind, Issue>> = {
  get,
  set,
  'set-burst': setBurst,
  'set-stream': setStream,
  incr,
  rpush,
  sadd,
  hset,
  del,
  pipeline,
  multi,
  script,
};

/** How many commands a kind issues on average where that is more than one; a burst is as long as it is told to be. */
export const COMMANDS: Readonly<Partial<Record<LoadKind, number>>> = { del: 2, pipeline: 5, multi: 3 };
