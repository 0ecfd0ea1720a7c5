import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Reads each line, a document as JSON, with expat; answers with its root element as JSON, or with what it is refused for. */
const PROGRAM = `
import json, sys
from xml.parsers import expat
def read(text):
    parser = expat.ParserCreate('utf-8')
    parser.buffer_text = True
    parser.ordered_attributes = True
    top = ['', [], []]
    stack = [top]
    def start(name, attributes):
        element = [name, list(map(list, zip(attributes[::2], attributes[1::2]))), []]
        stack[-1][2].append(element)
        stack.append(element)
    def end(name):
        parts = stack.pop()[2]
        parts[:] = [p for p in parts if not isinstance(p, str) or p.strip('\\t\\n\\r ')]
    def text_(data):
        parts = stack[-1][2]
        if parts and isinstance(parts[-1], str): parts[-1] += data
        else: parts.append(data)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text_
    parser.Parse(text.encode('utf-8'), True)
    return top[2][0]
for line in sys.stdin:
    try:
        print(json.dumps(read(json.loads(line)), ensure_ascii=False, separators=(',', ':')), flush=True)
    except expat.ExpatError as error:
        print('refused', flush=True)
    except RecursionError:
        print('', flush=True)
`;

/** Another reader of XML, to compare with. */
export interface Oracle {
  /** Returns the root element as JSON, \`refused\`, or undefined if it cannot say. */
  read(xml: string): Promise<string | undefined>;
  /** Ends it; returns what it has done, for people. */
  close(): Promise<string>;
}

/** Starts Python's expat; without Python it has no answers, and says so at the end. */
export async function expat(): Promise<Oracle> {
  const child = spawn('python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((line: string | undefined) => void)[] = [];
  let answers = 0;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    for (const each of waiting.splice(0)) each(undefined);
  };
  child.on('error', end);
  child.on('exit', end);
  child.stdin.on('error', end);
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
    answers++;
    waiting.shift()?.(line === '' ? undefined : line);
  });
  await Promise.race([once(child, 'spawn'), once(child, 'error')]);
  return {
    read: (xml) =>
      isOver ?
        Promise.resolve(undefined)
      : new Promise((resolve) => {
          waiting.push(resolve);
          child.stdin.write(`${JSON.stringify(xml)}\n`);
        }),
    close: () => {
      child.kill();
      return Promise.resolve(
        answers === 0 ?
          'NOT compared with expat, as there is no python3'
        : `${String(answers)} compared with expat`,
      );
    },
  };
}
