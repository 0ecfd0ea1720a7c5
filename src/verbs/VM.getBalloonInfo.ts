import schema from '../../schema/verbs/VM.getBalloonInfo.ts';
import { verb } from '../verb.ts';
import { describeBalloon } from '../vm/balloon.ts';

export default verb(schema, ({ vmID }, { vms }) => Promise.resolve(describeBalloon(vms.get(vmID))));
