/** To be imported before tsx: MUTANT is the mutant as JSON. */
import { register } from 'node:module';
import process from 'node:process';

const { file, find, replace } = JSON.parse(process.env.MUTANT);
const url = new URL(`../../${file}`, import.meta.url).href;
register('./mutate-hooks.mjs', import.meta.url, { data: { url, find, replace } });
