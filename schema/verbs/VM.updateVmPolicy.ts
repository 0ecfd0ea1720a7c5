import { array, integer, object, openObject, Status, UUID } from '../types.ts';

const limit = { ...integer, minimum: 1, maximum: 100 } as const;

export default {
  description:
    "Set a VM's CPU limit (vcpuLimit, in percent of its CPUs), which MoM converts to a quota.",
  params: object({
    vmID: UUID,
    params: object(
      {},
      {
        vmId: UUID,
        vcpuLimit: { anyOf: [limit, { type: 'null' }] },
        ioTune: { anyOf: [array(openObject({})), { type: 'null' }] },
      },
    ),
  }),
  result: Status,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['cpu_limit_percent'],
  errors: [
    'NoSuchVM',
    'GeneralException',
    'MissingParameter',
    'UnsupportedOperation',
    'UpdateVmPolicyError',
  ],
} as const;
