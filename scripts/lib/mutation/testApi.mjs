import { format } from 'node:util';

/** A group of tests: a file, or what `describe` makes. */
const block = (name, parent) => ({
  name,
  parent,
  beforeAll: [],
  afterAll: [],
  beforeEach: [],
  afterEach: [],
});

/** The blocks around a test, outermost first. */
const chain = (inner) => (inner ? [...chain(inner.parent), inner] : []);

let current;
let collected;

const describe = (name, define) => {
  current = block(name, current);
  define();
  current = current.parent;
};

const test = (name, run) => collected.push({ name, run, block: current });

/** `each` of jest; a number keeps names apart, as those that jest would make need not be shown. */
const each = (one) => (rows) => (name, run) => {
  const table = rows.every(Array.isArray) ? rows : rows.map((row) => [row]);
  for (const [index, values] of table.entries()) {
    one(`${format(name)} #${index}`, () => run(...values));
  }
};
test.each = each(test);
describe.each = each(describe);

const hook = (kind) => (run) => current[kind].push(run);

/** What test files import from @jest/globals, but for `expect`. */
export const testApi = {
  describe,
  test,
  it: test,
  beforeAll: hook('beforeAll'),
  afterAll: hook('afterAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
};

/** Returns the tests that `load` defines for that file; each with an id of its own. */
export function collect(file, load) {
  current = block(file, undefined);
  collected = [];
  load();
  return collected.map((test, index) => {
    const names = [...chain(test.block).slice(1), test].map(({ name }) => name);
    return { ...test, file, id: `${file} ${index} ${names.join(' ')}` };
  });
}

/** Runs tests one after the other; hooks of a block run once for all of its tests that run here. */
export class Session {
  #begun = new Set();

  /** Throws if the test or a hook does, or if they do not end within `limit` ms. */
  async run({ block, run }, limit) {
    let timer;
    const end = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end within ${limit} ms`)), limit);
    });
    try {
      await Promise.race([this.#run(chain(block), run), end]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(blocks, run) {
    for (const each of blocks) {
      if (this.#begun.has(each)) continue;
      this.#begun.add(each);
      for (const hook of each.beforeAll) await hook();
    }
    try {
      for (const hook of blocks.flatMap(({ beforeEach }) => beforeEach)) await hook();
      await run();
    } finally {
      for (const hook of blocks.flatMap(({ afterEach }) => afterEach).reverse()) await hook();
    }
  }

  async end() {
    for (const { afterAll } of this.#begun) for (const hook of afterAll) await hook();
  }
}
