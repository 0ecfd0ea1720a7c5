import schema from '../../schema/verbs/Host.getOverview.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, ({ since }, { overview }) => overview.read(since));
