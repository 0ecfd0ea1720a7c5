"""The same calls as in libvirt.ts, through libvirt's own binding.

usage: python3-libvirt.py URI DOMAIN

Reads lines of a figure's name and a number of calls, and answers each with that figure.
"""
import statistics
import sys
import threading
import time

import libvirt

THREADS = 8

connection = libvirt.open(sys.argv[1])
domain = connection.lookupByName(sys.argv[2])


def bulk():
    return connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, 0)


def latency(call, count):
    """The median in microseconds, one call at a time."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e6


def rate(call, count):
    """Calls a second of THREADS threads together."""

    def work():
        for _ in range(count // THREADS):
            call()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.perf_counter() - begin)


figures = {
    "infoLatency": lambda count: latency(domain.info, count),
    "infoRate": lambda count: rate(domain.info, count),
    "bulkLatency": lambda count: latency(bulk, count),
    "bulkRate": lambda count: rate(bulk, count),
}
for line in sys.stdin:
    name, count = line.split()
    print(figures[name](int(count)), flush=True)
