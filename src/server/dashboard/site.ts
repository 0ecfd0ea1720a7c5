import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Asset } from './asset.ts';

const INDEX = 'index.html';

/** The files of a built page by their paths, `index.html` for the page itself; no request leads to any other file. */
export type Site = ReadonlyMap<string, Asset>;

/** Keeps the built page of a folder in memory; a page that was built anew is read at the next request for it. */
export class BuiltPage {
  readonly #folder: string;
  #site: Site | undefined;
  #builtAt: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the files as last read; undefined if the page is not built. */
  async site(): Promise<Site | undefined> {
    return this.#site ?? (await this.newest());
  }

  /** Returns the files, read again if the page was built anew; undefined if it is not built. */
  async newest(): Promise<Site | undefined> {
    const builtAt = await stat(join(this.#folder, INDEX)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (builtAt === this.#builtAt) return this.#site;
    const site = builtAt === undefined ? undefined : await readSite(this.#folder);
    this.#builtAt = builtAt;
    this.#site = site;
    return site;
  }
}

/** Reads all files below a folder; links lead nowhere. Undefined without an index. */
async function readSite(folder: string): Promise<Site | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const site = new Map(
    await Promise.all(
      files.map(async (path) => {
        const name = path.slice(folder.length + 1);
        return [name, new Asset(name, await readFile(path))] as const;
      }),
    ),
  );
  return site.has(INDEX) ? site : undefined;
}
