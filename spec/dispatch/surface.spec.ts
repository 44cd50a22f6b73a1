import { expect } from 'chai';
import { surface, surfaceReply } from '../../lib/dispatch/surface.ts';
import type { AttemptFailure, WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import type { GeoFailoverErrorCode } from '../../lib/errors.ts';
import { outcomeOf, replyError, waiting } from './commands.ts';

const CONTEXT = { endpointId: 'a', epoch: 3, retryAfterMs: 1_000, unavailableForMs: 7 };
const LOST = new Error('read ECONNRESET');

function waitingAfter(kind: AttemptFailure['kind'], error: Error | undefined): WaitingCommand {
  const entry = waiting('set k 1');
  entry.noteFailure({ kind, endpointId: 'b', epoch: 2, error });
  return entry;
}

async function surfaced(entry: WaitingCommand, code: GeoFailoverErrorCode): Promise<Record<string, unknown>> {
  surface(entry, code, CONTEXT);
  return (await outcomeOf(entry.command)) as Record<string, unknown>;
}

describe('What a caller is told of a command that was given up', () => {
  const cases: readonly (readonly [code: GeoFailoverErrorCode, text: string])[] = [
    ['GEO_DEADLINE_EXCEEDED', 'SET waited as long as retry.deadlineMs allows. It was not executed.'],
    ['GEO_NO_HEALTHY_ENDPOINT', 'SET waited for an endpoint, and none is healthy. It was not executed.'],
    [
      'GEO_LINE_OVERFLOW',
      'SET could not wait: failover.maxWaitingCommands or maxWaitingBytes is reached. It was not executed.',
    ],
    ['GEO_NOT_MOVABLE', 'SET was meant for a alone, which is not active any more. It was not executed.'],
    ['GEO_CLIENT_CLOSED', 'The client was closed. SET was not executed.'],
  ];

  for (const [code, text] of cases) {
    it(`says what libraries compare, and explains it, for ${code}`, async () => {
      expect(await surfaced(waiting('set k 1'), code)).to.include({
        code,
        message: 'Connection is closed.',
        explanation: text,
      });
    });
  }

  it('says that it was not executed when it was never sent', async () => {
    const error = await surfaced(waiting('set k 1'), 'GEO_DEADLINE_EXCEEDED');

    expect(error).to.include({ outcome: 'not-executed', endpointId: 'a', epoch: 3 });
    expect([error['retryAfterMs'], error['cause']]).to.deep.equal([undefined, undefined]);
  });

  it('says why the endpoint could not be used when it was never sent', async () => {
    const endpointError = new Error('ERR DB index is out of range');
    const entry = waiting('get k');
    surface(entry, 'GEO_DEADLINE_EXCEEDED', { endpointId: 'a', epoch: 3, endpointError });

    expect(await outcomeOf(entry.command)).to.have.property('cause', endpointError);
  });

  it('says when endpoints are looked at again if none is healthy, and only then', async () => {
    expect(await surfaced(waiting('get k'), 'GEO_NO_HEALTHY_ENDPOINT')).to.include({
      retryAfterMs: 1_000,
      unavailableForMs: 7,
    });
    const closed = await surfaced(waiting('get k'), 'GEO_CLIENT_CLOSED');
    expect([closed['retryAfterMs'], closed['unavailableForMs']]).to.deep.equal([undefined, undefined]);
  });

  it('says where and when it may have been executed, and why that is not known', async () => {
    const error = await surfaced(waitingAfter('ambiguous', LOST), 'GEO_AMBIGUOUS');

    expect(error).to.include({ outcome: 'maybe-executed', endpointId: 'b', epoch: 2, cause: LOST });
    expect(error).to.have.property(
      'explanation',
      'SET may have been executed on b, and is not repeated: that could change the result, or silence another server.',
    );
  });

  it('says so also when it waited for too long after that', async () => {
    expect(await surfaced(waitingAfter('ambiguous', LOST), 'GEO_DEADLINE_EXCEEDED')).to.include({
      outcome: 'maybe-executed',
      endpointId: 'b',
    });
  });

  describe('after a server refused it', () => {
    it("is that server's reply, unwrapped, with its origin", async () => {
      for (const kind of ['rejected', 'overloaded'] as const) {
        const reply = replyError('READONLY no');
        const error = await surfaced(waitingAfter(kind, reply), 'GEO_DEADLINE_EXCEEDED');

        expect(error).to.equal(reply);
        expect(error).to.deep.include({ geo: { endpointId: 'b', epoch: 2, outcome: 'not-executed' } });
        expect(Object.keys(error)).to.include('geo');
      }
    });

    it('may tell several callers with the same reply', async () => {
      const reply = replyError('READONLY no');
      const entries = [waitingAfter('rejected', reply), waitingAfter('rejected', reply)];
      entries.forEach(surfaceReply);

      for (const entry of entries) expect(await outcomeOf(entry.command)).to.equal(reply);
    });

    it('is an error of ours when the reply is not known', async () => {
      const error = await surfaced(waitingAfter('rejected', undefined), 'GEO_DEADLINE_EXCEEDED');

      expect(error).to.include({ code: 'GEO_DEADLINE_EXCEEDED', outcome: 'not-executed', endpointId: 'b' });
    });
  });

  it('changes nothing when the caller has an answer already', async () => {
    const entry = waiting('get k');
    entry.command.resolve(Buffer.from('1'));

    surface(entry, 'GEO_CLIENT_CLOSED', CONTEXT);

    expect(await outcomeOf(entry.command)).to.equal('1');
  });
});
