import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import sinon from 'sinon';
import type { EndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import type { CheckedEndpoint } from '../../lib/health/custom-check.ts';

/** What a check of the application is told. */
export const ABOUT: CheckedEndpoint = {
  endpointId: 'east',
  isActive: true,
  options: { host: 'east.example.com', port: 6379, tls: false },
};

/** A client that has methods only. */
export class FakeMethodClient {
  readonly ping: sinon.SinonStub = sinon.stub().resolves('PONG');
  readonly disconnect: sinon.SinonStub = sinon.stub();

  get endpointClient(): EndpointClient {
    const { ping, disconnect } = this;
    return { kind: 'method', client: { ping, disconnect } };
  }
}

/** What probes use of an ioredis client. */
export class FakeCommandClient extends EventEmitter {
  status = 'wait';
  readonly connector = {};
  readonly stream = undefined;
  manuallyClosing = false;
  readonly connect: sinon.SinonStub = sinon.stub().resolves();
  readonly ping: sinon.SinonStub = sinon.stub().resolves('PONG');
  readonly role: sinon.SinonStub = sinon.stub().resolves(['master', 0, []]);
  readonly call: sinon.SinonStub = sinon.stub().resolves('OK');
  readonly subscribe: sinon.SinonStub = sinon.stub().resolves(1);
  readonly disconnect: sinon.SinonStub = sinon.stub();

  get endpointClient(): EndpointClient {
    return { kind: 'command', client: this as unknown as Redis };
  }
}

export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** A promise that nothing settles. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
