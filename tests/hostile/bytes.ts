/** Returns the bytes of a text in UTF-8 as characters of their values. */
export const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
