"""Runs ansible-inventory and ansible many times in one process that has loaded Ansible once.

Each request is a line of JSON: {"program", "args", "cwd", "environment"}; so is each answer:
{"code", "stdout", "stderr"}. Each run is a fork, so that none sees what another one left behind.
"""
import json
import os
import sys
import tempfile

from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI
from ansible import template  # noqa: F401  loaded before the fork, not in each
from ansible.executor import task_queue_manager  # noqa: F401

programs = {'ansible': AdHocCLI, 'ansible-inventory': InventoryCLI}


def run(request, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(request['cwd'])
    os.environ.update(request['environment'])
    code = 1
    try:
        programs[request['program']].cli_executor([request['program'], *request['args']])
        code = 0
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(request):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(request, out, err)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode('utf-8', 'backslashreplace'))
        return {'code': code, 'stdout': texts[0], 'stderr': texts[1]}


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + '\n')
    sys.stdout.flush()
