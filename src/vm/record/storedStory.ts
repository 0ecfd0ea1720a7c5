import { StoredBalloonStory } from '../../../schema/storedBalloonStory.ts';
import { validator } from '../../common/validate.ts';
import type { BalloonStory } from '../../memory/balloonStory.ts';

const isStory = validator<BalloonStory>(StoredBalloonStory);

/** Reads how a balloon target came about from the metadata; undefined for text that does not say so. */
export function parseStory(text: string): BalloonStory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isStory()(value) ? value : undefined;
  } catch {
    // Another program wrote it.
    return undefined;
  }
}
