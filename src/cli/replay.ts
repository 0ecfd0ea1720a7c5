import { parseArgs } from 'node:util';
import { messageOf } from '../common/messageOf.ts';
import type { PolicyParameters } from '../policy/decide/decide.ts';
import { fieldsOf, LineError, UnknownVersion } from '../policy/decide/lines/names.ts';
import { Comparison } from '../policy/replay/comparison.ts';
import { Deciding, recorded, type Side } from '../policy/replay/side.ts';
import { readTraceRound, type TraceRound } from '../policy/replay/traceRound.ts';
import type { LineStreams } from './decide.ts';
import { UsageError } from './options.ts';
import { differenceJson, summaryJson } from './replayJson.ts';
import { send } from './send.ts';
import { differenceText, summaryText } from './replayText.ts';
import { type TraceLine, traceLines } from './traceFiles.ts';

const usage = `Usage: vmemd replay TRACE [--algorithm mom|adaptive] [--against mom|adaptive|recorded]
                    [--parameters JSON] [--against-parameters JSON] [--summary] [--json]

Decides the rounds of a trace ([policy] trace_path) by two policies, and prints each balloon target in which they
differ, then what each would have taken and given. Needs no libvirt and changes nothing.

A replay is an open loop: the figures are those that came of what was decided then. Neither policy sees what its own
targets would have done, so differences show what it would do next in a situation, not where it would have led;
npm run simulate shows that. Sizes that each takes and gives count from one of its targets to the next.

  TRACE                      the file, after its older parts TRACE.2, TRACE.1 if there are any; - for standard input;
                             lines of vmemd decide are read too
  --algorithm NAME           adaptive, or mom: as oVirt's MoM (adaptive)
  --against NAME             mom, adaptive, or recorded: what was decided then (recorded)
  --parameters JSON          settings of the first that differ from those in force then, as {"goal": 0.15}
  --against-parameters JSON  the same for the second
  --summary                  print no differences, only what they come to
  --json                     print a line of JSON for each difference, and one for the summary; sizes in KiB
  --help                     print this, and exit

Exit status: 0 success, 1 if the trace could not be read, 2 usage error. Lines that are cut off or of another version
are left out, and named on standard error.
`;

export interface ReplayStreams extends LineStreams {
  readonly stderr: { write(text: string): unknown };
}

interface ReplayOptions {
  readonly path: string;
  readonly sides: readonly [Side, Side];
  readonly isJson: boolean;
  readonly isShort: boolean;
}

/** Prints how two policies differ over a trace; returns the exit status. Throws {@link UsageError}. */
export async function replayTrace(
  argv: readonly string[],
  streams: ReplayStreams,
): Promise<number> {
  const { input, output, stderr } = streams;
  const options = optionsOf(argv);
  if (options === 'help') {
    output.write(usage);
    return 0;
  }
  const { path, sides, isJson, isShort } = options;
  const comparison = new Comparison(...sides);
  const titles = [sides[0].title, sides[1].title] as const;
  const skip = (line: TraceLine, reason: string): unknown =>
    stderr.write(`vmemd: ${line.file}, line ${String(line.number)} is left out: ${reason}\n`);
  try {
    for await (const round of rounds(traceLines(path, input), skip)) {
      const differences = comparison.add(round);
      const texts = differences.map((one) =>
        isJson ? differenceJson(one, titles) : differenceText(one, titles),
      );
      if (isShort || texts.length === 0) continue;
      if (!(await send(output, `${texts.join('\n')}\n`))) return 0;
    }
  } catch (error) {
    stderr.write(`vmemd: the trace cannot be read: ${messageOf(error)}\n`);
    return 1;
  }
  const summary = comparison.summary();
  await send(output, `${isJson ? summaryJson(summary) : `\n${summaryText(summary)}`}\n`);
  if (summary.rounds > 0) return 0;
  stderr.write(`vmemd: ${path} has no round that could be read.\n`);
  return 1;
}

/** Reads rounds; lines that cannot be read are given to `skip`. */
async function* rounds(
  lines: AsyncIterable<TraceLine>,
  skip: (line: TraceLine, reason: string) => unknown,
): AsyncGenerator<TraceRound> {
  let inForce: PolicyParameters = { algorithm: 'adaptive' };
  for await (const line of lines) {
    if (line.text.trim() === '') continue;
    const round = readOr(line, inForce, skip);
    if (!round) continue;
    inForce = round.inForce;
    yield round;
  }
}

function readOr(
  line: TraceLine,
  inForce: PolicyParameters,
  skip: (line: TraceLine, reason: string) => unknown,
): TraceRound | undefined {
  try {
    return readTraceRound(line.text, inForce);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    const reason =
      error instanceof UnknownVersion ? `it is of another version, ${error.message}`
      : line.isWhole ? error.message
      : 'it is cut off';
    skip(line, reason);
    return undefined;
  }
}

function optionsOf(argv: readonly string[]): ReplayOptions | 'help' {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        algorithm: { type: 'string', default: 'adaptive' },
        against: { type: 'string', default: 'recorded' },
        parameters: { type: 'string', default: '{}' },
        'against-parameters': { type: 'string', default: '{}' },
        summary: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [path, stray] = positionals;
    if (path === undefined) throw new Error('name the file of a trace');
    if (stray !== undefined) throw new Error(`there is no argument "${stray}"`);
    const first = side('--algorithm', values.algorithm, '--parameters', values.parameters);
    const given = values['against-parameters'];
    const second =
      values.against === 'recorded' ?
        recordedSide(given)
      : side('--against', values.against, '--against-parameters', given);
    return { path, sides: [first, second], isJson: values.json, isShort: values.summary };
  } catch (error) {
    throw new UsageError(`replay: ${messageOf(error)}; see vmemd replay --help.`, { cause: error });
  }
}

function side(option: string, algorithm: string, origin: string, parameters: string): Side {
  if (algorithm !== 'mom' && algorithm !== 'adaptive') {
    const names = option === '--against' ? 'mom, adaptive or recorded' : 'mom or adaptive';
    throw new Error(`${option} must be ${names}`);
  }
  return new Deciding(algorithm, fieldsOf(JSON.parse(parameters), origin));
}

function recordedSide(parameters: string): Side {
  if (parameters === '{}') return recorded;
  throw new Error('--against-parameters belongs to --against mom or adaptive');
}
