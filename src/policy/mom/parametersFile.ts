import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { replaceFile } from '../../common/replaceFile.ts';
import { type MomParameters, PARAMETERS } from './momParameters.ts';

/** Keeps MoM's parameters over restarts of vmemd; logs read and write errors instead of throwing them. */
export class ParametersFile {
  readonly #path: string;
  readonly #log: Logger;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** Returns the parameters of the last write; empty if the file is missing or invalid. */
  async read(): Promise<MomParameters> {
    try {
      return parametersIn(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#warn(
          error,
          "MoM's parameters could not be read; none are in force until they are set",
        );
      }
      return {};
    }
  }

  /** Replaces the file atomically; concurrent calls run in order. */
  write(parameters: MomParameters): Promise<void> {
    this.#writing = this.#writing.then(() =>
      replaceFile(this.#path, `${JSON.stringify(parameters)}\n`).catch((error: unknown) => {
        this.#warn(
          error,
          "MoM's parameters could not be written; they are lost when vmemd restarts",
        );
      }),
    );
    return this.#writing;
  }

  #warn(err: unknown, message: string): void {
    this.#log.warn({ err, path: this.#path }, message);
  }
}

function parametersIn(text: string): MomParameters {
  const value: unknown = JSON.parse(text);
  if (!isParameters(value))
    throw new Error(`expected only ${PARAMETERS.join(', ')}, true or false`);
  return value;
}

const known: ReadonlySet<string> = new Set(PARAMETERS);

const isParameters = (value: unknown): value is MomParameters =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(([name, each]) => known.has(name) && typeof each === 'boolean');
