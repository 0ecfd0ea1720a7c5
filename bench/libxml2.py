"""Reads and writes XML with the libxml2 that libvirt uses.

usage: libxml2.py FILE

Reads lines with a number of turns, and answers each with the CPU time of one turn in milliseconds: the text of FILE is
read into a tree and written again.
"""
import ctypes
import sys
import time

library = ctypes.CDLL("libxml2.so.2")
library.xmlReadMemory.restype = ctypes.c_void_p
library.xmlReadMemory.argtypes = [
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_int,
]
library.xmlDocDumpMemory.argtypes = [ctypes.c_void_p] * 3
library.xmlFreeDoc.argtypes = [ctypes.c_void_p]
free = ctypes.CDLL(None).free
free.argtypes = [ctypes.c_void_p]

with open(sys.argv[1], "rb") as file:
    text = file.read()

for line in sys.stdin:
    turns = int(line)
    began = time.process_time()
    for _ in range(turns):
        document = library.xmlReadMemory(text, len(text), None, None, 0)
        written, size = ctypes.c_void_p(), ctypes.c_int()
        library.xmlDocDumpMemory(document, ctypes.byref(written), ctypes.byref(size))
        library.xmlFreeDoc(document)
        free(written)
    print((time.process_time() - began) * 1000 / turns, flush=True)
