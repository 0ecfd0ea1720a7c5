import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { atEnd } from '../live/cleanup.ts';
import { Vmemd } from '../live/vmemd.ts';
import { needs } from '../support/needs.ts';
import { launch } from './browser.ts';

/** Serves an empty page, as another site would. */
async function openSite(later: (task: () => Promise<unknown>) => void): Promise<number> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>other</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => once(server.close(), 'close'));
  return (server.address() as AddressInfo).port;
}

needs('chromium')('a page of another site, in the browser of an administrator', () => {
  const later = atEnd();
  let vmemd: Vmemd;
  let page: Page;
  let port: string;
  const messages: string[] = [];

  /** Runs an expression in the page. */
  const inPage = (expression: string): Promise<unknown> => page.evaluate(expression);

  beforeAll(async () => {
    vmemd = await Vmemd.start('simulated', '[dashboard]\nactions = true\n');
    later(() => vmemd.end());
    ({ port } = new URL(vmemd.url));
    const site = await openSite(later);
    // a name of the attacker's that leads to this machine, as after DNS rebinding
    const browser = await launch('--host-resolver-rules=MAP *.example 127.0.0.1');
    later(() => browser.close());
    page = await (await browser.newContext()).newPage();
    page.on('console', (message) => messages.push(message.text()));
    await page.goto(`http://other.example:${String(site)}/`);
  });

  test('cannot open the WebSocket', async () => {
    const outcome = `new Promise((resolve) => {
      const socket = new WebSocket('${vmemd.url}');
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    })`;
    expect(await inPage(outcome)).toBe('refused');
  });

  test.each(['/api', '/api/vms', '/metrics', '/'])('cannot read %s', async (path) => {
    const url = new URL(path, vmemd.httpUrl).href;
    expect(await inPage(`fetch('${url}').then(() => 'read', () => 'refused')`)).toBe('refused');
  });

  test('cannot change anything by a form', async () => {
    const url = new URL('/api/vms', vmemd.httpUrl).href;
    const blind = `fetch('${url}', { method: 'POST', mode: 'no-cors', body: '{}' })`;
    await inPage(`${blind}.catch(() => undefined)`);
    const reply = await fetch(url, { headers: { accept: 'application/json' } });
    expect(await reply.text()).not.toContain('"id"');
  });

  test('cannot show the page in a frame', async () => {
    await inPage(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = '${vmemd.httpUrl}';
      frame.onload = resolve;
      document.body.append(frame);
    })`);
    const [, frame] = page.frames();
    expect(await frame?.locator('#page').count()).toBe(0);
    expect(messages.some((message) => message.includes('frame-ancestors'))).toBe(true);
  });

  test('cannot reach vmemd by a name of its own', async () => {
    const rebound = await page.context().newPage();
    const reply = await rebound.goto(`http://rebound.example:${port}/`);
    expect(reply?.status()).toBe(403);
    expect(await rebound.textContent('body')).toMatch(/allowed_hosts/);
    const outcome = `new Promise((resolve) => {
      const socket = new WebSocket('ws://rebound.example:${port}/');
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    })`;
    expect(await rebound.evaluate(outcome)).toBe('refused');
  });
});
