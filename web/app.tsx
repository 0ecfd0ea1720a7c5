import { useMemo } from 'preact/hooks';
import { useFeedState, useNow } from './connection/hooks.ts';
import { Banners } from './banners.tsx';
import { HostCard } from './host/hostCard.tsx';
import { Header } from './header.tsx';
import { VmCard } from './vms/vmCard.tsx';

/** The page of one host. */
export function App() {
  const state = useFeedState();
  const now = useNow();
  const { picture } = state;
  const vms = useMemo(() => [...(picture?.vms.values() ?? [])].map(({ vm }) => vm), [picture]);
  const access = picture?.host.read_only === true ? 'read' : (picture?.access ?? 'read');
  const canAct = access !== 'read';
  const isOld = !state.isConnected || state.refusal !== undefined;
  return (
    <>
      <Header state={state} now={now} />
      <Banners state={state} now={now} />
      <main class={isOld ? 'old' : ''}>
        {picture && (
          <>
            <HostCard host={picture.host} vms={vms} isAdmin={access === 'admin'} />
            <VmCard seen={picture.vms} now={now} canAct={canAct} />
          </>
        )}
      </main>
    </>
  );
}
