import type { Result } from '../../client/index.ts';

export type Overview = Result<'Host.getOverview'>;
/** The host at a glance. */
export type HostGlance = Overview['host'];
/** A VM at a glance. */
export type VmGlance = Overview['vms'][number];
export type Warning = HostGlance['warnings'][number];
export type Job = Result<'VM.getMemoryJob'>;
export type Devices = Result<'VM.getMemoryDevices'>;
export type Balloon = Result<'VM.getBalloonInfo'>;
export type Usage = Result<'VM.getMemoryUsage'>;
export type Resizing = Result<'VM.setMemory'>;
