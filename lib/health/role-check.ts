import { toError } from '../errors.ts';
import { type CheckResult, GOOD } from './check-result.ts';
import { isRefusedQuestion } from './refused-question.ts';

interface RoleClient {
  role?(): Promise<unknown>;
}

/**
 * Asks for the server's role. A replica refuses writes although it answers PING. Where the server does not tell, the role
 * stays unknown and PING alone decides.
 */
export class RoleCheck {
  #isUnknown = false;
  readonly #onUnknown: (reason: string) => void;

  constructor(onUnknown: (reason: string) => void) {
    this.#onUnknown = onUnknown;
  }

  async run(client: RoleClient): Promise<CheckResult> {
    if (this.#isUnknown || typeof client.role !== 'function') return GOOD;
    let reply: unknown;
    try {
      reply = await client.role();
    } catch (error) {
      // Whatever is wrong with the server, PING says it as well; here only a refusal of ROLE itself is of interest.
      const { message } = toError(error);
      if (isRefusedQuestion(message)) {
        this.#isUnknown = true;
        this.#onUnknown(message);
      }
      return GOOD;
    }
    const role: unknown = Array.isArray(reply) ? reply[0] : undefined;
    if (role !== 'slave' && role !== 'replica') return GOOD;
    return { ok: false, isAnswer: true, error: new Error('READONLY the server is a replica'), reason: 'role' };
  }
}
