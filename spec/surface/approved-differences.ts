/** Where an application may look. */
export type Place = 'client' | 'options' | 'pipeline' | 'stream of keys' | 'condition' | 'method' | 'result';

/**
 * Every difference between a plain client and one of ours that was looked at and found right, by name. One that is not
 * listed here fails a spec, and so does one that is listed and does not exist any more. README's table of what changes
 * names all of them.
 */
export const APPROVED: Readonly<Record<Place, Readonly<Record<string, string>>>> = {
  client: {
    geo: 'all that is not of ioredis',
    stream: 'there is one socket per endpoint, and what happens to them is not left to anybody else',
    connector: "the client's own never connects; each endpoint has one",
    connectionEpoch: 'counts the connections of one endpoint; `geo.epoch` counts switches',
    condition: 'is that of the connection to the active endpoint, and cannot be replaced',
  },
  options: {
    ...of(
      ['host', 'port', 'family', 'username', 'password', 'db'],
      'follow the active endpoint until they are written',
    ),
    ...of(['toJSON', 'Symbol(nodejs.util.inspect.custom)'], 'keep secrets out of logs'),
  },
  pipeline: {
    redis: "is the instance behind the client's proxy: commands of a pipeline would go through the proxy one by one",
  },
  'stream of keys': {
    redis: 'is the same instance',
  },
  method: {
    prototype: 'methods are bound to their client, and bound functions have none',
  },
  condition: {},
  result: {
    'disconnect()': 'ends the client at once: it does not wait for sockets to close',
    'connect()': 'goes on trying for as long as a command may wait',
    'retryStrategy()': 'is not asked: reconnecting is done by endpoint',
    'reconnectOnError()': 'is not asked either',
  },
};

function of(names: readonly string[], reason: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
