import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { type Clock, systemClock } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import { Milliseconds } from '../common/units.ts';
import type { LogTarget, Lost } from '../telemetry/log.ts';

const MiB = 1024 * 1024;
const RETRY = Milliseconds(100);
const DRAIN_POLL_MS = 20;

export interface OutputOptions {
  /** Writes bytes and returns how many were written; throws with the code EAGAIN if none can be written now. */
  readonly write: (bytes: Buffer) => number;
  readonly clock: Clock;
  readonly isTTY?: boolean;
  readonly isJournal?: boolean;
  /** Bytes kept for a reader that does not read; further lines are dropped. */
  readonly maxWaiting?: number;
}

/** Standard output or error. Writing never throws and never waits: a line that cannot be written is dropped and counted. */
export class Output implements LogTarget {
  readonly isTTY: boolean;
  readonly isJournal: boolean;
  readonly #options: OutputOptions;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Whether the first waiting line is written in part. */
  #isBegun = false;
  /** Whether the last written line lacks its end. */
  #isTorn = false;
  #isRetrying = false;
  #dropped = 0;
  #lost: Lost | undefined;
  #onRecovery: (lost: Lost) => void = () => undefined;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.isTTY = options.isTTY ?? false;
    this.isJournal = options.isJournal ?? false;
  }

  /** How many lines were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Calls `listener` when writing succeeds again after lines were dropped. */
  onRecovery(listener: (lost: Lost) => void): void {
    this.#onRecovery = listener;
  }

  /** Writes a line, or keeps it until the reader reads. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > (this.#options.maxWaiting ?? MiB)) {
      this.#drop(1, 'its reader does not read');
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isRetrying) this.#flush();
  }

  /** Fulfils when all lines are written or dropped, however long the reader takes; returns what was dropped last. */
  async settled(): Promise<Lost | undefined> {
    await this.drain(Milliseconds(Infinity));
    return this.#lost;
  }

  /** Fulfils when all lines are written or dropped, or after `deadline`. */
  async drain(deadline: Milliseconds): Promise<void> {
    const end = performance.now() + deadline;
    while (this.#waiting.length > 0 && performance.now() < end) {
      await sleep(DRAIN_POLL_MS);
      this.#flush();
    }
  }

  #flush(): void {
    try {
      while (this.#waiting.length > 0) this.#writeFirst();
    } catch (error) {
      if (isTemporary(error)) this.#retry();
      else this.#fail(error);
      return;
    }
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost) this.#onRecovery(lost);
  }

  #writeFirst(): void {
    const [line = Buffer.alloc(0)] = this.#waiting;
    if (this.#isTorn) {
      this.#options.write(NEWLINE);
      this.#isTorn = false;
    }
    const written = this.#options.write(line);
    this.#waitingBytes -= written;
    this.#isBegun = written < line.length;
    if (this.#isBegun) this.#waiting[0] = line.subarray(written);
    else this.#waiting.shift();
  }

  #retry(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#options.clock.after(RETRY, () => {
      this.#isRetrying = false;
      this.#flush();
    });
  }

  #fail(error: unknown): void {
    this.#isTorn ||= this.#isBegun;
    this.#isBegun = false;
    this.#drop(this.#waiting.length, messageOf(error), (error as NodeJS.ErrnoException).code);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #drop(lines: number, reason: string, code?: string): void {
    this.#dropped += lines;
    this.#lost = { lines: (this.#lost?.lines ?? 0) + lines, reason, code };
  }
}

const NEWLINE = Buffer.from('\n');

const isTemporary = (error: unknown): boolean =>
  ['EAGAIN', 'EINTR'].includes(String((error as NodeJS.ErrnoException).code));

/** Opens standard output or error of this process. */
export function openOutput(stream: NodeJS.WriteStream, fd: 1 | 2): Output {
  // what others write there, such as console, must not end the process either
  stream.on('error', () => undefined);
  const isTTY = stream.isTTY;
  const target = isTTY ? nonBlocking(fd) : fd;
  return new Output({
    write: (bytes) => writeSync(target, bytes),
    clock: systemClock,
    isTTY,
    isJournal: isJournal(fd, process.env['JOURNAL_STREAM']),
  });
}

/** Whether a descriptor is the stream to the journal that systemd made for this process, systemd.exec(5). */
export function isJournal(fd: number, stream: string | undefined): boolean {
  if (!stream) return false;
  const { dev, ino } = fstatSync(fd);
  return stream === `${String(dev)}:${String(ino)}`;
}

/**
 * Returns a descriptor of the same terminal whose writes do not block; Node makes only pipes and sockets so, and the
 * flag of the descriptor itself is shared with the shell.
 */
function nonBlocking(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${String(fd)}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // a terminal of another user
    return fd;
  }
}

const STANDARD = [0, 1, 2];
const terminals = STANDARD.filter((fd) => isatty(fd));

/** Replaces standard streams whose terminal is gone by /dev/null: Node aborts at exit if it cannot reset one. */
export function leaveLostTerminals(): void {
  for (const fd of terminals.filter((each) => !isatty(each))) {
    closeSync(fd);
    // gets the number just closed, the lowest that is free
    openSync('/dev/null', constants.O_RDWR);
  }
}
