import { childrenNamed, find, type Element } from './element.ts';
import type { Display } from './types.ts';

/** A domain's VNC and SPICE displays; the ports are those of a running domain. */
export const displaysOf = (devices: Element): Display[] =>
  childrenNamed(devices, 'graphics').flatMap((graphics) => {
    const { attributes } = graphics;
    const type = attributes.get('type');
    if (type !== 'vnc' && type !== 'spice') return [];
    const [port, tlsPort] = [portOf(attributes.get('port')), portOf(attributes.get('tlsPort'))];
    const address = attributes.get('listen') ?? find(graphics, 'listen')?.attributes.get('address');
    return [
      {
        type,
        ...(port !== undefined && { port }),
        ...(tlsPort !== undefined && { tlsPort }),
        ...(address !== undefined && { address }),
      },
    ];
  });

// -1 stands for a port that libvirt has not chosen yet.
const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
