/** The least share of mutants that tests notice, in percent. */
export const LEAST_SCORE = 85;

const mutantsOf = ({ files }) =>
  Object.entries(files).flatMap(([file, { mutants, source }]) =>
    mutants.map((mutant) => ({ ...mutant, file, source })),
  );

/** Counts the mutants of Stryker's report by their fate; those that are ignored or cannot run count for nothing. */
export function tally(report) {
  const mutants = mutantsOf(report);
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, survived, timeout, noCoverage] = [
    'Killed',
    'Survived',
    'Timeout',
    'NoCoverage',
  ].map(count);
  const total = killed + survived + timeout + noCoverage;
  return {
    mutants: total,
    killed,
    survived,
    timeout,
    noCoverage,
    score: (100 * (killed + timeout)) / total,
  };
}

/** The table of tallies by area, in Markdown. */
export const table = (tallies) =>
  [
    '| area | mutants | killed | survived | timeout | no coverage | score |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...Object.entries(tallies).map(
      ([name, { score, ...counts }]) =>
        `| ${[name, ...Object.values(counts), `${score.toFixed(1)} %`].join(' | ')} |`,
    ),
  ].join('\n');

/** What no test noticed: each mutant's place, what stands there, and what stood there instead. */
export const listSurvivors = (report) =>
  mutantsOf(report)
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ file, source, location: { start, end }, mutatorName, status, replacement }) => {
      const lines = source.split('\n').slice(start.line - 1, end.line);
      const text =
        lines.length === 1 ?
          lines[0].slice(start.column - 1, end.column - 1)
        : lines.join('\n').slice(start.column - 1);
      return `${file}:${start.line} ${mutatorName}${status === 'NoCoverage' ? ' (no coverage)' : ''}\n  ${short(text)}\n  -> ${short(replacement ?? '')}`;
    })
    .join('\n');

const short = (text) => text.replace(/\s+/g, ' ').slice(0, 160);
