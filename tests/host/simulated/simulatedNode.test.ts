import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostMemoryOf, nodeOf } from '../../../src/host/simulated/simulatedNode.ts';
import { KiB } from '../../../src/common/units.ts';
import { GIB } from './support.ts';
import { assertProperty } from '../../support/property.ts';

test("a simulated host's CPUs are its sockets times cores times threads", () => {
  assertProperty(
    fc.property(fc.integer(), (seed) => {
      const { cpus, sockets, cores, threads, cpuMhz, hostname, capabilitiesXml } = nodeOf(
        seed,
        KiB(64 * GIB),
      );
      expect(cpus).toBe(sockets * cores * threads);
      expect(cpuMhz).toBeGreaterThan(1000);
      expect(hostname).toMatch(/^simulated-[\da-f]{4}$/);
      expect(capabilitiesXml).toContain(`<cpus num='${String(cpus)}'/>`);
    }),
  );
});

test("the host's memory is never exceeded, and free memory falls as guests occupy more", () => {
  assertProperty(
    fc.property(
      fc.integer({ min: 0, max: 100 * GIB }),
      fc.integer({ min: 0, max: GIB }),
      (held, more) => {
        const before = hostMemoryOf(KiB(64 * GIB), KiB(held));
        const {
          total,
          free,
          buffers = 0,
          cached = 0,
        } = hostMemoryOf(KiB(64 * GIB), KiB(held + more));
        expect(free).toBeGreaterThanOrEqual(0);
        expect(free + buffers + cached).toBeLessThanOrEqual(total);
        expect(free).toBeLessThanOrEqual(before.free + 2);
      },
    ),
  );
});
