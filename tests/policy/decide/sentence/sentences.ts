/** The sentence for each rule, with each bound and direction that it can have. */
export const SENTENCES: Readonly<Record<string, string>> = {
  'guarantee, grow': 'vm is to grow from 2 GiB to 3 GiB: that is its guarantee.',
  'guarantee, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: that is its guarantee; it has been sent there already.',
  'starving, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB, and swaps; the host has 2 GiB more than its goal.',
  'starving, memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB, and swaps; that is all of its memory; the host has 2 GiB more than its goal.',
  'starving, freed-memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB, and swaps; more follows when the host has it; the host has 2 GiB more than its goal.',
  'starving, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB, and swaps; it has been sent there already; the host has 2 GiB more than its goal.',
  'need, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB; the host has 2 GiB more than its goal.',
  'need, memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB; that is all of its memory; the host has 2 GiB more than its goal.',
  'need, freed-memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB; more follows when the host has it; the host has 2 GiB more than its goal.',
  'need, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB; it has been sent there already; the host has 2 GiB more than its goal.',
  'relief, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB; the host has 2 GiB more than its goal.',
  'relief, memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB and needs 1.17 GiB; that is all of its memory; the host has 2 GiB more than its goal.',
  'relief, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB; it has been sent there already; the host has 2 GiB more than its goal.',
  'host-short, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB; the host has 2 GiB more than its goal.',
  'host-short, step, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB; no more at once; the host has 2 GiB more than its goal.',
  'host-short, guarantee, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB; its guarantee is the limit; the host has 2 GiB more than its goal.',
  'host-short, used, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB; it is not asked for what it uses; the host has 2 GiB more than its goal.',
  'host-short, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB; it has been sent there already; the host has 2 GiB more than its goal.',
  'for-others, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, and another guest lacks memory; the host has 2 GiB more than its goal.',
  'for-others, step, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, and another guest lacks memory; no more at once; the host has 2 GiB more than its goal.',
  'for-others, guarantee, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, and another guest lacks memory; its guarantee is the limit; the host has 2 GiB more than its goal.',
  'for-others, used, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, and another guest lacks memory; it is not asked for what it uses; the host has 2 GiB more than its goal.',
  'for-others, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB, and another guest lacks memory; it has been sent there already; the host has 2 GiB more than its goal.',
  'fairness, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, has far more than its part of 1 GiB, and another guest far less; the host has 2 GiB more than its goal.',
  'fairness, step, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, has far more than its part of 1 GiB, and another guest far less; no more at once; the host has 2 GiB more than its goal.',
  'fairness, guarantee, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, has far more than its part of 1 GiB, and another guest far less; its guarantee is the limit; the host has 2 GiB more than its goal.',
  'fairness, used, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB and needs 1.17 GiB, has far more than its part of 1 GiB, and another guest far less; it is not asked for what it uses; the host has 2 GiB more than its goal.',
  'fairness, asked-already':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB, has far more than its part of 1 GiB, and another guest far less; it has been sent there already; the host has 2 GiB more than its goal.',
  rest: 'vm keeps 2 GiB: it uses 900 MiB and needs 1.17 GiB; the host has 2 GiB more than its goal.',
  'rest, dead-band':
    'vm keeps 2 GiB: it uses 900 MiB and needs 2.1 GiB; the 100 MiB that it lacks are too little to be worth a change; the host has 2 GiB more than its goal.',
  'rest, host-memory':
    'vm keeps 2 GiB: it uses 900 MiB and needs 2.1 GiB; what it lacks cannot be given now; the host has 2 GiB more than its goal.',
  'rest, on-its-way':
    'vm is on its way from 2 GiB to 2.5 GiB: it uses 900 MiB and needs 1.17 GiB; its balloon is still moving; the host has 2 GiB more than its goal.',
  'rest, statistics-missing':
    'vm keeps 2 GiB: it does not report its memory, so that nothing is taken; the host has 2 GiB more than its goal.',
  'rest, statistics-stale':
    'vm keeps 2 GiB: its last report is too old, so that nothing is taken; the host has 2 GiB more than its goal.',
  stuck: 'vm keeps 2 GiB: its balloon does not move, and is asked again in 60 s.',
  'no-guarantee':
    'vm keeps 2 GiB: it has no guarantee, and nobody has asked for it to be ballooned.',
  'memory-unknown': 'vm keeps 2 GiB: its memory is not known.',
  'guarantee-unknown': 'vm keeps 2 GiB: its guarantee is not known.',
  'current-unknown': 'vm keeps 2 GiB: the size of its balloon is not known.',
  paused: 'vm keeps 2 GiB: it is paused.',
  migrating: 'vm keeps 2 GiB: it is migrating.',
  'no-balloon': 'vm keeps 2 GiB: it has no balloon that can be moved.',
  disabled: 'vm keeps 2 GiB: ballooning is switched off for it.',
  hugepages: 'vm keeps 2 GiB: its memory consists of huge pages, which a balloon cannot give back.',
  locked: 'vm keeps 2 GiB: its memory is locked, so that a balloon cannot give it back.',
  'assigned-device':
    'vm keeps 2 GiB: a device of the host is assigned to it, which needs its memory.',
  pinned: 'vm keeps 2 GiB: a client has set its target, which is left alone for a while.',
  busy: 'vm keeps 2 GiB: an operation on its memory is under way.',
  'not-answering': 'vm keeps 2 GiB: it does not answer the hypervisor, or its QEMU hangs.',
  reserving: 'vm keeps 2 GiB: it makes room for a reservation.',
  'not-managed':
    'vm keeps 2 GiB: it belongs to another program, and nobody has asked for it to be ballooned.',
  'shrink, step, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB, page cache included; no more at once; the host has 2 GiB more than its goal.',
  'shrink, guarantee, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB, page cache included; its guarantee is the limit; the host has 2 GiB more than its goal.',
  'shrink, guest-free, shrink':
    'vm is to shrink from 2 GiB to 1.5 GiB: it uses 900 MiB, page cache included; that leaves it its free share; the host has 2 GiB more than its goal.',
  'shrink, dead-band':
    'vm keeps 2 GiB: it uses 900 MiB, page cache included; it has nothing to give, or too little to be worth it; the host has 2 GiB more than its goal.',
  'grow, step, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB, page cache included; no more at once; the host has 2 GiB more than its goal.',
  'grow, memory, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB, page cache included; that is all of its memory; the host has 2 GiB more than its goal.',
  'grow, guest-free, grow':
    'vm is to grow from 2 GiB to 3 GiB: it uses 900 MiB, page cache included; that leaves it its free share; the host has 2 GiB more than its goal.',
  'grow, memory':
    'vm keeps 2 GiB: it uses 900 MiB, page cache included; it has all of its memory; the host has 2 GiB more than its goal.',
  'grow, dead-band':
    'vm keeps 2 GiB: it uses 900 MiB, page cache included; a change would be too small to be worth it; the host has 2 GiB more than its goal.',
  'no-statistics': 'vm keeps 2 GiB: it does not report its memory.',
  'figures-missing, balloon_cur':
    'vm keeps 2 GiB: nothing can be decided for it; its balloon_cur is not known.',
  'figures-missing, balloon_min':
    'vm keeps 2 GiB: nothing can be decided for it; its balloon_min is not known.',
  'figures-missing, balloon_max':
    'vm keeps 2 GiB: nothing can be decided for it; its balloon_max is not known.',
  'figures-missing, mem_unused':
    'vm keeps 2 GiB: nothing can be decided for it; its mem_unused is not known.',
  'host-figures-missing': 'vm keeps 2 GiB: the host does not report its memory.',
};
