"""Runs a program on a terminal of its own: terminal.py COLUMNS ROWS AWAITED KEYS PROGRAM... Once the program has written
the text AWAITED, KEYS are sent one by one, each after the program has written something in response to the one before; T
stands for SIGTERM, R for 40 columns less. Prints what the program wrote and its exit status as JSON."""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

columns, rows, awaited, keys, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4], sys.argv[5:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program[0], program)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
before = termios.tcgetattr(terminal)
output = b''
waiting = list(keys)
end = time.time() + 60


def read(seconds):
    global output
    until = time.time() + seconds
    while time.time() < until:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return False
            if not data:
                return False
            output += data
    return True


alive = True
while alive and time.time() < end and awaited not in output:
    alive = read(0.2)
while alive and waiting:
    key = waiting.pop(0)
    seen = len(output)
    if key == 'T':
        os.kill(pid, signal.SIGTERM)
    elif key == 'R':
        columns -= 40
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    else:
        os.write(terminal, key.encode())
    alive = read(0.7)
    while alive and time.time() < end and len(output) == seen:
        alive = read(0.2)
while alive and time.time() < end:
    alive = read(0.2)
try:
    is_restored = termios.tcgetattr(terminal) == before
except termios.error:
    is_restored = None
_, status = os.waitpid(pid, 0)
print(json.dumps({'output': output.decode(), 'status': os.waitstatus_to_exitcode(status), 'isRestored': is_restored}))
