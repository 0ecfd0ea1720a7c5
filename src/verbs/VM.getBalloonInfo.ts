import schema from '../../schema/verbs/VM.getBalloonInfo.ts';
import { verb } from '../api/verb.ts';
import { describeBalloon } from '../vm/report/balloonReport.ts';

export default verb(schema, ({ vmID }, { vms }) => describeBalloon(vms.get(vmID)));
