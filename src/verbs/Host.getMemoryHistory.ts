import schema from '../../schema/verbs/Host.getMemoryHistory.ts';
import { verb } from '../api/verb.ts';
import { KEPT_S } from '../overview/history/memoryHistory.ts';

export default verb(schema, ({ seconds = KEPT_S }, { history }) => history.readHost(seconds));
