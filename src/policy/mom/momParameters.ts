/**
 * The parameters that the engine sets. MoM's policy defines these three names; an unknown name would stop each of MoM's
 * rounds.
 */
export const PARAMETERS = ['balloonEnabled', 'ksmEnabled', 'ksmMergeAcrossNodes'] as const;

export type MomParameters = Readonly<Partial<Record<(typeof PARAMETERS)[number], boolean>>>;

/** Returns the parameters in MoM's policy language, in VDSM's form (momIF.py). */
export const parametersPolicy = (parameters: MomParameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `(set ${name} ${value ? 'True' : 'False'})`)
    .join('\n');
