import schema from '../../schema/verbs/Host.getOverview.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ since }, { overview, peer }) => ({
  ...(await overview.read(since)),
  access: peer.access,
}));
