import type { ComponentChildren } from 'preact';
import type { Feed } from '../connection/feed.ts';

/** What a person wants to change, as the form has it; undefined while that cannot be done. */
export interface Form<T> {
  readonly value: T | undefined;
  /** Why it cannot be done as it stands. */
  readonly problem?: string | undefined;
  readonly fields: ComponentChildren;
}

/** A change that is planned, confirmed, made, and reported. */
export interface Action<T> {
  readonly title: string;
  readonly useForm: () => Form<T>;
  /** Returns what will happen, in sentences; asks vmemd if it knows best. */
  readonly plan: (value: T, feed: Feed) => Promise<readonly string[]> | readonly string[];
  /** Does it; returns what came of it, in sentences. */
  readonly run: (value: T, feed: Feed) => Promise<readonly string[]>;
  /** What the button says that does it. */
  readonly verb: string;
}
