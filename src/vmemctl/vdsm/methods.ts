import type { contracts } from '../../client/contracts.ts';
import { UsageError } from '../exit.ts';
import { didYouMean } from '../names/similar.ts';

type Fixed = string | number | boolean | null;

/** A JSON Schema of the contract, as far as it is shown. */
export interface Shape {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly Fixed[];
  readonly const?: Fixed;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** A verb, as its contract describes it. */
export interface MethodContract {
  /** `Namespace.verb`. */
  readonly name: string;
  readonly description: string;
  readonly access: string;
  readonly params: Readonly<Record<string, Shape>>;
  readonly required: ReadonlySet<string>;
}

/** Namespaces of the contract, by which vdsm-client's users begin a command. */
export const NAMESPACES = ['Host', 'VM', 'Events', 'rpc'] as const;

/** Loads the contracts of a namespace, or all; only what calls a method by its params needs them. */
export async function methodsOf(namespace?: string): Promise<readonly MethodContract[]> {
  const { contracts } = await import('../../client/contracts.ts');
  return Object.entries(contracts)
    .filter(([name]) => namespace === undefined || name.startsWith(`${namespace}.`))
    .map(([name, contract]) => methodOf(name, contract));
}

type Contract = (typeof contracts)[keyof typeof contracts];

function methodOf(name: string, { description, access, params }: Contract): MethodContract {
  return {
    name,
    description,
    access,
    params: params.properties,
    required: new Set<string>(params.required),
  };
}

/** Finds a verb of a namespace; throws {@link UsageError}. */
export async function findMethod(namespace: string, verb: string): Promise<MethodContract> {
  const methods = await methodsOf(namespace);
  const found = methods.find(({ name }) => name === `${namespace}.${verb}`);
  if (found) return found;
  const verbs = methods.map(({ name }) => name.slice(namespace.length + 1));
  const hint =
    didYouMean(verb, verbs) || ` See vmemctl ${namespace} --help, or send it by vmemctl call.`;
  throw new UsageError(`${namespace} has no method "${verb}".${hint}`);
}
