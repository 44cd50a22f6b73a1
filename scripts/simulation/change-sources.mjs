/** To be imported before tsx: puts in the calls of rare branches, and the bug that MUTANT describes as JSON. */
import { register } from 'node:module';
import process from 'node:process';

const { MUTANT } = process.env;
const lib = new URL('../../lib/', import.meta.url).href;
const mutant = MUTANT === undefined ? undefined : JSON.parse(MUTANT);
const places = mutant === undefined ? [] : [mutant, mutant.also ?? []].flat();
const mutations = places.map((place) => ({ ...place, url: new URL(`../../${place.file}`, import.meta.url).href }));
register('./change-sources-hooks.mjs', import.meta.url, { data: { lib, mutations } });
