import schema from '../../schema/verbs/Host.echo.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, ({ message }) => message);
