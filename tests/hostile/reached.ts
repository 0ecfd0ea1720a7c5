import { Session } from 'node:inspector/promises';

const SOURCE = /\/src\/.*\.ts/;

/** Watches which blocks of vmemd's source this thread executes. */
export class Reached {
  readonly #session = new Session();

  static async watch(): Promise<Reached> {
    const reached = new Reached();
    reached.#session.connect();
    await reached.#session.post('Profiler.enable');
    await reached.#session.post('Profiler.startPreciseCoverage', {
      callCount: true,
      detailed: true,
    });
    return reached;
  }

  /** Returns the blocks that were not executed, of files of which something was: file, function, place in what V8 compiled. */
  async unreached(): Promise<string[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ url }) => SOURCE.test(url))
      .flatMap(({ url, functions }) =>
        functions.flatMap(({ functionName, ranges }) =>
          ranges
            .filter(({ count }) => count === 0)
            .map(
              ({ startOffset }) =>
                `${nameOf(url)} ${functionName || '=>'} at ${String(startOffset)}`,
            ),
        ),
      );
  }
}

const nameOf = (url: string): string => /src\/([^?]*)/.exec(url)?.[1] ?? url;
