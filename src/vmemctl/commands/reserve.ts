import { InvalidArgumentError, Option } from 'commander';
import type { Params } from '../../client/index.ts';
import { type KiB, Seconds } from '../../common/units.ts';
import type { Register } from '../command.ts';
import { CommandError, Exit } from '../exit.ts';
import { chooseReservation } from '../names/findReservation.ts';
import { formatDuration } from '../output/duration.ts';
import { LiveLines } from '../output/liveLines.ts';
import { table } from '../output/table.ts';
import { printable } from '../output/width.ts';
import { show } from '../people.ts';
import type { Session } from '../session.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { headroomLines } from '../views/headroomLines.ts';
import { type Reservation, reservationColumns } from '../views/reservationTable.ts';
import { readSize } from './sizeArgument.ts';

interface Flags {
  readonly for: string;
  readonly deadline?: Seconds;
  readonly hold?: Seconds;
  readonly downTo?: 'used' | 'guaranteed';
}

/** `vmemctl reserve`, `reservations`, `release` and `headroom`. */
export const registerReserve: Register = (program, run) => {
  registerReserving(program, run);
  registerReservations(program, run);
  registerRelease(program, run);
  registerHeadroom(program, run);
};

const registerReserving: Register = (program, run) => {
  program
    .command('reserve')
    .helpGroup('The host:')
    .summary('make room on the host by ballooning VMs, and hold it')
    .argument('<size>', 'how much, as 8G')
    .requiredOption(
      '--for <name>',
      'what it is for: any words, or the UUID of a VM that then uses it',
    )
    .option('--deadline <time>', 'how long making room may take (60s)', readTime)
    .option('--hold <time>', 'how long it is held, as 2h (until it is released)', readTime)
    .addOption(
      new Option(
        '--down-to <depth>',
        'down to what guests use, or to their guarantees: they may swap',
      ).choices(['used', 'guaranteed']),
    )
    .action(
      run(async (session, text: string, flags: Flags) => {
        const amount = readSize(text, 'size');
        const reservation = await reserve(session, { amount, ...flags });
        const { reservationID: id, taken, for: name = '' } = reservation;
        const total = taken.reduce((sum, each) => sum + each.taken_kib, 0) as KiB;
        const how = taken.length === 0 ? 'which was free' : `balloons took ${formatSize(total)}`;
        show(session, reservation, () => [
          printable(`reserved ${formatSize(amount)} for ${name}, ${how}; vmemctl release ${id}`),
        ]);
        return undefined;
      }),
    );
};

const registerReservations: Register = (program, run) => {
  program
    .command('reservations')
    .helpGroup('The host:')
    .summary('list what is reserved')
    .action(
      run(async (session) => {
        const reservations = await session.client.call('Host.getReservations');
        show(session, reservations, (look) =>
          reservations.length === 0 ?
            ['nothing is reserved']
          : table(reservationColumns(Date.now()), reservations, look),
        );
        return undefined;
      }),
    );
};

const registerRelease: Register = (program, run) => {
  program
    .command('release')
    .helpGroup('The host:')
    .summary('end a reservation: balloons give back what they took for it')
    .argument('<reservation>', 'what it is for, or the beginning of its id')
    .action(
      run(async (session, word: string) => {
        const { client } = session;
        const found = chooseReservation(word, await client.call('Host.getReservations'));
        if ('message' in found) throw new CommandError(printable(found.message), Exit.failed);
        const { reservationID, for: name = reservationID } = found;
        const answer = await client.call('Host.releaseMemory', { reservationID });
        show(session, answer, () => [
          printable(`${name}: ${formatSize(answer.released_kib)} released`),
        ]);
        return undefined;
      }),
    );
};

const registerHeadroom: Register = (program, run) => {
  program
    .command('headroom')
    .helpGroup('The host:')
    .summary('show how much can still be promised, reserved and freed')
    .action(
      run(async (session) => {
        const answer = await session.client.call('Host.getMemoryHeadroom');
        show(session, answer, (look) => headroomLines(answer, look));
        return undefined;
      }),
    );
};

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

function readTime(text: string): Seconds {
  const [, digits = '', unit = ''] = /^(\d+) ?([a-z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  const seconds = Number(digits) * (factor ?? 0);
  if (digits !== '' && factor !== undefined && seconds >= 1) return Seconds(seconds);
  throw new InvalidArgumentError('Write a time as 90s, 10m, 2h or 1d.');
}

const TICK_MS = 1000;

/** Reserves memory; on a terminal shows how long it has been waiting for guests. */
async function reserve(
  session: Session,
  { amount, deadline, hold, ...flags }: Flags & { amount: KiB },
): Promise<Reservation> {
  const { client, world, options } = session;
  const live = new LiveLines(world.stderr);
  const begun = Date.now();
  const tick = setInterval(() => {
    const passed = formatDuration((Date.now() - begun) / 1000);
    if (!options.json) live.show([`making room for ${formatSize(amount)}: ${passed}`]);
  }, TICK_MS);
  try {
    const params: Params<'Host.reserveMemory'> = {
      amount,
      for: flags.for,
      ...(deadline !== undefined && { deadline }),
      ...(hold !== undefined && { hold }),
      ...(flags.downTo !== undefined && { downTo: flags.downTo }),
    };
    return await client.call('Host.reserveMemory', params);
  } finally {
    clearInterval(tick);
    live.clear();
  }
}
