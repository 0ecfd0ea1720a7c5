/** What mutation tests look at: the files that are changed, and the tests that have to notice. */
export const areas = {
  memory: {
    mutate: [
      'src/memory/**/*.ts',
      '!src/memory/{transition,operation,outcome,begin,prune,wireState}.ts',
    ],
    tests: ['tests/memory'],
  },
  jobs: {
    mutate: [
      'src/memory/{transition,operation,outcome,begin,prune,wireState}.ts',
      'src/vm/record/*.ts',
    ],
    tests: ['tests/memory', 'tests/vm/record'],
  },
  policy: {
    mutate: ['src/policy/decide/**/*.ts', 'src/policy/ksm/decideKsm.ts'],
    tests: ['tests/policy/decide', 'tests/policy/ksm/decideKsm.test.ts'],
  },
  'domain-xml': { mutate: ['src/domain-xml/**/*.ts'], tests: ['tests/domain-xml'] },
  stomp: {
    mutate: ['src/server/stomp/{byteBuffer,frame,heartBeat,parser}.ts'],
    tests: ['byteBuffer', 'frame', 'heartBeat', 'parser'].map(
      (name) => `tests/server/stomp/${name}.test.ts`,
    ),
  },
  xdr: {
    mutate: ['src/libvirt/{codec,events,packet,procedures,protocol,xdr}.ts'],
    tests: ['codec', 'events', 'packet', 'procedures', 'protocol', 'replay', 'xdr'].map(
      (name) => `tests/libvirt/${name}.test.ts`,
    ),
  },
};
