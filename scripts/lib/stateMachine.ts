import { NEXT } from '../../src/memory/transition.ts';

/** Returns the state machine of a memory operation's steps as a diagram of Mermaid. */
export function stateMachine(): string {
  const lines = Object.entries(NEXT).flatMap(([state, facts]) => {
    const ends = new Map<string, string[]>();
    for (const [fact, next] of Object.entries(facts)) {
      ends.set(next, [...(ends.get(next) ?? []), fact]);
    }
    if (ends.size === 0) return [`  ${id(state)} --> [*]`];
    return [...ends].map(([next, all]) => `  ${id(state)} --> ${id(next)}: ${all.join(', ')}`);
  });
  return `\`\`\`mermaid\nstateDiagram-v2\n  [*] --> queued\n${lines.join('\n')}\n\`\`\`\n`;
}

/** Mermaid reads a hyphen as an arrow. */
const id = (state: string): string => state.replace('-', '_');
