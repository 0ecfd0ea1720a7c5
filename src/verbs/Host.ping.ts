import schema from '../../schema/verbs/Host.ping.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, () => true as const);
