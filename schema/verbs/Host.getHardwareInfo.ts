import { object, text } from '../types.ts';

export default {
  description:
    "The host's maker, product and serial number as its firmware tells them; what it does not tell is absent.",
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
  errors: [],
} as const;
