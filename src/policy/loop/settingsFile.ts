import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { StateFile } from '../../common/stateFile.ts';
import { Milliseconds } from '../../common/units.ts';
import { type Fields, fieldsOf } from '../decide/lines/names.ts';
import { namedSettings, parametersAfter } from '../decide/lines/parameters.ts';
import type { Mode } from './round.ts';
import { type Configured, type KsmWish, type PolicySettings, settingsOf } from './settings.ts';

const VERSION = 1;

/** What is kept of settings that clients have made, with what the configuration said then. */
interface Stored {
  readonly settings: PolicySettings;
  readonly configured: Fields;
}

const MESSAGES = {
  reading: 'what clients set of the policy could not be read; the configuration holds',
  writing:
    'what clients set of the policy could not be written; it is tried again, and lost if vmemd restarts before',
  recovered: 'what clients set of the policy is written now',
};

/** Keeps what clients set of the policy over restarts of vmemd. Errors are logged. */
export class SettingsFile {
  readonly #file: StateFile<Stored, Fields>;
  readonly #configured: Configured;
  readonly #log: Logger;

  constructor(path: string, configured: Configured, log: Logger) {
    this.#configured = configured;
    this.#log = log;
    this.#file = new StateFile({
      path,
      version: VERSION,
      parse: storedIn,
      onError: (action, err) => {
        log.warn({ err, path }, MESSAGES[action]);
      },
      onRecovery: () => {
        log.info({ path }, MESSAGES.recovered);
      },
    });
  }

  /**
   * Returns the settings to start with: those that clients made last, unless the configuration of the policy has been
   * changed since, which then holds. What the engine wishes of page sharing is no part of the configuration.
   */
  async read(): Promise<PolicySettings> {
    const stored = await this.#file.read();
    const configured = settingsOf(this.#configured);
    if (!stored) return configured;
    const { settings } = stored;
    if (isDeepStrictEqual(stored.configured, written(this.#configured))) return settings;
    if (settings.by !== 'configuration') {
      this.#log.info(
        { mode: configured.mode, before: settings.mode },
        '[policy] was changed in the configuration, which holds in place of what clients had set',
      );
    }
    return { ...configured, ksm: settings.ksm };
  }

  /** Writes the settings; never rejects. */
  write({ mode, parameters, since, by, ksm }: PolicySettings): Promise<void> {
    const settings = { ...written({ mode, parameters }), since, by, ksm };
    return this.#file.write({ settings, configured: written(this.#configured) });
  }
}

const written = ({ mode, parameters }: Configured): Fields => ({
  mode,
  algorithm: parameters.algorithm,
  parameters: namedSettings(parameters),
});

/** The end of the year 9999: later times have no form that clients read. */
const LAST = 253_402_300_799_999;

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LAST;

const MODES: readonly unknown[] = ['off', 'observe', 'act'] satisfies Mode[];
const AUTHORS: readonly unknown[] = [
  'configuration',
  'client',
  'engine',
] satisfies PolicySettings['by'][];

function storedIn(value: unknown): Stored {
  const { version, settings, configured } = fieldsOf(value, 'the file');
  if (version !== VERSION) {
    throw new Error(`the file is of version ${String(version)}; expected ${String(VERSION)}`);
  }
  return { settings: settingsIn(settings), configured: fieldsOf(configured, 'configured') };
}

function settingsIn(value: unknown): PolicySettings {
  const { mode, algorithm, parameters, since, by, ksm } = fieldsOf(value, 'settings');
  if (!MODES.includes(mode) || !AUTHORS.includes(by)) {
    throw new Error('expected the mode off, observe or act, and who has set it');
  }
  const known = parametersAfter(
    { algorithm: 'adaptive' },
    { ...fieldsOf(parameters, 'parameters'), algorithm },
  );
  return {
    mode: mode as Mode,
    algorithm: known.algorithm,
    parameters: known,
    by: by as PolicySettings['by'],
    ksm: ksmIn(ksm),
    ...(isTime(since) && { since: Milliseconds(since) }),
  };
}

function ksmIn(value: unknown): KsmWish {
  const wish = fieldsOf(value, 'ksm');
  const names = ['ksmEnabled', 'ksmMergeAcrossNodes'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof wish[name] === 'boolean' ? [[name, wish[name]]] : [])),
  );
}
