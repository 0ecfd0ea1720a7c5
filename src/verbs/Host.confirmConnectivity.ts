import schema from '../../schema/verbs/Host.confirmConnectivity.ts';
import { verb } from '../verb.ts';

export default verb(schema, () => Promise.resolve(true));
