import type { GeoClientSetup } from './geo-client-setup.ts';

/** What the application was told of whether commands can be served. */
export class ToldReadiness {
  readonly #setup: GeoClientSetup;
  #isUp = false;

  constructor(setup: GeoClientSetup) {
    this.#setup = setup;
  }

  /**
   * The connection may be ready before its endpoint is the active one, or is known to serve.
   *
   * @param isReady Whether the client is connected to the active endpoint.
   */
  tellIfUp(isReady: boolean): void {
    const { core, onReady } = this.#setup;
    if (this.#isUp || !isReady || !core.isServing(core.activeEndpointId)) return;
    this.#isUp = true;
    onReady();
  }

  tellDown(retryAfterMs: number): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#setup.onDown(retryAfterMs);
  }
}
