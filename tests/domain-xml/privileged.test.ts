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
  ['a network device by vDPA', "<devices><interface type='vdpa'/></devices>"],
  ['a network device of another program', "<devices><interface type='vhostuser'/></devices>"],
  ['a security of its own', '<launchSecurity/><devices><launcher/></devices>'],
  ['a disk of the host', "<devices><disk type='nvme'><source type='pci'/></disk></devices>"],
  ['raw commands to a disk', "<devices><disk type='block' device='lun' rawio='yes'/></devices>"],
  ['a disk of another program', "<devices><disk type='vhostuser'/></devices>"],
  ['a disk by vDPA', "<devices><disk type='vhostvdpa'/></devices>"],
  ['unfiltered commands to a disk', "<devices><disk device='lun' sgio='unfiltered'/></devices>"],
  ['a label', "<seclabel type='dynamic'><label>x</label></seclabel>"],
  ['a label of images', '<seclabel><imagelabel>x</imagelabel></seclabel>'],
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
  ...['nvram', 'kernel', 'initrd', 'shim', 'dtb'].map((name) => [
    `a relative ${name}`,
    `<os><${name}>a</${name}></os>`,
  ]),
  ['a relative table of ACPI', '<os><acpi><table>a</table></acpi></os>'],
  ['a relative memory file', '<devices><memory><source><path>a</path></source></memory></devices>'],
  ...['file', 'path', 'evdev', 'socket', 'tap', 'vhost', 'rendernode'].map((name) => [
    `a relative path in the attribute ${name}`,
    `<devices><x ${name}='a'/></devices>`,
  ]),
  ['a relative device', "<devices><disk type='block'><source dev='sda'/></disk></devices>"],
  ['a relative folder', "<devices><filesystem><source dir='a'/></filesystem></devices>"],
  ['a relative path', "<devices><disk><source file='images/a'/></disk></devices>"],
  ['a path in any text', '<devices><x>/etc/shadow</x></devices>'],
  ['a path in any text, on a line of its own', '<devices><x>\n  /etc/shadow\n</x></devices>'],
  ['the name of a file', "<devices><disk><source name='/etc/shadow'/></disk></devices>"],
  [
    "a file beside a server's",
    "<devices><disk><source protocol='nbd' name='a'><x file='/etc/shadow'/></source></disk></devices>",
  ],
  [
    "a file of a server's source",
    "<devices><disk><source protocol='nbd' file='/etc/shadow'/></disk></devices>",
  ],
  [
    'the name of something with a protocol',
    "<devices><x protocol='nbd' name='/etc/shadow'/></devices>",
  ],
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
  ['the folder itself', "<devices><filesystem><source dir='/images'/></filesystem></devices>"],
  ['no path', '<os><loader/><nvram> </nvram></os>'],
  ["a network device's name", "<devices><interface><source dev='eth0'/></interface></devices>"],
  ['an interface of another kind', "<devices><x type='vhostuser'/></devices>"],
  ['something else that is raw', "<devices><x rawio='yes'/></devices>"],
  ['a label that libvirt chooses', '<seclabel/>'],
  ['a dynamic label', "<seclabel type='dynamic' model='selinux' relabel='yes'/>"],
  ['words', '<title>/x</title><description>/y</description><os><cmdline>/z</cmdline></os>'],
  ['a name', '<name>/x</name>'],
  ['an entry', "<sysinfo><system><entry name='serial'>/x</entry></system></sysinfo>"],
  ['a partition', '<resource><partition>/machine</partition></resource>'],
  ['metadata of others', "<metadata><x:y xmlns:x='u'>/etc/shadow</x:y></metadata>"],
])('is not: %s', (_, content) => {
  expect(partOf(content)).toBeUndefined();
});

test.each([
  ["<devices><interface type='vdpa'/></devices>", "<interface type='vdpa'>"],
  ["<seclabel type='none'/>", "<seclabel type='none'>"],
  ["<seclabel relabel='no'/>", "<seclabel type=''>"],
  ["<devices><disk type='nvme'/></devices>", "<disk> with a device of the host's"],
  [`<os><loader>/${'x'.repeat(300)}</loader></os>`, `<loader> with the path /${'x'.repeat(199)}`],
])('%s is named in a message', (content, words) => {
  expect(partOf(content)).toBe(words);
});

test('a device is judged as a domain is, its metadata too', () => {
  const deviceOf = (xml: string) => privilegedPart(readXml(xml), FOLDERS);
  expect(deviceOf('<hostdev/>')).toBe('<hostdev>');
  expect(deviceOf("<disk><source file='/images/a'/></disk>")).toBeUndefined();
  expect(deviceOf('<disk><metadata><emulator/></metadata></disk>')).toBe('<emulator>');
  expect(deviceOf("<source file='/etc/shadow'/>")).toBe('<source> with the path /etc/shadow');
});

test('slashes at the end of a folder do not count', () => {
  const root = readXml("<source file='/a/b'/>");
  for (const folder of ['/a', '/a/', '/a//'])
    expect(privilegedPart(root, [folder])).toBeUndefined();
  expect(privilegedPart(root, [])).toBeDefined();
});
