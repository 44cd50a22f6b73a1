/** What can be subscribed to. */
export type SubscriptionKind = 'channels' | 'patterns' | 'shardChannels';

export const SUBSCRIPTION_KINDS: readonly SubscriptionKind[] = ['channels', 'patterns', 'shardChannels'];

/** The command that subscribes. */
export const SUBSCRIBE: Readonly<Record<SubscriptionKind, string>> = {
  channels: 'subscribe',
  patterns: 'psubscribe',
  shardChannels: 'ssubscribe',
};

/** The event of a message, as ioredis calls it, and what was subscribed to for it. */
export const KIND_OF_MESSAGE = {
  message: 'channels',
  pmessage: 'patterns',
  smessage: 'shardChannels',
} as const satisfies Record<string, SubscriptionKind>;

export interface SubscriptionCommand {
  readonly kind: SubscriptionKind;
  readonly subscribes: boolean;
}

const COMMANDS: ReadonlyMap<string, SubscriptionCommand> = new Map<string, SubscriptionCommand>(
  SUBSCRIPTION_KINDS.flatMap((kind) => [
    [SUBSCRIBE[kind], { kind, subscribes: true }] as const,
    [SUBSCRIBE[kind].replace('subscribe', 'unsubscribe'), { kind, subscribes: false }] as const,
  ]),
);

export const SUBSCRIPTION_COMMANDS: readonly string[] = [...COMMANDS.keys()];

/** What a command does to the subscriptions of its connection. */
export function subscriptionCommand(name: string): SubscriptionCommand | undefined {
  return COMMANDS.get(name.toLowerCase());
}
