import { type RetryCaps, type Safety, mayRetry } from '../commands/retry-decision.ts';
import { specialCommand } from '../commands/special-commands.ts';
import { boundFate } from './bound-commands.ts';
import { HeldKeys } from './held-keys.ts';
import type { ScanCursors } from './scan-cursors.ts';
import type { Database } from './selected-database.ts';
import type { Socket } from './socket.ts';
import { surface, surfaceBound, surfaceReply } from './surface.ts';
import { type WaitingCommand, isOf } from './waiting-command.ts';

/** Whether a command may be sent to this endpoint, by the attempts that may have been executed. */
export function mayBeSentTo(entry: WaitingCommand, endpointId: string | undefined, caps: RetryCaps): boolean {
  return entry.doubts.every((doubt) => {
    const target = isOf(doubt, endpointId) ? 'same-endpoint' : 'other-endpoint';
    return mayRetry('ambiguous', entry.safety, target, caps);
  });
}

/** Whether there is any endpoint that a command may be sent to. */
export function mayBeSentAnywhere(entry: WaitingCommand, caps: RetryCaps): boolean {
  const triedOnes = entry.doubts.map(({ endpointId }) => endpointId);
  return [...triedOnes, undefined].some((endpointId) => mayBeSentTo(entry, endpointId, caps));
}

export interface AdmissionRules {
  readonly endpointId: string;
  readonly socket: Socket;
  readonly epoch: number;
  readonly caps: RetryCaps;
  readonly cursors: ScanCursors;
  /** The one that the endpoint was configured with. */
  readonly ownDatabase: number;
  /** The one that is selected when the first of them is sent. */
  readonly database: Database;
}

/** Takes from what waited all that may go to this endpoint, in order. The rest is rejected. */
export function admit(entries: readonly WaitingCommand[], rules: AdmissionRules): WaitingCommand[] {
  const admitted = new Set<readonly WaitingCommand[]>();
  const refused = new HeldKeys();
  const unitsOfRefused = new Map<WaitingCommand, readonly WaitingCommand[]>();
  let { database } = rules;
  for (const unit of unitsIn(entries)) {
    const last = unit.at(-1);
    if (last === undefined) continue;
    if (last.isOver) {
      // rare: answered-while-it-waited
      for (const entry of unit) entry.giveUpBindings();
      continue;
    }
    const fate = boundFate(unit, rules.socket);
    if (fate !== undefined) {
      // rare: bound-command-released
      surfaceBound(unit, fate, rules);
      continue;
    }
    const problem = problemOf(unit, last, { ...rules, database });
    if (problem === undefined) {
      noteSocket(unit, rules.socket);
      database = databaseAfter(unit, database);
      admitted.add(unit);
      if (!isRefusedWrite(last)) continue;
      refused.add(last);
      unitsOfRefused.set(last, unit);
      continue;
    }
    for (const entry of unit) {
      surface(entry, problem.code, { endpointId: problem.endpointId, epoch: rules.epoch });
      entry.giveUpBindings();
    }
    if (problem.code !== 'GEO_AMBIGUOUS' || last.safety === 'read-only') continue;
    // It may have run before those that were refused before it, and is not repeated behind them.
    for (const overtaken of refused.sharing(last.command, last.group?.commands)) {
      // rare: refused-write-behind-an-ambiguous-one
      const given = unitsOfRefused.get(overtaken) ?? [];
      admitted.delete(given);
      given.forEach(surfaceReply);
    }
  }
  return [...admitted].flat();
}

/** Commands that mean something else behind what was called after them. */
const ORDERED: ReadonlySet<Safety> = new Set(['effect', 'message', 'other-write']);

/** Whether a command was refused whose effect depends on what ran before it. */
export function isRefusedWrite({ failure, doubts, safety }: WaitingCommand): boolean {
  return failure !== undefined && doubts.length === 0 && ORDERED.has(safety);
}

function problemOf(
  unit: readonly WaitingCommand[],
  last: WaitingCommand,
  { endpointId, socket, epoch, caps, cursors, ownDatabase, database }: AdmissionRules,
): { readonly code: 'GEO_NOT_MOVABLE' | 'GEO_CURSOR_LOST' | 'GEO_AMBIGUOUS'; readonly endpointId: string } | undefined {
  const bound = unit.find(({ boundTo }) => boundTo !== undefined && boundTo !== endpointId)?.boundTo;
  if (bound !== undefined) return { code: 'GEO_NOT_MOVABLE', endpointId: bound }; // rare: administration-not-moved
  const target = { epoch, serverRun: socket.connection.serverRun };
  if (unit.some(({ command }) => cursors.isLost(command, target))) return { code: 'GEO_CURSOR_LOST', endpointId }; // rare: cursor-lost-in-the-line
  const meant = unit.find((entry) => entry.database !== undefined)?.database ?? database;
  const isSelected = (meant === 'own' ? ownDatabase : meant) === (database === 'own' ? ownDatabase : database);
  // A SELECT that came behind it has been answered since.
  if (isSelected && mayBeSentTo(last, endpointId, caps)) return undefined;
  // rare: ambiguous-when-released
  return { code: 'GEO_AMBIGUOUS', endpointId };
}

/** What comes behind them has to go the same way. */
function noteSocket(unit: readonly WaitingCommand[], socket: Socket): void {
  for (const { command, watch, transaction } of unit) {
    watch?.sentOver(command, socket);
    transaction?.sentOver(command, socket);
  }
}

function databaseAfter(unit: readonly WaitingCommand[], before: Database): Database {
  const select = unit.findLast(({ command }) => specialCommand(command.name) === 'select');
  const database = Number(select?.command.args[0]);
  return Number.isInteger(database) ? database : before;
}

/** Single commands, and transactions as a whole. */
function unitsIn(entries: readonly WaitingCommand[]): WaitingCommand[][] {
  const units: WaitingCommand[][] = [];
  for (const entry of entries) {
    const unit = units.at(-1);
    if (entry.group !== undefined && unit?.[0]?.group === entry.group) unit.push(entry);
    else units.push([entry]);
  }
  return units;
}
