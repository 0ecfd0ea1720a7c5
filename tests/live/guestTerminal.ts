import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** The serial console of a guest of lab/guest.sh, by the terminal that QEMU has made for it. */
export class GuestTerminal {
  readonly #path: string;
  /** QEMU reads what is written only while a program has the terminal open. */
  readonly #reader: ChildProcess;

  constructor(xml: string) {
    const path = /<serial type=['"]pty['"]>\s*<source path=['"]([^'"]+)/.exec(xml)?.[1];
    if (path === undefined) throw new Error('the guest has no terminal');
    this.#path = path;
    this.#reader = spawn('cat', [path], { stdio: 'ignore' });
  }

  /** Makes the guest's programs use so many MiB. */
  use(mib: number): void {
    writeFileSync(this.#path, `use ${String(mib)}\n`);
  }

  close(): void {
    this.#reader.kill();
  }
}
