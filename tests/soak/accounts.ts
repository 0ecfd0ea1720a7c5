import { contracts } from '../../src/client/contracts.ts';
import type { Books } from './clients/books.ts';
import type { SoakLog } from './daemon/log.ts';

const changing = new Set(
  Object.entries(contracts)
    .filter(([, { changes }]) => changes.length > 0)
    .map(([name]) => name),
);

/** Compares what clients have sent and got with what vmemd has logged: each request is carried out once, or not. */
export function balance(books: Books, { audits }: SoakLog): string[] {
  const problems = books.open().map((request) => `${request} is not answered`);
  for (const [flowId, { method, fate }] of books.round) {
    const codes = audits.get(flowId) ?? [];
    if (codes.length > 1)
      problems.push(`${method} ${flowId} was carried out ${codes.length} times`);
    const isLogged = codes.length === 1 && codes[0] === 0;
    if (fate === 'result' && changing.has(method) && !isLogged) {
      problems.push(`${method} ${flowId} was answered, and is logged as [${codes.join()}]`);
    }
  }
  for (const flowId of books.unsent) {
    if (audits.get(flowId)?.includes(0))
      problems.push(`${flowId}, which was sent in part, was carried out`);
  }
  return problems;
}

/**
 * Returns the requests that vmemd began before it ended, and neither answered nor logged as failed, and those changes of
 * clients that had left of which the log does not say how they ended.
 */
export function lostAtEnd(books: Books, { started, finished, audits }: SoakLog): string[] {
  return [...started].flatMap(([flowId, verbs]) => {
    const entry = books.round.get(flowId);
    const audited = audits.get(flowId) ?? [];
    const codes = [...audited, finished.get(flowId)];
    const hasFailed = codes.some((code) => code !== undefined && code !== 0);
    const hasLeft = entry?.fate === 'cut' && verbs.some((verb) => changing.has(verb));
    if (!entry || (entry.fate !== 'lost' && !hasLeft)) return [];
    const isReported = hasFailed || (hasLeft && audited.length > 0);
    return isReported ?
        []
      : [`${entry.method} ${flowId} was begun, and lost at the end [${codes.join()}]`];
  });
}
