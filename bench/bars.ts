import type { Bar } from './report.ts';

const inFlight = (count: number): string => `${String(count)} in flight`;

/** What the full run is judged by: shares of a limit or a peer in the same run, and times that people notice. */
export const bars: readonly Bar[] = [
  ...['Host.ping2', 'VM.getBalloonInfo'].flatMap((method) =>
    [1, 8, 64].map((count): Bar => ({
      row: `${method}, ${inFlight(count)}`,
      of: 'ratio',
      atLeast: 0.5,
    })),
  ),
  { row: 'Host.ping2, 16×1', of: 'ratio', atLeast: 0.8 },
  ...[4, 16, 64].map((count): Bar => ({
    row: `Host.ping2, ${String(count)}×1, CPU of a request`,
    of: 'ratio',
    atMost: 1.3,
  })),
  ...['STOMP', 'STOMP in TLS'].flatMap((protocol): Bar[] => [
    { row: `${protocol} 1×1`, of: 'ratio', atLeast: 0.85 },
    { row: `${protocol} 16×1`, of: 'ratio', atLeast: 0.8 },
    { row: `${protocol} 1×8`, of: 'ratio', atLeast: 0.5 },
    { row: `${protocol} 4×8`, of: 'ratio', atLeast: 0.6 },
    ...[1, 4, 16, 64].map((count): Bar => ({
      row: `${protocol} ${String(count)}×1, CPU of a request`,
      of: 'ratio',
      atMost: 1.3,
    })),
  ]),
  // times the rate of VDSM's own stack, which is not run here: it was measured on two cores once
  { row: 'STOMP 1×1', atLeast: 4.3 * 4200 },
  { row: 'STOMP 1×8', atLeast: 7 * 8700 },
  { row: 'STOMP 4×8', atLeast: 5.2 * 12_200 },
  { row: 'libvirt: getInfo, 1 in flight', of: 'ratio', atMost: 1.1 },
  { row: 'Host.getAllVmStats, 1000 VMs, CPU', atMost: 10 },
  { row: 'Host.getAllVmStats, 1000 VMs, CPU', of: 'ratio', atMost: 4 },
  { row: 'Host.getAllVmStats, 1000 VMs', atMost: 14 },
  { row: 'GET /api/vms, JSON, 1000 VMs', atMost: 25 },
  { row: 'GET /api/vms, XML, 1000 VMs', atMost: 25 },
  ...[
    'Host.getAllVmStats',
    'Host.getOverview',
    'Host.explainPolicy',
    'GET /api/vms, JSON',
    'GET /api/vms, XML',
    'GET /metrics',
    'GET /metrics, compressed',
  ].map((answer): Bar => ({
    row: `${answer}, 1000 VMs, longest wait of another client`,
    atMost: 10,
  })),
  { row: 'GET /metrics, 1000 VMs, CPU', of: 'ratio', atMost: 0.7 },
  { row: 'GET /metrics, 50 QEMU guests', of: 'ratio', atMost: 0.15 },
  { row: 'start to first answer', atMost: 270 },
  { row: 'start to first answer, CPU', atMost: 330 },
  { row: 'start to first answer, memory', atMost: 62 },
  { row: 'resident memory, 500 VMs', atMost: 90 },
  { row: 'resident memory, 1000 VMs under load', atMost: 130 },
  { row: 'sampling 100 VMs each second', atMost: 5 },
  { row: 'round of samples of 50 QEMU guests, CPU with all else of its second', atMost: 8 },
  { row: 'idle with 50 QEMU guests', atMost: 0.5 },
  { row: 'sampling 1000 VMs, each', of: 'ratio', atMost: 1.3 },
  { row: 'plug → answer, our share', atMost: 14 },
  { row: 'calls to libvirt before the answer to a plug', atMost: 3 },
  { row: 'calls to libvirt for a plug', atMost: 6 },
  { row: 'unplug → event, our share', atMost: 12 },
  { row: 'unplug → answer, our share', atMost: 24 },
  { row: 'calls to libvirt for an unplug', atMost: 8 },
  { row: '20 VM.create until they run, libvirt', of: 'ratio', atMost: 1 },
  { row: 'XML of 40 disks, read and written, CPU', of: 'ratio', atMost: 10 },
  { row: 'decide() for 1000 guests, adaptive', atMost: 5 },
  ...['adaptive', 'mom'].map((algorithm): Bar => ({
    row: `decide() for 1000 guests, ${algorithm}`,
    of: 'ratio',
    atMost: 1.3,
  })),
  {
    row: 'round of the policy with 1000 VMs, with its trace, longest wait of another client',
    atMost: 10,
  },
  { row: 'round of the policy with 1000 VMs, each, CPU', of: 'ratio', atMost: 1.3 },
  { row: 'page, compressed', atMost: 120 },
  { row: 'first paint', atMost: 1000 },
  { row: 'target of another client → shown', atMost: 2000 },
  { row: '1000 VMs, at rest, work of a frame, p99', atMost: 16 },
  { row: '1000 VMs, scrolling, work of a frame, p99', atMost: 16 },
  { row: 'vmemctl list', atMost: 120 },
];
