// Loaded into vmemd before it starts: sets its wall clock by what a file says, in seconds, as often as that changes.
import { readFileSync } from 'node:fs';

const file = process.env.VMEMD_TEST_CLOCK;
const RealDate = Date;
let shift = 0;

const read = () => {
  shift = Number(readFileSync(file, 'utf8')) * 1000;
};
read();
setInterval(read, 20).unref();

const now = () => RealDate.now() + shift;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
};
