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
  { row: 'Host.ping2, 16×1, CPU of a request', of: 'ratio', atMost: 1.3 },
  { row: 'STOMP 1×1', of: 'ratio', atLeast: 0.85 },
  { row: 'STOMP 16×1', of: 'ratio', atLeast: 0.8 },
  { row: 'STOMP 1×8', of: 'ratio', atLeast: 0.5 },
  { row: 'STOMP 4×8', of: 'ratio', atLeast: 0.6 },
  ...[1, 4, 16, 64].map((count): Bar => ({
    row: `STOMP ${String(count)}×1, CPU of a request`,
    of: 'ratio',
    atMost: 1.3,
  })),
  // 2.2, 4 and 3 times the rate of VDSM's own stack on two cores
  { row: 'STOMP 1×1', atLeast: 2.2 * 4200 },
  { row: 'STOMP 1×8', atLeast: 4 * 8700 },
  { row: 'STOMP 4×8', atLeast: 3 * 12_200 },
  { row: 'libvirt: getInfo, 1 in flight', of: 'ratio', atMost: 1.1 },
  { row: 'Host.getAllVmStats, 1000 VMs, CPU', atMost: 10 },
  { row: 'Host.getAllVmStats, 1000 VMs, CPU', of: 'ratio', atMost: 4 },
  { row: 'Host.getAllVmStats, 1000 VMs', atMost: 14 },
  { row: 'GET /api/vms, JSON, 1000 VMs', atMost: 25 },
  { row: 'GET /api/vms, XML, 1000 VMs', atMost: 25 },
  { row: 'GET /api/vms, JSON, 1000 VMs, longest wait of another client', atMost: 10 },
  { row: 'GET /metrics, 1000 VMs, CPU', of: 'ratio', atMost: 0.7 },
  { row: 'GET /metrics, 50 QEMU guests', of: 'ratio', atMost: 0.5 },
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
  // The domain is read before the intent, so that no other program's write is overwritten unread, and before the
  // answer, so that its client finds the device.
  { row: 'calls to libvirt before the answer to a plug', atMost: 4 },
  { row: 'calls to libvirt for a plug', atMost: 7 },
  { row: 'unplug → event, our share', atMost: 12 },
  { row: 'unplug → answer, our share', atMost: 24 },
  { row: 'calls to libvirt before the event of an unplug', atMost: 4 },
  { row: 'calls to libvirt for an unplug', atMost: 7 },
  { row: '20 VM.create, libvirt', of: 'ratio', atMost: 1 },
  { row: 'XML of 40 disks, read and written, CPU', of: 'ratio', atMost: 10 },
  { row: 'decide() for 1000 guests, adaptive', atMost: 5 },
  { row: 'page, compressed', atMost: 120 },
  { row: 'first paint', atMost: 1000 },
  { row: 'target of another client → shown', atMost: 2000 },
  { row: '1000 VMs, at rest, work of a frame, p99', atMost: 16 },
  { row: '1000 VMs, scrolling, work of a frame, p99', atMost: 16 },
  { row: 'vmemctl list', atMost: 120 },
];
