/** Writes the pages of documentation that are made from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './commands-table.ts';

writeFileSync(fileURLToPath(new URL('../../docs/commands.md', import.meta.url)), commandsPage());
