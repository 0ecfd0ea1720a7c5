import type { Contract } from '../../src/api/verb.ts';
import { anchor, code, plain, table } from './markdown.ts';
import { type VdsmVerb, vdsmVerbs } from './vdsm.ts';

/** Returns one row per verb of VDSM: parameters and result as there, and how many differences there are. */
export function verbsOfVdsm(contracts: ReadonlyMap<string, Contract>): string {
  const rows = Object.entries(vdsmVerbs).map(([name, { params, result, differences = [] }]) => [
    `[${code(name)}](api.md#${anchor(name)})`,
    code(params).replace('``', ''),
    plain(result),
    ownParams(contracts.get(name), params).map(code).join(' '),
    differences.length === 0 ? 'none known' : `[${String(differences.length)}](#${anchor(name)})`,
  ]);
  const heads = ['verb', 'parameters', 'result in VDSM', 'parameters added', 'differences'];
  return table(heads, rows);
}

/** Returns one section per verb with differences. */
export function differences(): string {
  const sections = Object.entries(vdsmVerbs).flatMap(([name, verb]) => sectionOf(name, verb));
  return sections.join('\n');
}

function sectionOf(name: string, { differences: all = [] }: VdsmVerb): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ where, vdsm, vmemd, why }) => [where, vdsm, vmemd, why].map(plain));
  return [`### ${name}\n\n${table(['where', 'VDSM 4.50.7', 'vmemd', 'why'], rows)}`];
}

/** Returns the verbs that VDSM does not have. */
export const ownVerbs = (contracts: ReadonlyMap<string, Contract>): string =>
  [...contracts.keys()]
    .filter((name) => vdsmVerbs[name] === undefined)
    .map((name) => `[${code(name)}](api.md#${anchor(name)})`)
    .join(', ') + '.\n';

/** The names of parameters as in `vdsmVerbs`, without the marks of those that may be left out. */
export const namesOf = (params: string): readonly string[] =>
  params.split(' ').flatMap((name) => (name === '' ? [] : name.replace('?', '')));

const ownParams = (contract: Contract | undefined, params: string): readonly string[] =>
  Object.keys(contract?.params.properties ?? {}).filter((name) => !namesOf(params).includes(name));
