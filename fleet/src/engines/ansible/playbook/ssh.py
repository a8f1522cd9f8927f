#!/usr/bin/env python3
"""In place of ssh: runs it, and hands what the device says to Timeball while it comes. Ansible gets the
beginning of it, in which it looks for what sudo says."""
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile

MOST = 65536


def dial(head):
    there = socket.socket(socket.AF_UNIX)
    there.connect(os.environ['TIMEBALL_SOCKET'])
    there.sendall(json.dumps(head).encode() + b'\n')
    return there


def pass_on(child, job):
    """The exit status, and the beginning of standard error. OSError: Timeball has heard enough."""
    control = [word[12:].strip('"') for word in sys.argv if word.startswith('ControlPath=')]
    there = dial({'kind': 'output', 'job': job, 'control': control[0] if control else None})
    kept = {1: b'', 2: b''}
    chosen = selectors.DefaultSelector()
    chosen.register(child.stdout, selectors.EVENT_READ, 1)
    chosen.register(child.stderr, selectors.EVENT_READ, 2)
    chosen.register(there, selectors.EVENT_READ, 0)
    # A connection that stays open keeps standard error, so the end of standard output decides.
    while any(key.data == 1 for key in chosen.get_map().values()):
        for key, _ in chosen.select():
            chunk = os.read(key.fd, MOST)
            if key.data == 0:
                raise OSError('Timeball has heard enough')
            if not chunk:
                chosen.unregister(key.fileobj)
                continue
            more = chunk[: MOST - len(kept[key.data])]
            kept[key.data] += more
            if more:
                os.write(key.data, more)
            if key.data == 1:
                there.sendall(chunk)
    there.close()
    code = child.wait()
    os.set_blocking(child.stderr.fileno(), False)
    kept[2] += child.stderr.read(MOST) or b''
    return code, kept[2][:MOST]


def main():
    job = os.environ['TIMEBALL_JOB']
    fresh = ['-o', 'ControlMaster=no', '-o', 'ControlPath=none'] if os.environ['TIMEBALL_CONNECTION'] == 'fresh' else []
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(os.path.abspath(__file__))) as log:
        words = [os.environ['TIMEBALL_SSH'], '-E', log.name, *fresh, *sys.argv[1:]]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            code, stderr = pass_on(child, job)
        except OSError:
            child.kill()
            return 254
        end = {'kind': 'end', 'job': job, 'code': code if code >= 0 else None}
        said = {'stderr': stderr.decode(errors='replace'), 'log': log.read(MOST).decode(errors='replace')}
        dial({**end, **said}).close()
        return code if code >= 0 else 255


sys.exit(main())
