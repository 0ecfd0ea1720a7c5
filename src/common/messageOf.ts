/** Returns the message of an error, or any other thrown value as text. */
export const messageOf = (thrown: unknown): string =>
  hasMessage(thrown) ? thrown.message : String(thrown);

// Node's own errors are not instances of this realm's Error in every environment.
const hasMessage = (thrown: unknown): thrown is { readonly message: string } =>
  typeof thrown === 'object' &&
  thrown !== null &&
  'message' in thrown &&
  typeof thrown.message === 'string';
