import schema from '../../schema/verbs/Host.getCapabilities.ts';
import { verb } from '../api/verb.ts';
import { as } from '../vm/failure.ts';

export default verb(schema, (_, { host }) => host.capabilities().catch(as('UnexpectedError')));
