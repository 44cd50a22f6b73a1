import type { FaultyEndpoint } from '../../../spec/support/faults.ts';
import { LASTING_FAULTS } from './lasting-faults.ts';

/** Whatever is still wrong, for instance because making a fault did not come to its end. */
export async function heal(endpoint: FaultyEndpoint): Promise<void> {
  const { server, proxy } = endpoint;
  if (!server.running) await server.restart();
  server.thaw();
  await proxy.heal();
  for (const kind of ['replica', 'noreplicas', 'misconf'] as const) await LASTING_FAULTS[kind].lift(endpoint);
}
