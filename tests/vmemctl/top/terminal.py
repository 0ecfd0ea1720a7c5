"""Runs a program on a terminal of its own: terminal.py COLUMNS ROWS KEYS PROGRAM..., where KEYS are sent one by one, a
second apart after the first output. Prints what the program wrote and its exit status as JSON."""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

columns, rows, keys, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
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


while time.time() < end and b'\x1b[?1049h' not in output and read(0.2):
    pass
alive = read(1)
while alive and waiting:
    key = waiting.pop(0)
    if key == 'T':
        os.kill(pid, signal.SIGTERM)
    elif key == 'R':
        columns -= 40
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    else:
        os.write(terminal, key.encode())
    alive = read(0.7)
while time.time() < end and alive:
    alive = read(0.2)
try:
    is_restored = termios.tcgetattr(terminal) == before
except termios.error:
    is_restored = None
_, status = os.waitpid(pid, 0)
print(json.dumps({'output': output.decode(), 'status': os.waitstatus_to_exitcode(status), 'isRestored': is_restored}))
