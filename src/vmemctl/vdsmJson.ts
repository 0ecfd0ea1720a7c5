/** Returns JSON as vdsm-client prints it: keys sorted, indented by 4. */
export const vdsmJson = (value: unknown): string => JSON.stringify(value, sorted, 4);

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ?
    Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  : value;
