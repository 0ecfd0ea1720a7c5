/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** A custom property with its colour: `--used`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly form: 'area' | 'line' | 'dashed';
}
