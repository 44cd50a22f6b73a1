import { AsyncResource } from 'node:async_hooks';

/** Made when the module is loaded, which is before the application serves anybody. */
const background = new AsyncResource('GeoFailoverBackground');

/**
 * Runs what outlives the call that brought it about, such as connecting and checking, outside of that call's context
 * (`AsyncLocalStorage`): whoever traces the application would take all of it for work of that call, and could never
 * forget the call.
 */
export function inBackground<T>(work: () => T): T {
  return background.runInAsyncScope(work);
}
