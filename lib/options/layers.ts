import { isSame } from './changes.ts';
import { isPlainObject } from './mask.ts';

/** Options that come from one place. Later ones win over earlier ones. */
export interface Layer {
  /** E.g. `default`, `preset fast`, `options`, `environment production`, or the name of a variable. */
  readonly origin: string;
  readonly options: object;
}

/** Under which options carry the layers that they were made of. It is copied along when they are spread. */
const LAYERS = Symbol('layers');

export function withLayers<T extends object>(options: T, layers: readonly Layer[]): T {
  return Object.assign(options, { [LAYERS]: layers });
}

/** Where options come from; those that the application wrote itself come from there. */
export function layersOf(options: unknown): readonly Layer[] {
  if (!isPlainObject(options)) return [];
  const layers = (options as { readonly [LAYERS]?: readonly Layer[] })[LAYERS];
  return layers ?? [{ origin: 'options', options }];
}

/** Where the value of one option comes from. What no layer has is from whoever changed it since. */
export function originOf(path: readonly string[], value: unknown, layers: readonly Layer[]): string {
  const layer = layers.findLast(({ options }) => isSame(valueAt(options, path), value));
  return layer?.origin ?? 'options';
}

function valueAt(options: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isPlainObject(value) ? value[name] : undefined), options);
}
