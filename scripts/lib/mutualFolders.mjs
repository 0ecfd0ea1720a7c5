import { dirname } from 'node:path';

/**
 * Returns the pairs of folders whose files import each other, with these imports. A folder and its parent are two
 * folders. Two folders may import each other without a circle of files, so dependency-cruiser does not report them.
 */
export function mutualFolders(modules) {
  const imports = new Map();
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [dirname(source), dirname(resolved)];
      const key = `${from} ${to}`;
      if (from !== to) imports.set(key, [...(imports.get(key) ?? []), `${source} → ${resolved}`]);
    }
  }
  return [...imports].flatMap(([key, there]) => {
    const [from, to] = key.split(' ');
    const back = from < to ? imports.get(`${to} ${from}`) : undefined;
    return back ? [{ from, to, imports: [...there, ...back] }] : [];
  });
}
