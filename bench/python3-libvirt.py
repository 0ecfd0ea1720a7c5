"""The same calls as in libvirt.ts, through libvirt's own binding; prints one JSON object.

usage: python3-libvirt.py URI DOMAIN CALLS BULK_CALLS
"""
import json
import statistics
import sys
import threading
import time

import libvirt

THREADS = 8

uri, name = sys.argv[1:3]
calls, bulk_calls = map(int, sys.argv[3:5])
connection = libvirt.open(uri)
domain = connection.lookupByName(name)


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


for _ in range(calls // 10):
    domain.info()
print(
    json.dumps(
        {
            "infoLatency": latency(domain.info, calls),
            "infoRate": rate(domain.info, calls),
            "bulkLatency": latency(bulk, bulk_calls),
            "bulkRate": rate(bulk, bulk_calls),
        }
    )
)
