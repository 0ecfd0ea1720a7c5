import { readFileSync } from 'node:fs';
import type { VmParameters } from '../../src/domain-xml/build/parameters.ts';

const folder = new URL('../../fixtures/domain-xml/', import.meta.url);

export const fixture = (name: string): string =>
  readFileSync(new URL(name, folder), 'utf8').trimEnd();

/** Parses a JSON fixture. */
export const described = (name: string): unknown => JSON.parse(fixture(name));

/** The smallest valid domain, with further content. */
export const domainXml = (inside = '', devices = ''): string =>
  `<domain type="qemu"><name>small</name><uuid>6e2a1b0c-0000-4000-8000-000000000001</uuid>` +
  `<memory>1048576</memory>${inside}<devices>${devices}</devices></domain>`;

type Unitless<T> =
  T extends number ? number
  : T extends object ? { [K in keyof T]: Unitless<T[K]> }
  : T;

/** Types a client's parameters as if they had been validated. */
export const validated = (parameters: Unitless<VmParameters>): VmParameters =>
  parameters as VmParameters;
export type Asked = Unitless<VmParameters>;
