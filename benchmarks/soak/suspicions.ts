import createDebug from 'debug';

/** Reasons of the verifications that the library began, one by one. It tells them to those who debug only. */
export function recordSuspicions(): readonly string[] {
  const suspicions: string[] = [];
  createDebug.log = (...args: unknown[]) => {
    const reason = /verifying (\S+ ?\S*)/.exec(args.map(String).join(' '))?.[1];
    if (reason !== undefined) suspicions.push(reason);
  };
  createDebug.enable('ioredis-geo-failover:failover');
  return suspicions;
}
