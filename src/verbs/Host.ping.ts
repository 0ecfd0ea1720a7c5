import schema from '../../schema/verbs/Host.ping.ts';
import { verb } from '../verb.ts';

export default verb(schema, () => Promise.resolve(true));
