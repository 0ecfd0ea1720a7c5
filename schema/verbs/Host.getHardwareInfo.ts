import { object, text } from '../types.ts';

export default {
  description:
    "Return the host's manufacturer, product and serial number from its firmware; unknown values are absent.",
  params: object({}),
  result: object(
    {},
    {
      systemManufacturer: text,
      systemProductName: text,
      systemVersion: text,
      systemSerialNumber: text,
      systemUUID: text,
      systemFamily: text,
    },
  ),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
