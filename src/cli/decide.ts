import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { messageOf } from '../common/messageOf.ts';
import type { PolicyParameters } from '../policy/decide/decide.ts';
import { answerLine, firstState } from '../policy/decide/lines/answer.ts';
import { fieldsOf } from '../policy/decide/lines/names.ts';
import { parametersAfter } from '../policy/decide/lines/parameters.ts';
import { UsageError } from './options.ts';
import { send } from './send.ts';

const usage = `Usage: vmemd decide [--algorithm mom|adaptive] [--parameters JSON]

Decides balloon targets for rounds that are given as lines of JSON on standard input, and answers each with a line.
Needs no libvirt and changes nothing. Sizes are KiB, times seconds.

  {"time": 1, "host": {"mem_total": …, "mem_available": …, "mem_free": …, "psi_some_avg10": …},
   "guests": [{"name": "vm1", "balloon_cur": …, "balloon_min": …, "balloon_max": …, "weight": 1,
               "available": …, "unused": …, "usable": …, "swap_in": …, "rss": …, "last_update": …}]}

  --algorithm NAME    adaptive, or mom: as oVirt's MoM (adaptive)
  --parameters JSON   settings that differ from the defaults, as {"goal": 0.15}; a line may change them too
  --help              print this, and exit

Exit status: 0 success, 1 if a line could not be read, 2 usage error.
`;

export interface LineStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** Answers the lines of standard input until its end; returns the exit status. Throws {@link UsageError}. */
export async function decideLines(
  argv: readonly string[],
  { input, output }: LineStreams,
): Promise<number> {
  const start = parametersOf(argv);
  if (start === 'help') {
    output.write(usage);
    return 0;
  }
  let state = firstState(start);
  let status = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const answered = answerLine(line, state);
    state = answered.state;
    if (answered.hasFailed) status = 1;
    if (!(await send(output, `${answered.answer}\n`))) break;
  }
  return status;
}

function parametersOf(argv: readonly string[]): PolicyParameters | 'help' {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        algorithm: { type: 'string', default: 'adaptive' },
        parameters: { type: 'string', default: '{}' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const given = fieldsOf(JSON.parse(values.parameters), '--parameters');
    return parametersAfter({ algorithm: 'adaptive' }, { algorithm: values.algorithm, ...given });
  } catch (error) {
    throw new UsageError(`decide: ${messageOf(error)}; see vmemd decide --help.`, { cause: error });
  }
}
