import type { Register } from '../command.ts';
import { registerBalloon } from './balloon.ts';
import { registerCall } from './call.ts';
import { registerCompletion } from './completion.ts';
import { registerCreate } from './create.ts';
import { registerDevices } from './devices.ts';
import { registerDoctor } from './doctor.ts';
import { registerGuarantee } from './guarantee.ts';
import { registerHelp } from './help.ts';
import { registerHosts } from './hosts.ts';
import { registerJobs } from './jobs.ts';
import { registerList } from './list.ts';
import { registerEvents } from './events.ts';
import { registerNamespaces } from './namespaces.ts';
import { registerOverview } from './overview.ts';
import { registerPolicy } from './policy.ts';
import { registerPower } from './power.ts';
import { registerReserve } from './reserve.ts';
import { registerSet } from './set.ts';
import { registerShow } from './show.ts';
import { registerStats } from './stats.ts';
import { registerTop } from './top.ts';

/** All commands, in the order of the help. */
export const registrations: readonly Register[] = [
  registerOverview,
  registerHosts,
  registerList,
  registerShow,
  registerStats,
  registerTop,
  registerSet,
  registerBalloon,
  registerGuarantee,
  registerDevices,
  registerJobs,
  registerCreate,
  registerPower,
  registerPolicy,
  registerReserve,
  registerDoctor,
  registerEvents,
  registerCall,
  registerNamespaces,
  registerCompletion,
  registerHelp,
];
