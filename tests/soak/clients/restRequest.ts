import type { Request } from './books.ts';

/** An HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Format = 'json' | 'xml';

interface Params {
  readonly vmID?: string;
  readonly memory?: number;
  readonly guaranteed?: number;
  readonly reboot?: boolean;
}

const MIB = 1024 ** 2;

const vm = ({ vmID }: Params, more = ''): string => `/ovirt-engine/api/vms/${vmID ?? ''}${more}`;

type Content = Readonly<Record<string, unknown>>;
type Form = (
  params: Params,
) => readonly [method: HttpRequest['method'], path: string, content?: Content];

const action =
  (name: string): Form =>
  (params) => ['POST', vm(params, `/${name}`), { action: {} }];
const read =
  (more: string): Form =>
  (params) => ['GET', vm(params, more)];
const page =
  (path: string): Form =>
  () => ['GET', path];

/** The verbs that the REST API has, and pages. */
const FORMS: Readonly<Record<string, Form>> = {
  'VM.setMemory': (params) => ['PUT', vm(params), { vm: { memory: (params.memory ?? 0) * MIB } }],
  'VM.setGuaranteedMemory': (params) => [
    'PUT',
    vm(params),
    { vm: { memory_policy: { guaranteed: (params.guaranteed ?? 0) * MIB } } },
  ],
  'VM.shutdown': (params) => action(params.reboot === true ? 'reboot' : 'shutdown')(params),
  'VM.reset': action('reset'),
  'VM.destroy': action('stop'),
  'VM.cont': action('start'),
  'VM.getStats': read(''),
  'VM.getMemoryDevices': read('/reporteddevices'),
  'VM.getMemoryJob': read('/jobs'),
  'VM.getMemoryUsage': read('/statistics'),
  'Host.getAllVmStats': page('/ovirt-engine/api/vms'),
  'Host.getVMList': page('/ovirt-engine/api/vms;max=5'),
  'rpc.discover': page('/ovirt-engine/api'),
  metrics: page('/metrics'),
  healthz: page('/healthz'),
  help: page('/'),
};

export const hasForm = (method: string): boolean => Object.hasOwn(FORMS, method);

/** Returns the HTTP request for a verb. */
export function httpRequest({ method, params, flowId }: Request, format: Format): HttpRequest {
  const form = FORMS[method];
  if (!form) throw new Error(`there is no REST form of ${method}`);
  const [verb, path, content] = form(params);
  const body = content ? bodyOf(content, format) : '';
  return {
    method: verb,
    path,
    body,
    headers: {
      accept: path.startsWith('/ovirt') ? `application/${format}` : '*/*',
      'correlation-id': flowId,
      ...(content && {
        'content-type': `application/${format}`,
        'content-length': String(body.length),
      }),
    },
  };
}

function bodyOf(content: Content, format: Format): string {
  // in JSON, the root has no name
  if (format === 'json') return JSON.stringify(Object.values(content)[0]);
  return elements(content);
}

const elements = (content: Content): string =>
  Object.entries(content)
    .map(([name, value]) => {
      const isNested = typeof value === 'object' && value !== null;
      return `<${name}>${isNested ? elements(value as Content) : JSON.stringify(value)}</${name}>`;
    })
    .join('');
