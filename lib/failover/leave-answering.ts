import type { SwitchParticipant } from './switch-participant.ts';

/**
 * The old side still answers: its refusals come back before newer commands go, so that all keep their order.
 *
 * @param participants They hold new commands.
 */
export async function leaveAnswering(
  endpointId: string,
  participants: readonly SwitchParticipant[],
  drainMs: number,
): Promise<void> {
  await Promise.all(
    participants.map(async (participant) => {
      const { unanswered } = await participant.drained(endpointId, drainMs);
      if (unanswered > 0) participant.abandon(endpointId); // rare: answering-endpoint-left-without-all-answers
      participant.release();
    }),
  );
}
