import schema from '../../schema/verbs/Host.getAllVmIoTunePolicies.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, () => ({}));
