import { Redis } from 'ioredis';
import { seededRandom } from '../support/checker/random.ts';
import { ModelServer } from './model-server.ts';
import { SimulatedNetwork } from './simulated-network.ts';

let done: Promise<void> | undefined;

/**
 * To be awaited before time is virtual. For its first connection ioredis 5 reads a file, which takes real time, so that
 * a run would not be the same a second time.
 */
export function warmUp(): Promise<void> {
  return (done ??= connectOnce());
}

async function connectOnce(): Promise<void> {
  const network = new SimulatedNetwork({ random: seededRandom(1) });
  const client = new Redis({ Connector: network.connectorTo(new ModelServer('first')), lazyConnect: true });
  await client.connect();
  await client.quit();
}
