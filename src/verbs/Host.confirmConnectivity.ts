import schema from '../../schema/verbs/Host.confirmConnectivity.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, () => true as const);
