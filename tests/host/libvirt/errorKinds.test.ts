import { expect, test } from '@jest/globals';
import { DomainXmlError } from '../../../src/domain-xml/types.ts';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { convertErrors, toHypervisorError } from '../../../src/host/libvirt/errorKinds.ts';
import {
  DeadlineError,
  LibvirtError,
  StuckError,
  UnreachableError,
  XdrError,
} from '../../../src/libvirt/index.ts';

test.each([
  [42, "Domain not found: no domain with matching uuid '…'", 'no-domain'],
  [9, "operation failed: domain 'a' already exists with uuid …", 'exists'],
  [55, "Requested operation is not valid: domain 'a' already exists", 'exists'],
  [8, 'invalid argument: cannot set memory higher than max memory', 'invalid'],
  [27, 'XML error: missing name', 'invalid'],
  [67, 'unsupported configuration: no slots', 'invalid'],
  [3, 'this function is not supported by the connection driver', 'unsupported'],
  [84, 'Operation not supported: live attach', 'unsupported'],
  [1, 'internal error: No memory balloon device configured', 'unsupported'],
  [
    1,
    "internal error: unable to execute QEMU command 'device_del': virtio based memory devices cannot be unplugged.",
    'unsupported',
  ],
  [1, 'internal error: no device found with alias dimm9', 'refused'],
  [9, 'operation failed: unplug of device was rejected by the guest', 'refused'],
  [55, 'Requested operation is not valid: domain is not running', 'refused'],
  [68, 'Timed out during operation: cannot acquire state change lock', 'timed-out'],
  [45, 'authentication failed', 'unreachable'],
  [9, 'operation failed: something else', 'failed'],
  [9999, 'from a newer daemon', 'failed'],
])('libvirt’s %i "%s" is %s', (code, message, kind) => {
  const error = new LibvirtError(message, { code, domain: 10 });
  expect(toHypervisorError(error)).toMatchObject({ kind, message, cause: error });
});

test.each([
  [new UnreachableError('gone'), 'unreachable'],
  [new StuckError(['a']), 'refused'],
  [new DeadlineError('late'), 'timed-out'],
  [new XdrError('a NUL'), 'invalid'],
  [new DomainXmlError('no domain'), 'invalid'],
  [new TypeError('a bug'), 'failed'],
  ['thrown text', 'failed'],
])('%s is %s', (error, kind) => {
  expect(toHypervisorError(error)).toMatchObject({ kind, cause: error });
});

test('a call aborted by its signal is timed out', () => {
  const reason = new Error('enough');
  expect(toHypervisorError(reason, AbortSignal.abort(reason))).toMatchObject({
    kind: 'timed-out',
    cause: reason,
  });
});

test('a HypervisorError stays unchanged', async () => {
  const refused = new HypervisorError('exists', 'there already');
  await expect(convertErrors(undefined, () => Promise.reject(refused))).rejects.toBe(refused);
});
