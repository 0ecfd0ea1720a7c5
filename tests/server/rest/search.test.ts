import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { downId, openApi, type TestApi, vmId } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => {
  api.close();
});

async function found(query: string): Promise<unknown> {
  const { status, text } = await api.get(`/api/vms${query}`, { accept: 'application/json' });
  if (status !== 200) return status;
  return (JSON.parse(text) as { vm: { id: string }[] }).vm.map(({ id }) => id);
}

test.each([
  ['?search=name%3Dgone', [downId]],
  ['?search=name%3DGONE&case_sensitive=false', [downId]],
  ['?search=name%3DGONE&case_sensitive=true', []],
  ['?search=NAME%3Dgone&case_sensitive=true', [downId]],
  [`?search=id%3D${downId.toUpperCase()}&case_sensitive=true`, [downId]],
  ['?case_sensitive=perhaps', 400],
  ['?search=name%3Dgo', []],
  ['?search=name+%3D+go*', [downId]],
  ['?search=name%3D*o*', [downId]],
  ['?search=vms:+name%3D%22a%3Cb%3E+%26+*%22', [vmId]],
  ['?search=name%3D.*', []],
  ['?search=name%3Dg*n*e', [downId]],
  ['?search=name%3Dgon*one', []],
  ['?search=name%3Dg*o*o*e', []],
  ['?search=name%3Dx*', []],
  ['?search=name%3D*', [vmId, downId]],
  [`?search=id%3D${downId.toUpperCase()}`, [downId]],
  ['?search=', [vmId, downId]],
  ['?search=status%3Dup', [vmId]],
  ['?search=status%3DUp&case_sensitive=true', [vmId]],
  ['?search=name%3Dgone+and+status%3Ddown', [downId]],
  ['?search=name%3Dgone+and+status%3Dup', []],
  ['?search=name%3D%22a+and+b%22', []],
  ['?search=cluster%3DDefault', 400],
  ['?search=name%3D*+sortby+name', 400],
  ['?search=gone', 400],
  ['?search=name%3Da+or+name%3Db', 400],
  ['?max=1', [vmId]],
  [';max=1', [vmId]],
  ['?max=0', []],
  ['?max=-1', [vmId, downId]],
  ['?max=few', 400],
  ['?follow=nics&all_content=true&ovf_as_ova=true&filter=true&correlation_id=c', [vmId, downId]],
  ['?serch=name%3Dnope', 400],
  ['?search=name%3Dgone&search=name%3D*', 400],
  [';max=1?max=2', 400],
  ['?next_run=true', 400],
])('/api/vms%s finds %j', async (query, ids) => {
  expect(await found(query)).toEqual(ids);
});
