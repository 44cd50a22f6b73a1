import { format } from 'node:util';
import createDebug from 'debug';

/** What the library says about suspicions, one by one. It tells them to those who debug only. */
export function recordSuspicions(): readonly string[] {
  const suspicions: string[] = [];
  createDebug.log = (...args: unknown[]) => {
    const message = format(...args).replace(/^.*ioredis-geo-failover:failover /, '');
    if (/suspect|verif/.test(message)) suspicions.push(message);
  };
  createDebug.enable('ioredis-geo-failover:failover');
  return suspicions;
}
