/** Returns the sum of a daemon's series of this name that have these labels; throws if it has none. */
export async function metric(url: string, name: string, labels = ''): Promise<number> {
  const page = await (await fetch(new URL('/metrics', url.replace(/^ws/, 'http')))).text();
  const found = [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
    .filter(([, each, of = '']) => each === name && of.includes(labels))
    .map(([, , , value]) => Number(value));
  if (found.length === 0) throw new Error(`the daemon has no ${name}{${labels}}`);
  return found.reduce((sum, each) => sum + each, 0);
}
