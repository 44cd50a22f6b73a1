import type { CircuitState, SwitchReason } from '../../../lib/events.ts';
import { parseDuration } from './duration.ts';

/** What somebody calls of `redis.geo`. */
export type Call =
  | { readonly name: 'switchTo'; readonly id: string; readonly force: boolean; readonly pinMs: number | undefined }
  | { readonly name: 'isolate' | 'rejoin' | 'remove'; readonly id: string }
  | { readonly name: 'setWeight' | 'add'; readonly id: string; readonly weight: number }
  | { readonly name: 'release' | 'failback' };

/** What comes in: of endpoints, of commands, of the application. */
export type CaseSignal =
  | { readonly type: 'verdict'; readonly id: string; readonly reason: SwitchReason; readonly isAnswering: boolean }
  | { readonly type: 'up' | 'down' | 'check-failed' | 'held-back'; readonly id: string }
  | { readonly type: 'ready'; readonly id: string; readonly isReady: boolean }
  | { readonly type: 'checks-passed'; readonly id: string; readonly count: number }
  | { readonly type: 'circuit'; readonly id: string; readonly circuit: CircuitState }
  | { readonly type: 'data'; readonly id: string; readonly hasLostData: boolean }
  | { readonly type: 'looks'; readonly id: string; readonly pass: boolean }
  | { readonly type: 'look-time'; readonly id: string; readonly ms: number }
  | { readonly type: 'gate'; readonly answer: GateAnswer }
  | { readonly type: 'gate-time'; readonly ms: number }
  | { readonly type: 'in-flight'; readonly areAnswered: boolean }
  | { readonly type: 'closed' | 'opened' }
  | { readonly type: 'call'; readonly call: Call };

export type GateAnswer = 'allows' | 'refuses' | 'fails' | 'does not answer';

type Parts = readonly string[];

const CIRCUITS: Readonly<Record<string, CircuitState>> = {
  opens: 'open',
  'half-opens': 'half-open',
  closes: 'closed',
};

const ID = '([a-z]+)';

/** Every sentence that a case may contain. `README.md` beside the cases says what they mean. */
const SENTENCES: readonly (readonly [sentence: string, meaning: (parts: Parts) => CaseSignal])[] = [
  [
    `verdict on ${ID} \\((silence|connection-lost|rejected|health-check)(, still answering)?\\)`,
    ([id = '', reason, answering = '']) => ({
      ...{ type: 'verdict', id, reason: reason as SwitchReason, isAnswering: answering !== '' },
    }),
  ],
  [`${ID} comes up`, ([id = '']) => ({ type: 'up', id })],
  [`${ID} goes down`, ([id = '']) => ({ type: 'down', id })],
  [`${ID} connects`, ([id = '']) => ({ type: 'ready', id, isReady: true })],
  [`${ID} disconnects`, ([id = '']) => ({ type: 'ready', id, isReady: false })],
  [`${ID} passes a check`, ([id = '']) => ({ type: 'checks-passed', id, count: 1 })],
  [`${ID} passes (\\d+) checks`, ([id = '', count]) => ({ type: 'checks-passed', id, count: Number(count) })],
  [`${ID} fails a check`, ([id = '']) => ({ type: 'check-failed', id })],
  [`${ID} is held back by a check`, ([id = '']) => ({ type: 'held-back', id })],
  [
    `circuit of ${ID} (opens|half-opens|closes)`,
    ([id = '', how = '']) => ({ type: 'circuit', id, circuit: CIRCUITS[how] ?? 'closed' }),
  ],
  [`${ID} has lost its data`, ([id = '']) => ({ type: 'data', id, hasLostData: true })],
  [`${ID} has data again`, ([id = '']) => ({ type: 'data', id, hasLostData: false })],
  [`looks at ${ID} (pass|fail)`, ([id = '', how]) => ({ type: 'looks', id, pass: how === 'pass' })],
  [`looks at ${ID} take (\\S+)`, ([id = '', time = '']) => ({ type: 'look-time', id, ms: durationOf(time) })],
  ['the gate (allows|refuses|fails|does not answer)', ([answer]) => ({ type: 'gate', answer: answer as GateAnswer })],
  ['the gate takes (\\S+)', ([time = '']) => ({ type: 'gate-time', ms: durationOf(time) })],
  ['commands are in flight', () => ({ type: 'in-flight', areAnswered: false })],
  ['commands in flight are answered', () => ({ type: 'in-flight', areAnswered: true })],
  ['the client is closed', () => ({ type: 'closed' })],
  ['the client connects again', () => ({ type: 'opened' })],
  [
    `switchTo ${ID}(, force)?(?:, pinMs (\\d+))?`,
    ([id = '', force = '', pinMs = '']) =>
      called({ name: 'switchTo', id, force: force !== '', pinMs: pinMs === '' ? undefined : Number(pinMs) }),
  ],
  [`(isolate|rejoin|remove) ${ID}`, ([name, id = '']) => called({ name: name as 'isolate', id })],
  [`(setWeight|add) ${ID} ([\\d.]+)`, ([name, id = '', n]) => called({ name: name as 'add', id, weight: Number(n) })],
  ['(release|failback)', ([name]) => called({ name: name as 'release' })],
];

const PATTERNS = SENTENCES.map(([sentence, meaning]) => [new RegExp(`^${sentence}$`), meaning] as const);

/** @throws Error when it is no sentence of the language. */
export function parseSignal(text: string): CaseSignal {
  for (const [pattern, meaning] of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return meaning(match.slice(1));
  }
  throw new Error(`"${text}" is no signal`);
}

function called(call: Call): CaseSignal {
  return { type: 'call', call };
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`"${text}" is no duration`);
  return ms;
}
