/** Returns whether an event's name matches a pattern: `*` matches one part, at the end all further parts. */
export function matches(pattern: string, name: string): boolean {
  const wanted = pattern.split('|');
  const parts = name.split('|');
  const open = wanted.at(-1) === '*';
  if (open ? parts.length < wanted.length : parts.length !== wanted.length) return false;
  return wanted.every((part, index) => part === '*' || part === parts[index]);
}
