export type Scalar = string | number | boolean | Date;
type List = readonly (string | Members)[];
export type Value = Scalar | Members | List;

/** The members of a resource by name, a word, in order; a list has the name of one of its items. */
export interface Members {
  readonly [name: string]: Value | undefined;
}

export const isScalar = (value: Value): value is Scalar =>
  typeof value !== 'object' || value instanceof Date;
export const isList = (value: Exclude<Value, Scalar>): value is List => Array.isArray(value);
