import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FeedState } from './connection/feed.ts';
import { useFeed } from './connection/hooks.ts';
import { clockTime, lasting } from './model/age.ts';
import { sentence } from './parts/warnings.tsx';

interface BannersProps {
  readonly state: FeedState;
  readonly now: number;
}

/** What has to be known before the figures are read. */
export function Banners({ state, now }: BannersProps) {
  const { isConnected, picture, refusal } = state;
  const host = picture?.host;
  return (
    <section class="banners" aria-label="Notices">
      {host?.simulated && (
        <Banner kind="info">
          This is a simulated host: its memory and its VMs are not real. Use it for trials only.
        </Banner>
      )}
      {!isConnected && <Lost state={state} now={now} />}
      {isConnected && refusal !== undefined && (
        <Banner kind="problem">vmemd gives no figures: {sentence(refusal)}</Banner>
      )}
      <Renewed version={host?.vmemd_version} />
      {isConnected && host?.link_problem !== undefined && (
        <Banner kind="problem">
          The hypervisor is out of reach: {sentence(host.link_problem)}
        </Banner>
      )}
    </section>
  );
}

function Lost({ state: { picture, lostAt }, now }: BannersProps) {
  const feed = useFeed();
  if (!picture && lostAt === undefined) return <Banner kind="info">Connecting to vmemd.</Banner>;
  const figures =
    picture ?
      `The figures are from ${clockTime(picture.at, now)}, ${lasting(Math.max(0, now - picture.at) / 1000)} ago.`
    : 'There are no figures yet.';
  return (
    <Banner kind="problem">
      <span role="alert">No connection to vmemd.</span> {figures} The page tries again by itself.{' '}
      <button type="button" onClick={() => feed.retryNow()}>
        Try now
      </button>
    </Banner>
  );
}

/** A page that was loaded from another version may not understand this one. */
function Renewed({ version }: { readonly version: string | undefined }) {
  const [first, setFirst] = useState(version);
  useEffect(() => setFirst((known) => known ?? version), [version]);
  if (first === undefined || version === undefined || first === version) return null;
  return (
    <Banner kind="info">
      vmemd has changed from version {first} to {version}.{' '}
      <button type="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </Banner>
  );
}

interface BannerProps {
  readonly kind: 'info' | 'problem';
  readonly children: ComponentChildren;
}

const Banner = ({ kind, children }: BannerProps) => <p class={`banner ${kind}`}>{children}</p>;
