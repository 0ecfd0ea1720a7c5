import schema from '../../schema/verbs/Host.getHardwareInfo.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, (_, { host }) => host.hardware());
