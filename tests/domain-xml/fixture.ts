import { readFileSync } from 'node:fs';
import type { VmParameters } from '../../src/domain-xml/build/parameters.ts';

const folder = new URL('../../fixtures/domain-xml/', import.meta.url);

export const fixture = (name: string): string =>
  readFileSync(new URL(name, folder), 'utf8').trimEnd();

/** What lies in a fixture of JSON, as the test knows it. */
export const described = (name: string): unknown => JSON.parse(fixture(name));

/** The smallest domain that can be parsed, with more inside. */
export const domainXml = (inside = '', devices = ''): string =>
  `<domain type="qemu"><name>small</name><uuid>6e2a1b0c-0000-4000-8000-000000000001</uuid>` +
  `<memory>1048576</memory>${inside}<devices>${devices}</devices></domain>`;

type Unitless<T> =
  T extends number ? number
  : T extends object ? { [K in keyof T]: Unitless<T[K]> }
  : T;

/** Parameters as a client writes them, as what they are once checked against their schema. */
export const asked = (parameters: Unitless<VmParameters>): VmParameters =>
  parameters as VmParameters;
export type Asked = Unitless<VmParameters>;
