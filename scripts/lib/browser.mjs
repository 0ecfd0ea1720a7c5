import { existsSync } from 'node:fs';
import { installMissing, lacking, missing, packagesOf } from './packages.mjs';

const PROGRAMS = ['chromium'];

/** What has to be done before tests in a browser: packages to install; `lacks` says why there is no browser. */
export function browserPlan() {
  const absent = missing(PROGRAMS);
  if (absent.length === 0) return {};
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  return canInstall ? { packages: packagesOf(absent) } : { lacks: lacking(absent) };
}

/** Installs Debian's chromium where it is root on Debian. */
export async function openBrowser() {
  const { packages = [] } = browserPlan();
  if (packages.length > 0) await installMissing(packages);
}
