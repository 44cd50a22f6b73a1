import { Failure, type Reply, Status } from './model-data.ts';

/** A reply as it goes over the wire. */
export function encodeReply(reply: Reply, protocol: number, { isPush = false } = {}): Buffer {
  return Buffer.from(encode(reply, protocol, isPush && protocol === 3 ? '>' : '*'));
}

function encode(reply: Reply, protocol: number, array = '*'): string {
  if (reply === null) return protocol === 3 ? '_\r\n' : '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof Failure) return `-${reply.message}\r\n`;
  return `${array}${reply.length}\r\n${reply.map((item) => encode(item, protocol)).join('')}`;
}
