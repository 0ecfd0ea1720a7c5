import type { Target } from './target.ts';
import { stompCodec } from './targets/stompCodec.ts';

/** All that gets hostile input. */
export const targets: readonly Target<unknown>[] = [stompCodec];
