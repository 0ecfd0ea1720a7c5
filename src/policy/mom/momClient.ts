import { request } from 'node:http';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { isTrue, methodCall, XmlRpcError } from './xmlRpc.ts';

// VDSM's timeout for MoM (momIF.py).
const TIMEOUT = Milliseconds(2000);
const BACK_OFF = Milliseconds(5000);
/** In characters. */
const MAX_REPLY = 1024 * 1024;

/** Calls MoM by XML-RPC over its UNIX socket. After a failed connection, calls fail for 5 s without an attempt. */
export class MomClient {
  readonly #socketPath: string;
  readonly #clock: Clock;
  #backOffUntil = Milliseconds(-Infinity);

  constructor(socketPath: string, clock: Clock) {
    this.#socketPath = socketPath;
    this.#clock = clock;
  }

  /** Whether MoM runs and answers. */
  async isActive(): Promise<boolean> {
    return this.#call('ping', []).catch(() => false);
  }

  /** Replaces all of MoM's policies; rejects if MoM refuses. */
  async setPolicy(policy: string): Promise<void> {
    await this.#demand('setPolicy', [policy]);
  }

  /** Replaces one of MoM's policies; rejects if MoM refuses. */
  async setNamedPolicy(name: string, policy: string): Promise<void> {
    await this.#demand('setNamedPolicy', [name, policy]);
  }

  async #demand(method: string, params: readonly string[]): Promise<void> {
    if (!(await this.#call(method, params))) throw new Error(`MoM refused ${method}`);
  }

  async #call(method: string, params: readonly string[]): Promise<boolean> {
    if (this.#clock.now() < this.#backOffUntil) throw new Error('MoM did not answer a moment ago');
    try {
      return isTrue(await this.#post(methodCall(method, params)));
    } catch (error) {
      // A fault is a reply of a running MoM.
      const isAlive = error instanceof XmlRpcError;
      if (!isAlive) this.#backOffUntil = Milliseconds(this.#clock.now() + BACK_OFF);
      throw error;
    }
  }

  #post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request({
        socketPath: this.#socketPath,
        path: '/RPC2',
        method: 'POST',
        headers: { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) },
      });
      const giveUp = this.#clock.after(TIMEOUT, () => {
        call.destroy(new Error('MoM did not answer in 2 s'));
      });
      call.on('close', giveUp);
      call.on('error', reject);
      call.on('response', (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (chunk: string) => {
          answer += chunk;
          if (answer.length > MAX_REPLY) response.destroy(new Error('MoM sent more than 1 MiB'));
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`MoM answered HTTP status ${String(response.statusCode)}`));
        });
      });
      call.end(body);
    });
  }
}
