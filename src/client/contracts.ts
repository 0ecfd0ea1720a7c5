import Events_subscribe from '../../schema/verbs/Events.subscribe.ts';
import Events_unsubscribe from '../../schema/verbs/Events.unsubscribe.ts';
import Host_confirmConnectivity from '../../schema/verbs/Host.confirmConnectivity.ts';
import Host_dumpxmls from '../../schema/verbs/Host.dumpxmls.ts';
import Host_echo from '../../schema/verbs/Host.echo.ts';
import Host_explainPolicy from '../../schema/verbs/Host.explainPolicy.ts';
import Host_getAllMeters from '../../schema/verbs/Host.getAllMeters.ts';
import Host_getAllVmIoTunePolicies from '../../schema/verbs/Host.getAllVmIoTunePolicies.ts';
import Host_getAllVmStats from '../../schema/verbs/Host.getAllVmStats.ts';
import Host_getAuditTrail from '../../schema/verbs/Host.getAuditTrail.ts';
import Host_getCapabilities from '../../schema/verbs/Host.getCapabilities.ts';
import Host_getHardwareInfo from '../../schema/verbs/Host.getHardwareInfo.ts';
import Host_getMemoryHeadroom from '../../schema/verbs/Host.getMemoryHeadroom.ts';
import Host_getMemoryHistory from '../../schema/verbs/Host.getMemoryHistory.ts';
import Host_getOverview from '../../schema/verbs/Host.getOverview.ts';
import Host_getReservations from '../../schema/verbs/Host.getReservations.ts';
import Host_getStats from '../../schema/verbs/Host.getStats.ts';
import Host_getVMFullList from '../../schema/verbs/Host.getVMFullList.ts';
import Host_getVMList from '../../schema/verbs/Host.getVMList.ts';
import Host_ping from '../../schema/verbs/Host.ping.ts';
import Host_ping2 from '../../schema/verbs/Host.ping2.ts';
import Host_releaseMemory from '../../schema/verbs/Host.releaseMemory.ts';
import Host_reserveMemory from '../../schema/verbs/Host.reserveMemory.ts';
import Host_setKsmTune from '../../schema/verbs/Host.setKsmTune.ts';
import Host_setLogLevel from '../../schema/verbs/Host.setLogLevel.ts';
import Host_setMOMPolicy from '../../schema/verbs/Host.setMOMPolicy.ts';
import Host_setMOMPolicyParameters from '../../schema/verbs/Host.setMOMPolicyParameters.ts';
import Host_setPolicy from '../../schema/verbs/Host.setPolicy.ts';
import VM_cont from '../../schema/verbs/VM.cont.ts';
import VM_create from '../../schema/verbs/VM.create.ts';
import VM_destroy from '../../schema/verbs/VM.destroy.ts';
import VM_getAuditTrail from '../../schema/verbs/VM.getAuditTrail.ts';
import VM_getBalloonInfo from '../../schema/verbs/VM.getBalloonInfo.ts';
import VM_getInfo from '../../schema/verbs/VM.getInfo.ts';
import VM_getMemoryDevices from '../../schema/verbs/VM.getMemoryDevices.ts';
import VM_getMemoryHistory from '../../schema/verbs/VM.getMemoryHistory.ts';
import VM_getMemoryJob from '../../schema/verbs/VM.getMemoryJob.ts';
import VM_getMemoryUsage from '../../schema/verbs/VM.getMemoryUsage.ts';
import VM_getMeters from '../../schema/verbs/VM.getMeters.ts';
import VM_getNextRun from '../../schema/verbs/VM.getNextRun.ts';
import VM_getStats from '../../schema/verbs/VM.getStats.ts';
import VM_hotplugMemory from '../../schema/verbs/VM.hotplugMemory.ts';
import VM_hotunplugMemory from '../../schema/verbs/VM.hotunplugMemory.ts';
import VM_pause from '../../schema/verbs/VM.pause.ts';
import VM_reset from '../../schema/verbs/VM.reset.ts';
import VM_setBalloonTarget from '../../schema/verbs/VM.setBalloonTarget.ts';
import VM_setCpuTunePeriod from '../../schema/verbs/VM.setCpuTunePeriod.ts';
import VM_setCpuTuneQuota from '../../schema/verbs/VM.setCpuTuneQuota.ts';
import VM_setGuaranteedMemory from '../../schema/verbs/VM.setGuaranteedMemory.ts';
import VM_setMemory from '../../schema/verbs/VM.setMemory.ts';
import VM_setMemoryStatsPeriod from '../../schema/verbs/VM.setMemoryStatsPeriod.ts';
import VM_setNextRun from '../../schema/verbs/VM.setNextRun.ts';
import VM_shutdown from '../../schema/verbs/VM.shutdown.ts';
import VM_updateVmPolicy from '../../schema/verbs/VM.updateVmPolicy.ts';
import rpc_discover from '../../schema/verbs/rpc.discover.ts';

/** The contracts of all verbs. */
export const contracts = {
  'Events.subscribe': Events_subscribe,
  'Events.unsubscribe': Events_unsubscribe,
  'Host.confirmConnectivity': Host_confirmConnectivity,
  'Host.dumpxmls': Host_dumpxmls,
  'Host.echo': Host_echo,
  'Host.explainPolicy': Host_explainPolicy,
  'Host.getAllMeters': Host_getAllMeters,
  'Host.getAllVmIoTunePolicies': Host_getAllVmIoTunePolicies,
  'Host.getAllVmStats': Host_getAllVmStats,
  'Host.getAuditTrail': Host_getAuditTrail,
  'Host.getCapabilities': Host_getCapabilities,
  'Host.getHardwareInfo': Host_getHardwareInfo,
  'Host.getMemoryHeadroom': Host_getMemoryHeadroom,
  'Host.getMemoryHistory': Host_getMemoryHistory,
  'Host.getOverview': Host_getOverview,
  'Host.getReservations': Host_getReservations,
  'Host.getStats': Host_getStats,
  'Host.getVMFullList': Host_getVMFullList,
  'Host.getVMList': Host_getVMList,
  'Host.ping': Host_ping,
  'Host.ping2': Host_ping2,
  'Host.releaseMemory': Host_releaseMemory,
  'Host.reserveMemory': Host_reserveMemory,
  'Host.setKsmTune': Host_setKsmTune,
  'Host.setLogLevel': Host_setLogLevel,
  'Host.setMOMPolicy': Host_setMOMPolicy,
  'Host.setMOMPolicyParameters': Host_setMOMPolicyParameters,
  'Host.setPolicy': Host_setPolicy,
  'VM.cont': VM_cont,
  'VM.create': VM_create,
  'VM.destroy': VM_destroy,
  'VM.getAuditTrail': VM_getAuditTrail,
  'VM.getBalloonInfo': VM_getBalloonInfo,
  'VM.getInfo': VM_getInfo,
  'VM.getMemoryDevices': VM_getMemoryDevices,
  'VM.getMemoryHistory': VM_getMemoryHistory,
  'VM.getMemoryJob': VM_getMemoryJob,
  'VM.getMemoryUsage': VM_getMemoryUsage,
  'VM.getMeters': VM_getMeters,
  'VM.getNextRun': VM_getNextRun,
  'VM.getStats': VM_getStats,
  'VM.hotplugMemory': VM_hotplugMemory,
  'VM.hotunplugMemory': VM_hotunplugMemory,
  'VM.pause': VM_pause,
  'VM.reset': VM_reset,
  'VM.setBalloonTarget': VM_setBalloonTarget,
  'VM.setCpuTunePeriod': VM_setCpuTunePeriod,
  'VM.setCpuTuneQuota': VM_setCpuTuneQuota,
  'VM.setGuaranteedMemory': VM_setGuaranteedMemory,
  'VM.setMemory': VM_setMemory,
  'VM.setMemoryStatsPeriod': VM_setMemoryStatsPeriod,
  'VM.setNextRun': VM_setNextRun,
  'VM.shutdown': VM_shutdown,
  'VM.updateVmPolicy': VM_updateVmPolicy,
  'rpc.discover': rpc_discover,
} as const;
