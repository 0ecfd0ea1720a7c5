import schema from '../../schema/verbs/Host.getCapabilities.ts';
import { verb } from '../api/verb.ts';
import { toVdsmError } from '../vm/toVdsmError.ts';

export default verb(schema, (_, { host }) =>
  host.capabilities().catch(toVdsmError('UnexpectedError')),
);
