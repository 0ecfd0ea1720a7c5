"""Samples all guests of a host as a program with libvirt's own binding does: bulk statistics in four parts.

usage: python3-sampling.py URI

Answers each line with the CPU time in milliseconds that one round has taken.
"""
import sys
import threading
import time

import libvirt

PARTS = 4
GROUPS = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL

connections = [libvirt.open(sys.argv[1]) for _ in range(PARTS)]


def sample(part):
    connection = connections[part]
    domains = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    connection.domainListGetStats(domains[part::PARTS], GROUPS, 0)


for line in sys.stdin:
    began = time.process_time()
    threads = [threading.Thread(target=sample, args=(part,)) for part in range(PARTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print((time.process_time() - began) * 1000, flush=True)
