import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, readPage } from './markdown.ts';
import { isRun } from './script.ts';

export const root = join(import.meta.dirname, '../..');

/** The names of all documents, from the project's folder. */
export const documents: readonly string[] = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md');

export const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

const isOnLibvirt = ({ marks }: Page): boolean => marks.includes('runs on: libvirt');

const withCommands = documents
  .map((name) => ({ name, page: readPage(textOf(name)) }))
  .filter(({ page }) => page.blocks.some(isRun));

/** The documents with commands for the simulated host. */
export const onSimulated = withCommands.filter(({ page }) => !isOnLibvirt(page));

/** The documents with commands for real libvirt. */
export const onLibvirt = withCommands.filter(({ page }) => isOnLibvirt(page));
