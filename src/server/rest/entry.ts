import type { Members } from './members.ts';
import type { RestRequest, RestResponse } from './resource.ts';

/** Returns the API's entry point, from which clients find everything else. */
export async function entry({ call, base }: RestRequest): Promise<RestResponse> {
  const { info } = (await call('rpc.discover', {})) as { readonly info?: { version?: string } };
  return {
    root: 'api',
    members: {
      product_info: { name: 'vmemd', version: versionOf(info?.version ?? '') },
      link: [
        { rel: 'vms', href: `${base}/vms` },
        // oVirt's form of a search, in which clients replace {query}
        { rel: 'vms/search', href: `${base}/vms?search={query}` },
      ],
      time: new Date(),
    },
  };
}

function versionOf(full: string): Members {
  const [, major, minor, build] = /^(\d+)\.(\d+)\.(\d+)/.exec(full) ?? [];
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    major: number(major),
    minor: number(minor),
    build: number(build),
    full_version: full === '' ? undefined : full,
  };
}
