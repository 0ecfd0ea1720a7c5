import { nextTurn } from './nextTurn.ts';

/** How long a long text may hold the event loop at once, in milliseconds. */
const STRETCH_MS = 4;
/** Characters that are kept as text at once: joined texts are many small objects, which the collector copies while they live. */
const CHUNK = 32 * 1024;

/**
 * Returns the pieces of a text as one, in UTF-8. While it is made, everything else that waits in the process gets its
 * turn every few milliseconds: the text of a thousand VMs takes ten times as long.
 */
export async function pacedText(pieces: Iterable<string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let text = '';
  let began = performance.now();
  for (const piece of pieces) {
    text += piece;
    const isLong = performance.now() - began >= STRETCH_MS;
    if (text.length >= CHUNK || isLong) {
      chunks.push(Buffer.from(text));
      text = '';
    }
    if (!isLong) continue;
    await nextTurn();
    began = performance.now();
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}
