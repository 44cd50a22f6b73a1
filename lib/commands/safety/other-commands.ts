import { SUBSCRIPTION_COMMANDS } from '../subscription-commands.ts';
import { isWord } from './arguments.ts';
import { type SafetyTable, onlyWhen, unless, when } from './safety-rule.ts';

/** Commands that are no reads or writes of data. */
export const OTHER_COMMANDS: SafetyTable = [
  // Not flagged as readonly by Redis, because they read no data.
  ['ping echo time info lastsave command role pubsub xinfo', 'read-only'],
  [SUBSCRIPTION_COMMANDS.join(' '), 'read-only'],
  // What they do ends with the connection.
  ['watch unwatch', 'read-only'],
  ['select', 'effect-and-reply'],
  ['publish spublish', 'message'],
  ['object memory', unless('MEMORY PURGE', isWord(0, 'purge'), 'read-only')],
  [
    'client',
    {
      cases: [
        when(
          'GETNAME, ID, INFO, LIST, GETREDIR and TRACKINGINFO',
          isWord(0, 'getname', 'id', 'info', 'list', 'getredir', 'trackinginfo', 'help'),
          'read-only',
        ),
        when(
          'SETNAME, SETINFO, NO-EVICT, NO-TOUCH and TRACKING',
          isWord(0, 'setname', 'setinfo', 'no-evict', 'no-touch', 'tracking'),
          'effect-and-reply',
        ),
      ],
      otherwise: 'other-write',
    },
  ],
  [
    'script',
    {
      cases: [
        when('EXISTS', isWord(0, 'exists', 'help'), 'read-only'),
        when('LOAD', isWord(0, 'load'), 'effect-and-reply'),
      ],
      otherwise: 'other-write',
    },
  ],
  ['function', onlyWhen('LIST, DUMP and STATS', isWord(0, 'list', 'dump', 'stats', 'help'), 'read-only')],
];
