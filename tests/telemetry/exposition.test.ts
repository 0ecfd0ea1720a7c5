import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  exposition,
  type Family,
  type Labelled,
  labelText,
} from '../../src/telemetry/exposition.ts';
import { seriesIn } from '../support/metricsPage.ts';
import { assertProperty } from '../support/property.ts';

const family: Family<Labelled & { readonly size?: number }> = {
  name: 'box_bytes',
  type: 'gauge',
  help: 'Size of a box.',
  value: ({ size }) => size,
};
const box = (id: string, size: object = {}) => ({ labels: labelText({ id }), ...size });

describe('the text format', () => {
  test('has HELP, TYPE and a line for each series', () => {
    expect(exposition([family], [box('a', { size: 1 }), box('b', { size: 0.5 })])).toBe(
      '# HELP box_bytes Size of a box.\n# TYPE box_bytes gauge\n' +
        'box_bytes{id="a"} 1\nbox_bytes{id="b"} 0.5\n',
    );
  });

  test('has all series of more subjects than a piece has', () => {
    const boxes = Array.from({ length: 250 }, (_, size) => box(String(size), { size }));
    const lines = boxes.map((_, size) => `box_bytes{id="${String(size)}"} ${String(size)}\n`);
    expect(exposition([family], boxes)).toBe(
      `# HELP box_bytes Size of a box.\n# TYPE box_bytes gauge\n${lines.join('')}`,
    );
  });

  test('has no series for an unknown value', () => {
    expect(exposition([family], [box('a'), box('b', { size: 0 })])).toMatch(
      /gauge\nbox_bytes\{id="b"\} 0\n$/,
    );
  });

  test('keeps any label value unchanged', () => {
    assertProperty(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (id, other) => {
        const page = `m${labelText({ id, other })} 1\n`;
        const [line] = seriesIn(page);
        const plain = (text = ''): string =>
          text.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
        expect([plain(line?.labels['id']), plain(line?.labels['other'])]).toEqual([id, other]);
      }),
    );
  });
});
