/** A later vmemd wrote a file, in a format that this one does not know and must not replace. */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';

  constructor(path: string) {
    super(
      `${path} was written by a later vmemd and is left as it is; run that version, or move the file away and restart vmemd`,
    );
  }
}

/** Returns whether a stored value names a later version of its format than the one that is known. */
export const isLaterFormat = (value: unknown, known: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  typeof value.version === 'number' &&
  value.version > known;
