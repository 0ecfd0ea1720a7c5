/** The floors of the source from the top down: a folder imports only from rows below its own. */
export const ROWS: readonly (readonly (readonly [folder: string, words: string])[])[] = [
  [['main.ts', 'starts the program']],
  [
    ['service', 'starts and stops all parts'],
    ['cli', 'options, signals'],
    ['vmemctl', 'the command line'],
  ],
  [
    ['server', 'port, TLS, STOMP, WebSocket, HTTP, REST'],
    ['verbs', 'one handler per verb'],
    ['telemetry', 'log, metrics'],
  ],
  [
    ['jsonrpc', 'calls by name, audit, events'],
    ['client', 'the library of clients'],
  ],
  [['api', 'what makes a contract callable']],
  [['overview', 'host and VMs at a glance']],
  [['policy', 'who gives and gets memory']],
  [['vm', 'registry, reports, operations']],
  [
    ['host', 'the seam: libvirt or simulated'],
    ['memory', 'pure decisions, state machine'],
  ],
  [
    ['libvirt', 'its protocol, no native code'],
    ['domain-xml', 'text in, text out'],
    ['config', 'files, flags'],
  ],
  [['access', 'who may do what']],
  [['common', 'units, clock, errors']],
  [['schema', 'the contract: verbs, settings, events']],
];

const WIDTH = 880;
const ROW = 52;
const GAP = 10;

/** Returns the picture of the house as SVG, light or dark as the reader's screen. */
export function housePicture(): string {
  const boxes = ROWS.flatMap((row, y) => {
    const width = (WIDTH - GAP * (row.length + 1)) / row.length;
    return row.map(([folder, words], x) =>
      box(GAP + x * (width + GAP), GAP + y * ROW, width, folder, words),
    );
  });
  const height = ROWS.length * ROW + GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif">
<title>The floors of the source: each folder imports only from rows below its own</title>
<style>rect{fill:#eef3f8;stroke:#7390ad}text{fill:#18222d}.w{fill:#4a5a6a}@media(prefers-color-scheme:dark){rect{fill:#1d2a37;stroke:#6d8aa6}text{fill:#e8eef4}.w{fill:#a9bac9}}</style>
${boxes.join('\n')}
</svg>
`;
}

function box(
  ...[x, y, width, folder, words]: readonly [number, number, number, string, string]
): string {
  const middle = (x + width / 2).toFixed(1);
  return [
    `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - GAP}" rx="4"/>`,
    `<text x="${middle}" y="${y + 18}" text-anchor="middle" font-size="14" font-weight="bold">${folder}</text>`,
    `<text x="${middle}" y="${y + 34}" text-anchor="middle" font-size="12" class="w">${words}</text>`,
  ].join('');
}
