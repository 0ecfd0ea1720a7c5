import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoredReservations } from '../../../schema/storedReservations.ts';
import { BookFile } from '../../../src/policy/reservations/bookFile.ts';
import { emptyBook } from '../../../src/policy/reservations/book.ts';
import { LineError } from '../../../src/policy/decide/lines/names.ts';
import { SettingsFile } from '../../../src/policy/loop/settingsFile.ts';
import { type Configured, settingsOf } from '../../../src/policy/loop/settings.ts';
import { parametersFile } from '../../../src/policy/mom/parametersFile.ts';
import { readTraceRound } from '../../../src/policy/replay/traceRound.ts';
import { VdsmError } from '../../../src/common/errors.ts';
import { silent } from '../../support/call.ts';
import type { Random } from '../random.ts';
import { someDocument } from '../schemaValues.ts';
import type { Target, Verdict } from '../target.ts';

const KINDS = ['settings', 'mom', 'reservations', 'trace'] as const;

interface Input {
  readonly kind: (typeof KINDS)[number];
  readonly text: string;
}

const anything = { anyOf: [{ type: 'integer' }, { type: 'boolean' }, { type: 'string' }] };
const settings = {
  mode: { enum: ['off', 'observe', 'act', 'constructor'] },
  algorithm: { enum: ['adaptive', 'mom', 'toString'] },
  parameters: {
    properties: {
      goal: { enum: [0.15, 2, '0.1', null] },
      step: anything,
      flavour: { enum: ['vdsm', 1] },
      x: anything,
    },
    type: 'object',
  },
};
const required = ['mode', 'algorithm', 'parameters', 'by', 'ksm'];
const SCHEMAS: Readonly<Record<Input['kind'], object>> = {
  settings: {
    type: 'object',
    required: ['version', 'settings', 'configured'],
    properties: {
      version: { const: 1 },
      configured: { type: 'object', required, properties: settings },
      settings: {
        type: 'object',
        required,
        properties: {
          ...settings,
          by: { enum: ['configuration', 'client', 'engine'] },
          since: anything,
          ksm: {
            type: 'object',
            properties: { ksmEnabled: anything, ksmMergeAcrossNodes: anything },
          },
        },
      },
    },
  },
  mom: {
    type: 'object',
    properties: {
      version: { const: 1 },
      balloonEnabled: { type: 'boolean' },
      ksmEnabled: anything,
    },
  },
  reservations: StoredReservations,
  trace: {
    type: 'object',
    required: ['time', 'host', 'guests'],
    properties: {
      version: { const: 1 },
      time: anything,
      host: {
        type: 'object',
        required: ['mem_total'],
        properties: { mem_total: { type: 'integer' }, mem_available: anything, mem_free: anything },
      },
      guests: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            balloon_current: anything,
            exempt: { enum: ['pinned', 'x'] },
          },
        },
      },
      parameters: {
        type: 'object',
        properties: { algorithm: { enum: ['adaptive', 'mom', 'x'] }, goal: anything },
      },
      decided: {
        type: 'object',
        properties: {
          targets: anything,
          decisions: anything,
          algorithm: anything,
          parameters: anything,
        },
      },
    },
  },
};

/** The files that vmemd keeps over a restart: what is read is valid, and what a later version wrote stays as it is. */
export const stateFiles: Target<Input> = {
  name: 'state-files',
  weight: 6,
  make: (random: Random) => {
    const kind = random.pick(KINDS);
    return { kind, text: someDocument(random, SCHEMAS[kind]) };
  },
  open: () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-hostile-'));
    const path = join(folder, 'state.json');
    return Promise.resolve({
      judge: ({ kind, text }: Input) => {
        writeFileSync(path, text);
        return JUDGES[kind](path, text);
      },
      close: () => {
        rmSync(folder, { recursive: true });
        return Promise.resolve({ wrong: [], figures: [] });
      },
    });
  },
};

const configured: Configured = { mode: 'off', parameters: { algorithm: 'adaptive' } };

type Judge = (path: string, text: string) => Promise<Verdict>;
const JUDGES: Readonly<Record<Input['kind'], Judge>> = {
  settings: async (path, text) => {
    const file = new SettingsFile(path, configured, silent);
    const read = await file.read();
    if (!['off', 'observe', 'act'].includes(read.mode)) return `the mode is ${read.mode}`;
    await file.write({ ...settingsOf(configured), mode: 'act', by: 'client' });
    const kept = changedBy(path, text);
    if (kept !== undefined) return kept;
    const again = await new SettingsFile(path, configured, silent).read();
    return isLater(text) || again.mode === 'act' ? undefined : 'what was written is not read';
  },
  mom: async (path, text) => {
    const file = parametersFile(path, silent);
    const read = (await file.read()) ?? {};
    if (Object.values(read).some((value) => typeof value !== 'boolean'))
      return 'a parameter is neither true nor false';
    await file.write({ balloonEnabled: true });
    return changedBy(path, text);
  },
  reservations: async (path, text) => {
    const file = new BookFile({ path, hypervisor: 'a', log: silent });
    await file.read();
    try {
      await file.write(emptyBook);
    } catch (error) {
      if (!(error instanceof VdsmError)) throw error;
      if (!isLater(text)) return error.message;
    }
    return changedBy(path, text);
  },
  trace: (_path, text) => {
    try {
      readTraceRound(text, { algorithm: 'adaptive' });
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
    }
    return Promise.resolve(undefined);
  },
};

/** Returns what is wrong if a file of a later version was replaced, or another one was not. */
function changedBy(path: string, text: string): Verdict {
  const isSame = readFileSync(path, 'utf8') === text;
  if (isLater(text)) return isSame ? undefined : 'a file of a later version is replaced';
  return isSame && !text.includes('"act"') && text !== '' ? 'the file is not written' : undefined;
}

function isLater(text: string): boolean {
  try {
    const { version } = Object(JSON.parse(text)) as { version?: unknown };
    return typeof version === 'number' && version > 1;
  } catch {
    return false;
  }
}
