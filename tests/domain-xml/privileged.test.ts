import { expect, test } from '@jest/globals';
import { privilegedPart } from '../../src/domain-xml/privileged.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';

const FOLDERS = ['/images', '/dev/urandom', '/usr/share/OVMF/'];
const QEMU = 'http://libvirt.org/schemas/domain/qemu/1.0';

const partOf = (content: string) =>
  privilegedPart(readXml(`<domain type='kvm' xmlns:qemu='${QEMU}'>${content}</domain>`), FOLDERS);

test.each([
  ['an emulator', '<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>'],
  ["QEMU's command line", "<qemu:commandline><qemu:arg value='-version'/></qemu:commandline>"],
  ["QEMU's command line by another prefix", `<q:commandline xmlns:q='${QEMU}'/>`],
  ["QEMU's command line without a prefix", `<commandline xmlns='${QEMU}'/>`],
  ["QEMU's capabilities", '<qemu:capabilities/>'],
  ['a device of the host', "<devices><hostdev mode='subsystem' type='pci'/></devices>"],
  ['a network device of the host', "<devices><interface type='hostdev'/></devices>"],
  ['a disk of the host', "<devices><disk type='nvme'><source type='pci'/></disk></devices>"],
  ['raw commands to a disk', "<devices><disk type='block' device='lun' rawio='yes'/></devices>"],
  ['no confinement', "<seclabel type='none'/>"],
  ['root as user', "<seclabel type='static' model='dac'><label>+0:+0</label></seclabel>"],
  ['a base label', "<seclabel type='dynamic'><baselabel>x</baselabel></seclabel>"],
  [
    'a file without a label',
    "<devices><disk><source file='/images/a'><seclabel relabel='no'/></source></disk></devices>",
  ],
  ['a loader', '<os><loader>/tmp/loader</loader></os>'],
  ['a relative loader', '<os><loader>tmp/loader</loader></os>'],
  ['variables', '<os><nvram>/etc/shadow</nvram></os>'],
  ['a template of variables', "<os><nvram template='/etc/shadow'/></os>"],
  ['a kernel', '<os><kernel>/boot/vmlinuz</kernel></os>'],
  ['an initrd', '<os><initrd>/boot/initrd</initrd></os>'],
  ['a disk', "<devices><disk type='file'><source file='/etc/shadow'/></disk></devices>"],
  ['a relative disk', "<devices><disk type='file'><source file='etc/shadow'/></disk></devices>"],
  ["a disk in QEMU's own syntax", "<devices><disk><source file='json:{}'/></disk></devices>"],
  [
    'a disk by way of a folder',
    "<devices><disk><source file='/images/../etc/shadow'/></disk></devices>",
  ],
  [
    'a folder whose name begins alike',
    "<devices><disk><source file='/images2/a'/></disk></devices>",
  ],
  ['a block device', "<devices><disk type='block'><source dev='/dev/sda'/></disk></devices>"],
  [
    'a backing file',
    "<devices><disk><source file='/images/a'/><backingStore><source file='/etc/shadow'/></backingStore></disk></devices>",
  ],
  [
    'a folder',
    "<devices><filesystem type='mount'><source dir='/'/><target dir='t'/></filesystem></devices>",
  ],
  [
    'a program for a folder',
    "<devices><filesystem><binary path='/tmp/virtiofsd'/></filesystem></devices>",
  ],
  ['a serial port', "<devices><serial type='dev'><source path='/dev/ttyS0'/></serial></devices>"],
  ['a log', "<devices><serial type='pty'><log file='/etc/cron.d/x'/></serial></devices>"],
  ['a socket', "<devices><graphics type='vnc' socket='/run/x'/></devices>"],
  [
    'a script',
    "<devices><interface type='ethernet'><script path='/tmp/up'/></interface></devices>",
  ],
  ['randomness', "<devices><rng><backend model='random'>/dev/sda</backend></rng></devices>"],
  [
    'a TPM',
    "<devices><tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm></devices>",
  ],
  [
    'firmware configuration',
    "<sysinfo type='fwcfg'><entry name='opt/x' file='/etc/shadow'/></sysinfo>",
  ],
  [
    'input of the host',
    "<devices><input type='evdev'><source dev='/dev/input/event0'/></input></devices>",
  ],
  [
    'memory in a file',
    "<devices><memory model='nvdimm'><source><path>/etc/shadow</path></source></memory></devices>",
  ],
  ['a metadata element elsewhere', '<devices><metadata><emulator/></metadata></devices>'],
])('is root-equivalent: %s', (_, content) => {
  expect(partOf(content)).toMatch(/^<[\w:]+/);
});

test.each([
  ['memory and processors', '<memory>1</memory><vcpu>2</vcpu><memballoon/>'],
  [
    'a disk in a folder',
    "<devices><disk type='file'><source file='/images/a'/><target dev='vda'/></disk></devices>",
  ],
  [
    'an empty drive',
    "<devices><disk device='cdrom'><source file=''/><target dev='sda'/></disk></devices>",
  ],
  [
    'a file of a server',
    "<devices><disk type='network'><source protocol='gluster' name='/vol/a'/></disk></devices>",
  ],
  ['a bridge', "<devices><interface type='bridge'><source bridge='br0'/></interface></devices>"],
  [
    'a network device',
    "<devices><interface type='direct'><source dev='eth0' mode='bridge'/></interface></devices>",
  ],
  ['randomness', "<devices><rng><backend model='random'>/dev/urandom</backend></rng></devices>"],
  ['a loader in a folder', '<os><loader>/usr/share/OVMF/OVMF_CODE.fd</loader></os>'],
  ['a dynamic label', "<seclabel type='dynamic' model='selinux' relabel='yes'/>"],
  ['words', '<title>/x</title><description>/y</description><os><cmdline>/z</cmdline></os>'],
  ['metadata of others', "<metadata><x:y xmlns:x='u'>/etc/shadow</x:y></metadata>"],
])('is not: %s', (_, content) => {
  expect(partOf(content)).toBeUndefined();
});
