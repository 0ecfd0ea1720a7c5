import schema from '../../schema/verbs/rpc.discover.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, (_, { openrpc }) => openrpc);
