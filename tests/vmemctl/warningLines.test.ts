import { expect, test } from '@jest/globals';
import { lookOf } from '../../src/vmemctl/output/look.ts';
import { allWarnings } from '../../src/vmemctl/views/warningLines.ts';
import { overviewOf, vm } from './glance.ts';

const silent = { kind: 'not-reporting', text: 'it does not report' } as const;
const stuck = { kind: 'balloon-stuck', text: 'it is stuck' } as const;

test('a warning of several VMs is told once, with their names', () => {
  const vms = [
    vm(1, { warnings: [silent] }),
    vm(2, { warnings: [stuck, silent] }),
    vm(3, { warnings: [silent] }),
  ];
  expect(allWarnings(overviewOf(vms), lookOf({}, {}))).toEqual([
    '',
    '! vm1, vm2, vm3: it does not report',
    '! vm2: it is stuck',
  ]);
});
