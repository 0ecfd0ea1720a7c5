/** What the engine tunes MoM with: the three names that MoM's policy defines; another would stop MoM's every round. */
export const PARAMETERS = ['balloonEnabled', 'ksmEnabled', 'ksmMergeAcrossNodes'] as const;

export type MomParameters = Readonly<Partial<Record<(typeof PARAMETERS)[number], boolean>>>;

/** The parameters as MoM's policy language sets them, as VDSM writes it (momIF.py). */
export const parametersPolicy = (parameters: MomParameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `(set ${name} ${value ? 'True' : 'False'})`)
    .join('\n');
