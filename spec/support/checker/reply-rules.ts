import type { Execution } from './attribution.ts';
import { countPerServer, mayRepeat, type ResolvedCaps } from './execution-rules.ts';
import type { Operation } from './history.ts';
import { finding, type Finding } from './report.ts';

export interface ReplyContext {
  readonly caps: ResolvedCaps;
  readonly servers: readonly string[];
  readonly executionsOf: (operation: Operation) => readonly Execution[];
  /** The write that an operation was issued behind. */
  readonly writeBefore: (operation: Operation) => Operation | undefined;
  /** Whether the active endpoint changed between a write and the command behind it; undefined: nobody knows. */
  readonly switchedBetween: ((write: Operation, follower: Operation) => boolean) | undefined;
}

export interface ReplyFindings {
  readonly wrongReply?: Finding;
  readonly readBehindWrite?: Finding;
  readonly answeredElsewhere?: Finding;
}

/** Checks what an acknowledged operation was answered, as far as its command determines it. */
export function judgeReply(operation: Operation, context: ReplyContext): ReplyFindings {
  if (operation.status !== 'ok') return {};
  switch (operation.command) {
    case 'GET':
      return judgeRead(operation, context);
    case 'DEL':
      return judgeRemoval(operation, context);
    case 'SET':
      return operation.safety === 'effect-and-reply' ? expect(operation, operation.reply === 'OK', '"OK"') : {};
    case 'INCR':
      return operation.key.includes(operation.id) ? judgeCount(operation, context) : {};
    case 'EVAL':
      return operation.kind === 'script' ? judgeCount(operation, context) : {};
    case 'RPUSH':
      return judgePush(operation, context);
    case 'SADD':
    case 'HSET':
      return judgeAddition(operation, context);
    default:
      return {};
  }
}

function judgeRead(read: Operation, context: ReplyContext): ReplyFindings {
  const write = context.writeBefore(read);
  if (write?.status !== 'ok') return {};
  if (typeof read.reply === 'string' && read.reply.includes(write.id)) return {};
  const found = finding(read, `read ${JSON.stringify(read.reply)} behind the acknowledged write ${write.id}`);
  return context.switchedBetween?.(write, read) ? { answeredElsewhere: found } : { readBehindWrite: found };
}

/** The key existed where its SET was executed, so 0 needs an explanation: a repetition, or another server. */
function judgeRemoval(removal: Operation, context: ReplyContext): ReplyFindings {
  const write = context.writeBefore(removal);
  if (removal.reply === 1 || write?.status !== 'ok') return {};
  const found = finding(removal, `replied ${JSON.stringify(removal.reply)} although ${write.id} had set the key`);
  if (removal.reply !== 0) return { wrongReply: found };
  if (context.executionsOf(removal).length > 0) {
    const { sameEndpoint, otherEndpoint } = context.caps;
    const repeatable = mayRepeat(removal.safety, sameEndpoint) || mayRepeat(removal.safety, otherEndpoint);
    return repeatable ? {} : { wrongReply: found };
  }
  const holders = countPerServer(context.executionsOf(write));
  const elsewhere =
    context.servers.some((server) => !holders.has(server)) && (context.switchedBetween?.(write, removal) ?? true);
  return elsewhere ? { answeredElsewhere: found } : { wrongReply: found };
}

/** INCR of a key that nothing else touches. */
function judgeCount(operation: Operation, context: ReplyContext): ReplyFindings {
  const most = mayRepeat(operation.safety, context.caps.sameEndpoint) ? mostOnOneServer(operation, context) : 1;
  const { reply } = operation;
  const possible = typeof reply === 'number' && Number.isInteger(reply) && reply >= 1 && reply <= Math.max(1, most);
  return expect(operation, possible, '1');
}

function judgePush(push: Operation, context: ReplyContext): ReplyFindings {
  const { reply } = push;
  const isLength = typeof reply === 'number' && Number.isInteger(reply) && reply >= 1;
  if (!isLength) return expect(push, false, 'a length');
  const lengths = context.executionsOf(push).map(({ listLength }) => listLength);
  if (lengths.length === 0 || lengths.includes(undefined)) return {};
  return expect(push, lengths.includes(reply), `the length ${lengths.join(' or ')}`);
}

/** SADD or HSET of a member that nobody else adds: 0 can only be the answer to a repetition. */
function judgeAddition(operation: Operation, context: ReplyContext): ReplyFindings {
  const most = mostOnOneServer(operation, context);
  // A repeated SADD is not logged a second time, a repeated HSET is.
  const wasRepeated = operation.command === 'SADD' ? most >= 1 : most >= 2;
  const explained = operation.reply === 0 && wasRepeated && mayRepeat(operation.safety, context.caps.sameEndpoint);
  return expect(operation, operation.reply === 1 || explained, '1');
}

function mostOnOneServer(operation: Operation, { executionsOf }: ReplyContext): number {
  return Math.max(0, ...countPerServer(executionsOf(operation)).values());
}

function expect(operation: Operation, holds: boolean, expected: string): ReplyFindings {
  if (holds) return {};
  return { wrongReply: finding(operation, `replied ${JSON.stringify(operation.reply)} instead of ${expected}`) };
}
